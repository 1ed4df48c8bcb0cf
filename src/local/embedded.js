import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/**
 * The text of a file that runs elsewhere: in workerd, or in a browser. TypeScript is bundled to one ES module.
 * This file reads it from the sources; `scripts/build.ts` replaces it in `dist` by one that holds the texts.
 *
 * @param {string} path relative to this file
 */
export function embedded(path) {
  const file = fileURLToPath(new URL(path, import.meta.url));
  if (!file.endsWith(".ts")) return readFileSync(file, "utf8");
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["node:*"],
    charset: "utf8",
  });
  return outputFiles[0]?.text ?? "";
}
