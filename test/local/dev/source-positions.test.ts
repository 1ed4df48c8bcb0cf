import { buildSync } from "esbuild";
import { SourcePositions } from "../../../src/local/dev/source-positions.js";
import { tempDirs } from "../../support/temp-dir.js";

const dirs = tempDirs();

function built(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    sourcemap: "inline",
    outfile: dirs.path("src/out.js"),
  });
  return outputFiles[0]?.text ?? "";
}

/** A bundle of two files, and where the second one throws in it. */
function bundled(): { readonly text: string; readonly entry: string; readonly line: number; readonly column: number } {
  dirs.write(
    "src/lib/util.ts",
    "export function fail(): never {\n  // Two lines before it.\n  throw new Error();\n}\n",
  );
  const entry = dirs.write(
    "src/index.ts",
    'import { fail } from "./lib/util";\nexport default { fetch: () => fail() };\n',
  );
  const text = built(entry);
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.includes("throw new Error"));
  return { text, entry, line: at + 1, column: (lines[at] ?? "").indexOf("throw") + 1 };
}

describe("positions in a bundle", () => {
  it("become those in its sources, relative to the project", () => {
    const { text, entry, line, column } = bundled();
    const positions = new SourcePositions(dirs.path());
    positions.set("shop.js", text, entry);
    expect(positions.mapped(`at fail (file:///shop.js:${line}:${column})`)).toBe("at fail (src/lib/util.ts:3:3)");
    expect(positions.mapped(`at shop.js:${line}:${column}, twice: file:///shop.js:${line}:${column}`)).toBe(
      "at src/lib/util.ts:3:3, twice: src/lib/util.ts:3:3",
    );
  });

  it("stay as they are in files that are not bundles, and beyond the end of one", () => {
    const { text, entry } = bundled();
    const positions = new SourcePositions(dirs.path());
    positions.set("shop.js", text, entry);
    for (const other of ["file:///other.js:1:1", "shop.jsx:1:1", "https://shop.test/a.js:1:1", "no position"]) {
      expect(positions.mapped(other)).toBe(other);
    }
  });

  it("are those of the last build of that name", () => {
    const { text, entry, line, column } = bundled();
    const positions = new SourcePositions(dirs.path());
    positions.set("shop.js", text, entry);
    positions.mapped(`shop.js:${line}:${column}`);
    dirs.write("src/lib/util.ts", "// One line.\nexport function fail(): never { throw new Error(); }\n");
    const again = built(entry);
    positions.set("shop.js", again, entry);
    const at = again.split("\n").findIndex((each) => each.includes("throw new Error"));
    expect(positions.mapped(`shop.js:${at + 1}:3`)).toMatch(/^src\/lib\/util\.ts:2:\d+$/);
  });
});
