/**
 * Builds `dist`: ES modules in dist/esm, CommonJS in dist/cjs, each with its declarations.
 * With `--if-stale` it does nothing while `dist` is newer than all it is made from: npm runs `prepare` once
 * for `npm ci` and again for the first `npx cfkv`.
 */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve, sep } from "node:path";
import { build as bundle } from "esbuild";
import { embedded } from "../src/local/embedded.js";

const CONFIGS = [
  "tsconfig.build.json",
  "tsconfig.build.runtime.json",
  "tsconfig.build.cjs.json",
  "tsconfig.build.runtime.cjs.json",
];
const SOURCES = ["src", "scripts", "tsconfig.json", "tsconfig.worker.json", ...CONFIGS];

/** Written last: it says what dist/cjs holds, and when `dist` was complete. */
const STAMP = "dist/cjs/package.json";
const COMMAND = "dist/esm/cli/bin.js";

process.chdir(join(import.meta.dirname, ".."));
if (!(process.argv.includes("--if-stale") && isFresh())) await build();

async function build(): Promise<void> {
  rmSync("dist", { recursive: true, force: true });
  const codes = await Promise.all(CONFIGS.map(compile));
  if (codes.some((code) => code !== 0)) {
    process.exitCode = 1;
    return;
  }
  writeEmbedded();
  await joinManifest();
  if (existsSync(COMMAND)) chmodSync(COMMAND, 0o755);
  writeFileSync(STAMP, '{ "type": "commonjs" }\n');
}

/**
 * Joins the modules of `manifest` in one file: `cfkv validate` loads all of them before it reads anything, and half of its
 * start was finding them. Other parts and packages stay what they are, once each.
 */
async function joinManifest(): Promise<void> {
  const folder = resolve("dist/esm/manifest");
  await bundle({
    entryPoints: [join(folder, "index.js")],
    outfile: join(folder, "index.js"),
    allowOverwrite: true,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    plugins: [
      {
        name: "other parts",
        setup: (build) => {
          build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
            const file = join(resolveDir, path);
            if (file.startsWith(folder + sep)) return undefined;
            return { path: relative(folder, file).replaceAll(sep, "/"), external: true };
          });
        },
      },
    ],
  });
}

function compile(config: string): Promise<number> {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [tsc, "-p", config], { stdio: "inherit" })
      .once("error", reject)
      .once("close", (code) => resolve(code ?? 1));
  });
}

/** Puts the texts of what runs in workerd and in browsers where the sources have the function that reads them. */
function writeEmbedded(): void {
  const files = readdirSync("src/local", { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(worker\.ts|browser\.ts|html|css|svg)$/.test(file),
  );
  const texts = JSON.stringify(Object.fromEntries(files.sort().map((file) => [file, embedded(file)])), null, 2);
  const module = `const texts = ${texts};\nEXPORT function embedded(path) {\n  return texts[path];\n}\n`;
  writeFileSync("dist/esm/local/embedded.js", module.replace("EXPORT", "export"));
  const cjs = module.replace("EXPORT ", "") + "exports.embedded = embedded;\n";
  writeFileSync("dist/cjs/local/embedded.js", cjs);
  for (const kind of ["esm", "cjs"]) copyFileSync("src/local/embedded.d.ts", `dist/${kind}/local/embedded.d.ts`);
}

function isFresh(): boolean {
  return existsSync(STAMP) && newest(SOURCES) < statSync(STAMP).mtimeMs;
}

function newest(paths: string[]): number {
  const times = paths.map((path) => {
    const found = statSync(path);
    if (!found.isDirectory()) return found.mtimeMs;
    // A folder's own time changes when a file is removed.
    return Math.max(found.mtimeMs, newest(readdirSync(path).map((name) => join(path, name))));
  });
  return Math.max(0, ...times);
}
