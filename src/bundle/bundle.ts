import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { buildSync, type BuildOptions, type BuildResult, type Metafile } from "esbuild";
import { explainFailure } from "./explain-failure.js";
import { type Compatibility, nodeModulesOf } from "./node-modules.js";
import { stableComments, stableMap, stableNames } from "./stable-names.js";

/** How an entry is bundled. */
export interface BundleRequest {
  /** Path of the entry. */
  readonly entry: string;
  readonly compatibility: Compatibility;
  /** The value of `process.env.NODE_ENV` in the code. */
  readonly mode: "production" | "development";
  readonly minify?: boolean;
  /** Appends the source map to the module. */
  readonly sourceMap?: boolean;
  readonly define?: Readonly<Record<string, string>>;
}

/** One ES module, and the files it needs. */
export interface Bundle {
  readonly text: string;
  /** Modules that the text imports by `./<name>`, because they are not JavaScript. */
  readonly files: readonly BundledFile[];
  /** Absolute paths of all source files: if none has changed, neither has the bundle. */
  readonly inputs: readonly string[];
}

export interface BundledFile {
  readonly name: string;
  readonly type: "wasm" | "data";
  readonly content: Uint8Array;
}

export type Bundled = Bundle | { readonly problem: string };

/** The first line of every bundle, where a gradual rollout writes data that a binding cannot carry. */
export const FIRST_LINE = "// cdktf-cloudflare-kv";

/**
 * wrangler's default rules for modules that are not JavaScript. @see
 * https://developers.cloudflare.com/workers/wrangler/bundling/
 */
const LOADERS = {
  ".txt": "text",
  ".html": "text",
  ".sql": "text",
  ".bin": "copy",
  ".wasm": "copy",
} satisfies BuildOptions["loader"];

/**
 * Bundles an entry and all it imports into one ES module, as wrangler would. The same sources produce the same bytes on
 * any machine and in any folder.
 */
export function bundle(request: BundleRequest): Bundled {
  const entry = resolve(request.entry);
  // Paths in comments and source maps are relative to this.
  const folder = dirname(entry);
  try {
    const result = buildSync({ entryPoints: [entry], absWorkingDir: folder, ...optionsOf(request) });
    return assemble(result, folder, request);
  } catch (error) {
    return { problem: `code could not be bundled:\n${explainFailure(error, folder, request.compatibility)}` };
  }
}

function optionsOf({ compatibility, mode, minify = false, sourceMap = false, define = {} }: BundleRequest) {
  const modules = nodeModulesOf(compatibility);
  return {
    bundle: true,
    write: false,
    outdir: ".",
    entryNames: "index",
    assetNames: "[name]-[hash]",
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    // `crypto` is `node:crypto`, for imports and in CommonJS packages alike.
    alias: Object.fromEntries(modules.map((name) => [name, `node:${name}`])),
    external: ["cloudflare:*", ...modules.map((name) => `node:${name}`)],
    loader: LOADERS,
    banner: { js: FIRST_LINE },
    charset: "utf8",
    logLevel: "silent",
    minify,
    sourcemap: sourceMap ? "external" : false,
    metafile: true,
    define: { "process.env.NODE_ENV": JSON.stringify(mode), ...define },
  } satisfies BuildOptions;
}

function assemble(
  { outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>,
  folder: string,
  { sourceMap = false }: BundleRequest,
): Bundle {
  const inputs = Object.keys(metafile.inputs);
  const name = stableNames(inputs);
  const textOf = (file: string): string => outputFiles.find(({ path }) => basename(path) === file)?.text ?? "";
  const files = outputFiles
    .filter(({ path }) => /\.(wasm|bin)$/.test(path))
    .map(({ path, contents }): BundledFile => {
      return { name: basename(path), type: path.endsWith(".wasm") ? "wasm" : "data", content: contents };
    });
  // Vercel and Next.js write `./x.wasm?module`; the suffix stays in esbuild's output.
  const code = files.reduce(
    (before, file) => before.replaceAll(`./${file.name}?module`, `./${file.name}`),
    textOf("index.js"),
  );
  const text = stableComments(code, name) + requireOf(metafile);
  return {
    text: sourceMap ? text + stableMap(textOf("index.js.map"), name) : text,
    files,
    inputs: inputs.map((input) => resolve(folder, input)),
  };
}

/**
 * What `require("node:crypto")` of CommonJS packages needs: esbuild keeps such calls, and calls `require` of the module
 * where there is one. Imports and functions are hoisted, so they can come last, where they move no line of a source
 * map.
 */
function requireOf({ outputs }: Metafile): string {
  const required = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external, path }) => kind === "require-call" && external === true && path.startsWith("node:"))
    .map(({ path }) => path);
  const names = [...new Set(required)].sort();
  if (names.length === 0) return "";
  const imports = names.map((path, at) => `import __cfkv_node_${at} from "${path}";\n`).join("");
  const cases = names.map((path, at) => `    case "${path}": return __cfkv_node_${at};\n`).join("");
  const rest = "    default: throw new Error(`module '${name}' is not in this bundle`);\n";
  return `${imports}function require(name) {\n  switch (name) {\n${cases}${rest}  }\n}\n`;
}

/** The bundle as one module, for a deployment that allows only one: data moves into the text. */
export function asOneModule(found: Bundle): Bundled {
  const wasm = found.files.find(({ type }) => type === "wasm");
  if (wasm !== undefined) {
    return {
      problem:
        `code imports WebAssembly (${wasm.name.replace(/-[A-Z0-9]+\.wasm$/, ".wasm")}), which the Terraform provider ` +
        "cannot upload for a Worker that is deployed all at once: use rollout: Rollout.gradual([…])",
    };
  }
  const text = found.files.reduce(
    (before, file) => before.replace(importOf(file.name), (_, local: string) => `var ${local} = ${bufferOf(file)};`),
    found.text,
  );
  return { ...found, text, files: [] };
}

function importOf(name: string): RegExp {
  return new RegExp(`\\bimport ([\\w$]+) ?from ?"\\./${name.replaceAll(".", "\\.")}";?`);
}

/** As in wrangler, the default export of a `.bin` file is an `ArrayBuffer`. */
function bufferOf({ content }: BundledFile): string {
  return `Uint8Array.from(atob("${Buffer.from(content).toString("base64")}"), (c) => c.charCodeAt(0)).buffer`;
}

/** A prebuilt module: only its text. */
export function builtModule(file: string): Bundle {
  return { text: readFileSync(file, "utf8"), files: [], inputs: [resolve(file)] };
}
