import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";

const SRC = "src";

/** What every part may import: it knows nothing of this project. */
const FOR_ALL: readonly string[] = ["values"];

/** What each part of src may import: other parts, then packages. Nothing else, types included. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  errors: [],
  suggest: ["fastest-levenshtein"],
  documentation: [],
  values: [],
  files: ["node:"],
  kv: [],
  bundle: ["esbuild", "node:"],
  d1: ["errors", "node:"],
  runtime: ["kv", "hono", "@openfeature/server-sdk"],
  lock: ["errors", "files", "node:"],
  manifest: ["errors", "suggest", "kv", "yaml", "node:"],
  assembly: ["errors", "suggest", "kv", "node:"],
  cloudflare: ["errors", "kv", "ky", "p-throttle", "node:"],
  constructs: [
    "errors",
    "suggest",
    "kv",
    "lock",
    "cdktf",
    "constructs",
    "@cdktf/provider-cloudflare",
    "assembly",
    "bundle",
    "d1",
    "node:",
  ],
  data: ["errors", "files", "kv", "cloudflare", "yaml", "csv-parse", "node:"],
  local: [
    "errors",
    "files",
    "kv",
    "d1",
    "assembly",
    "bundle",
    "graphql",
    "miniflare",
    "chokidar",
    "dotenv",
    "p-limit",
    "node:",
  ],
  deploy: ["documentation", "errors", "assembly", "node:"],
  report: ["kv", "assembly", "cloudflare", "string-width", "d3-scale", "d3-shape", "@dagrejs/dagre", "node:"],
  wrangler: ["errors", "suggest", "files", "kv", "manifest", "assembly", "jsonc-parser", "toml-eslint-parser", "node:"],
  synth: ["errors", "kv", "lock", "manifest", "constructs", "cdktf", "@cdktf/provider-cloudflare", "node:"],
  cli: [
    "documentation",
    "errors",
    "files",
    "suggest",
    "kv",
    "lock",
    "manifest",
    "assembly",
    "bundle",
    "cloudflare",
    "d1",
    "data",
    "local",
    "deploy",
    "wrangler",
    "report",
    "synth",
    "@commander-js/extra-typings",
    "commander",
    "cli-progress",
    "@bomb.sh/tab",
    "node:",
  ],
  index: ["errors", "constructs", "manifest", "synth"],
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** The rows of the table in docs/architecture.md: the layer of each part, and the packages it may use. */
const ROWS = new Map(
  [...readFileSync("docs/architecture.md", "utf8").matchAll(/^\| (\d) \| `([\w-]+)` \|.*\| ([^|]*) \|$/gm)].map(
    ([, layer, part = "", packages = ""]) => [
      part,
      { layer: Number(layer), packages: [...packages.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name) },
    ],
  ),
);

describe("the parts of src", () => {
  for (const file of files) {
    const part = partOf(file);
    const allowed = MAY_IMPORT[part];

    it(`${file} imports only what '${part}' may`, () => {
      if (allowed === undefined) throw new Error(`add '${part}' to MAY_IMPORT`);
      const strangers = importsOf(file).filter((name) => ![part, ...FOR_ALL, ...allowed].includes(name));
      expect(strangers).toEqual([]);
    });
  }
});

describe("docs/architecture.md", () => {
  it("has a row for each part", () => {
    expect([...ROWS.keys()].sort()).toEqual([...new Set(files.map(partOf))].sort());
  });

  it.each(Object.keys(MAY_IMPORT))(
    "names the packages of a part and puts what it imports on lower layers: %s",
    (part) => {
      const row = ROWS.get(part);
      const allowed = MAY_IMPORT[part] ?? [];
      // The package `constructs` has the name of a part.
      const isPart = (name: string) => name in MAY_IMPORT && name !== part;
      const higher = allowed.filter((name) => isPart(name) && (ROWS.get(name)?.layer ?? 9) >= (row?.layer ?? 0));
      expect(higher).toEqual([]);
      const packages = allowed.filter((name) => !isPart(name) && name !== "node:");
      expect(row?.packages.toSorted()).toEqual(packages.toSorted());
    },
  );

  it.each(Object.keys(MAY_IMPORT))("allows no import that nothing uses: %s", (part) => {
    const used = new Set(files.filter((file) => partOf(file) === part).flatMap(importsOf));
    expect((MAY_IMPORT[part] ?? []).filter((name) => !used.has(name))).toEqual([]);
  });
});

describe("the cfkv block", () => {
  const RECORD = join("assembly", "cfkv-record.ts");

  it("is described in one file, which is all that constructs imports of assembly", () => {
    const imports = files.filter((file) => partOf(file) === "constructs").flatMap(filesImportedBy);
    expect([...new Set(imports.filter((file) => partOf(file) === "assembly"))]).toEqual([RECORD]);
    expect(filesImportedBy(RECORD)).toEqual([]);
  });
});

describe("the size of files", () => {
  const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(ts|js|css|html)$/.test(file),
  );
  const long = sources.filter((file) => readFileSync(join(SRC, file), "utf8").split("\n").length > 301);

  it("is at most 300 lines, unless the first comment begins with 'Long, as'", () => {
    const silent = long.filter((file) => !/^(\/\/|\/\*|<!--) Long, as /.test(readFileSync(join(SRC, file), "utf8")));
    expect(silent).toEqual([]);
  });
});

/**
 * Files that import each other in a circle, types included: the largest of each part. They are known, and may only
 * shrink: a part that is not named has none.
 */
const LARGEST_CIRCLE: Record<string, number> = { cli: 2, constructs: 11, runtime: 2 };

describe("the files of a part", () => {
  const imports = new Map(files.map((file) => [file, filesImportedBy(file)]));
  const reached = new Map(files.map((file) => [file, reach(file, imports)]));
  const circleOf = (file: string): number =>
    [...(reached.get(file) ?? [])].filter((other) => reached.get(other)?.has(file)).length;

  it.each([...new Set(files.map(partOf))])("import each other in no larger circles than known: %s", (part) => {
    const sizes = files.filter((file) => partOf(file) === part).map(circleOf);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST_CIRCLE[part] ?? 0);
  });
});

/** Everything that a file imports, directly or not; itself only when it is in a circle. */
function reach(file: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const next = [...(imports.get(file) ?? [])];
  for (let each = next.pop(); each !== undefined; each = next.pop()) {
    if (found.has(each)) continue;
    found.add(each);
    next.push(...(imports.get(each) ?? []));
  }
  return found;
}

function filesImportedBy(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(SRC, file), "utf8"));
  const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
  return own.map((name) => join(dirname(file), name).replace(/\.js$/, ".ts"));
}

/** `kv/limits.ts` belongs to `kv`, `errors.ts` to `errors`. */
function partOf(file: string): string {
  return (file.split(sep)[0] ?? file).replace(/\.ts$/, "");
}

/** The part or package behind each import of the file. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(SRC, file), "utf8"));
  return importedFiles.map(({ fileName }) => {
    if (fileName.startsWith(".")) {
      return partOf(relative(SRC, join(SRC, dirname(file), fileName)).replace(/\.js$/, ".ts"));
    }
    if (fileName.startsWith("node:")) return "node:";
    return fileName
      .split("/")
      .slice(0, fileName.startsWith("@") ? 2 : 1)
      .join("/");
  });
}
