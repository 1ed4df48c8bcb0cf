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
  kv: ["errors"],
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
  data: ["errors", "files", "kv", "assembly", "cloudflare", "yaml", "csv-parse", "node:"],
  local: ["errors", "files", "kv", "d1", "assembly", "bundle", "miniflare", "chokidar", "dotenv", "p-limit", "node:"],
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
    "synth",
    "@commander-js/extra-typings",
    "commander",
    "cli-progress",
    "node:",
  ],
  index: ["errors", "kv", "constructs", "manifest", "synth", "assembly"],
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

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
