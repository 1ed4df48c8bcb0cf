import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MANIFEST_CODES, readManifests } from "../../src/manifest/index.js";
import { rehearse } from "../../src/synth/index.js";

const FOLDER = "test/fixtures/manifests/invalid";
const fixtures = readdirSync(FOLDER).flatMap((file) => /^([A-Z0-9_]+)\.yaml$/.exec(file)?.[1] ?? []);

/** Problems of files, command lines and whole apps, which no manifest can have: tested where they arise. */
const NOT_IN_A_FILE = [
  "DUPLICATE_STACK",
  "FILE_NOT_FOUND",
  "FILE_TOO_LARGE",
  "FILE_UNREADABLE",
  "INVALID_OVERRIDE",
  "MISSING_ACCOUNT_ID",
  "OVERRIDE_NO_MATCH",
];

describe("what each code looks like", () => {
  for (const code of fixtures) {
    it(`${code} is told as in ${code}.txt`, () => {
      const set = readManifests([`${code}.yaml`], { cwd: FOLDER });
      rehearse(set);
      const golden = join(FOLDER, `${code}.txt`);
      // UPDATE_GOLDEN=1 writes the texts anew, to be read before they are committed.
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, `${set.render()}\n`);
      expect(`${set.render()}\n`).toBe(readFileSync(golden, "utf8"));
      expect(set.problems.map((problem) => problem.code)).toContain(code);
    });
  }

  it("is shown for every code", () => {
    expect([...fixtures, ...NOT_IN_A_FILE].sort()).toEqual(Object.keys(MANIFEST_CODES).sort());
  });

  it("is documented for every code", () => {
    const page = readFileSync("docs/manifest.md", "utf8");
    expect(Object.keys(MANIFEST_CODES).filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
  });
});
