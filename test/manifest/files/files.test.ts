import { truncateSync } from "node:fs";
import { Files } from "../../../src/manifest/files/files.js";
import { Findings } from "../../../src/manifest/findings/findings.js";
import { type ManifestSet, readManifests } from "../../../src/manifest/index.js";
import { tempDirs } from "../../support/temp-dir.js";
import { codesOf, namespaceYaml } from "../read-text.js";

const dirs = tempDirs();

function read(...paths: string[]): ManifestSet {
  return readManifests(paths, { cwd: dirs.path() });
}

function names({ units }: ManifestSet): string[] {
  return units.map(({ file, name }) => `${file} ${name}`);
}

describe("the files of manifests", () => {
  beforeEach(() => {
    for (const name of [
      "b.yml",
      "a.yaml",
      "deep/c d.yaml",
      "deep/er/d.yaml",
      ".hidden/e.yaml",
      "node_modules/f.yaml",
    ]) {
      const id = name.replace(/\W/g, "-");
      dirs.write(name, namespaceYaml(`namespace_name: ${id}`, { metadata: `metadata: {name: ${id}}` }));
    }
    dirs.write("readme.md", "no manifest");
  });

  it("are found in folders and those below, by name, without hidden ones and dependencies", () => {
    expect(names(read("."))).toEqual(["a.yaml a", "b.yml b", "deep/c d.yaml c-d", "deep/er/d.yaml d"]);
  });

  it("come in the order of their names in every folder, whatever order the system lists them in", () => {
    for (const name of ["z", "B", "é", "10", "9", "_"]) {
      dirs.write(`many/${name}.yaml`, namespaceYaml(`namespace_name: x${name.codePointAt(0) ?? 0}${name.length}`));
    }
    expect(new Files(dirs.path()).find(["many"], new Findings())).toEqual(
      ["10", "9", "B", "_", "z", "é"].map((name) => `many/${name}.yaml`),
    );
  });

  it("may be of the largest size, of one byte, and of none", () => {
    const text = `# ${"x".repeat(8 * 1024 * 1024 - 3)}\n`;
    for (const content of [text, "#", ""]) {
      dirs.write("size.yaml", content);
      const findings = new Findings();
      expect(new Files(dirs.path()).read("size.yaml", findings)?.text === content).toBe(true);
      expect(findings.all).toEqual([]);
    }
    dirs.write("size.yaml", `${text}\n`);
    expect(codesOf(read("size.yaml"))).toEqual(["FILE_TOO_LARGE"]);
  });

  it("are found by patterns, which do not cross folders unless they say so", () => {
    expect(names(read("*.yaml"))).toEqual(["a.yaml a"]);
    expect(names(read("**/*.yaml"))).toEqual(["a.yaml a", "deep/c d.yaml c-d", "deep/er/d.yaml d"]);
    expect(names(read("deep/*/?.yaml"))).toEqual(["deep/er/d.yaml d"]);
  });

  it("count once, however often they are named", () => {
    expect(names(read("a.yaml", "a.yaml", "*.y?ml", "b.yml"))).toEqual(["a.yaml a", "b.yml b"]);
  });

  it("that do not exist are reported, and all others are read", () => {
    dirs.write("empty/readme.md", "");
    const set = read("nowhere.yaml", "empty", "*.json", "a.yaml");
    expect(
      set.problems.map(({ file, code, message, line, column }) => `${file}:${line}:${column} ${code} ${message}`),
    ).toEqual([
      "nowhere.yaml:1:1 FILE_NOT_FOUND there is no such file or folder",
      "empty:1:1 FILE_NOT_FOUND the folder has no .yaml or .yml file in it",
      "*.json:1:1 FILE_NOT_FOUND no .yaml or .yml file matches the pattern",
    ]);
    expect(names(set)).toEqual(["a.yaml a"]);
  });

  it("that are too large are refused before they are read", () => {
    const file = dirs.write("large.yaml", "a: b\n");
    truncateSync(file, 100 * 1024 * 1024);
    const start = process.cpuUsage();
    expect(read("large.yaml").problems).toMatchObject([
      { code: "FILE_TOO_LARGE", message: "a manifest file can have at most 8 MiB: split it" },
    ]);
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });

  it("that are bad do not hide what is wrong with the others", () => {
    dirs.write("a.yaml", "a: [");
    dirs.write("b.yml", namespaceYaml("namespace_name: 5"));
    expect(codesOf(read("."))).toEqual(["YAML_SYNTAX", "WRONG_TYPE spec.namespace_name"]);
  });

  it("hold as many documents as they like, each with its number", () => {
    dirs.write(
      "a.yaml",
      `# comment\n---\n${namespaceYaml("namespace_name: x")}---\n---\n${namespaceYaml("namespace_name:")}`,
    );
    expect(read("a.yaml").problems).toMatchObject([{ code: "MISSING_FIELD", document: 3, line: 16 }]);
  });

  it("need not be there when that is said", () => {
    expect(codesOf(readManifests(["nowhere", "*.json"], { cwd: dirs.path(), optional: true }))).toEqual([]);
  });

  it("that disappear before they are read are reported", () => {
    const findings = new Findings();
    expect(new Files(dirs.path()).read("gone.yaml", findings)).toBeUndefined();
    expect(findings.all).toMatchObject([
      { code: "FILE_UNREADABLE", message: "the file cannot be read (ENOENT)", file: "gone.yaml" },
    ]);
  });

  it("cannot be read when they are no files", () => {
    expect(codesOf(read("a.yaml/b.yaml"))).toEqual(["FILE_NOT_FOUND"]);
  });
});
