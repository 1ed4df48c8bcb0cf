import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { appFolder, filesBelow, run } from "./app-folder.js";

/** What `npm run synth` reads of the repository. */
const SOURCES = ["package.json", "tsconfig.json", "cdktf.json", "main.ts", "src", "stacks"];

/** The repository in a folder of its own, with the packages that are installed here. */
function checkout(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const source of SOURCES) cpSync(source, join(folder, source), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  return folder;
}

const root = appFolder();
const first = checkout("first");
const second = checkout("a second, with a longer name");

describe("npm run synth", () => {
  const trees = [first, second].map((folder) => {
    run(folder, "npm", ["run", "--silent", "synth"]);
    return filesBelow(join(folder, "cdktf.out"));
  });

  it("gives the same bytes in two folders", () => {
    expect(trees[0]).toEqual(trees[1]);
    expect(Object.keys(trees[0] ?? {})).toContain("stacks/edge-store-prod/cdk.tf.json");
  });

  it("gives the same bytes again", () => {
    run(first, "npm", ["run", "--silent", "synth"]);

    expect(filesBelow(join(first, "cdktf.out"))).toEqual(trees[0]);
  });

  it("leaves no path of the machine behind", () => {
    const telling = Object.entries(trees[0] ?? {}).filter(
      ([, text]) => text.includes(root) || text.includes(process.cwd()),
    );

    expect(telling.map(([path]) => path)).toEqual([]);
  });
});

describe("cdktf-cli", () => {
  const stacks = Object.keys(
    (JSON.parse(readFileSync(join(first, "cdktf.out/manifest.json"), "utf8")) as { stacks: object }).stacks,
  );

  it("synthesizes the reference stacks", () => {
    const said = run(first, "npx", ["cdktf", "synth"]);

    for (const stack of stacks) expect(said).toContain(stack);
  });

  it("lists them", () => {
    const said = run(first, "npx", ["cdktf", "list"]);

    for (const stack of stacks) expect(said).toMatch(new RegExp(`^${stack}\\s+cdktf.out/stacks/${stack}$`, "m"));
  });
});
