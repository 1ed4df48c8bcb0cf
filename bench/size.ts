import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

/** What a Worker ships for a part of the runtime: bundled, minified, compressed. The limits are design goals. */
const PARTS = [
  { name: "KvStore and Cache", source: `export { Cache, KvStore } from "./src/runtime/index.js";`, limit: 3_584 },
  { name: "everything of ./runtime", source: `export * from "./src/runtime/index.js";`, limit: 8_192 },
];

export function run(): void {
  console.log("part                        minified    gzipped      limit");
  for (const { name, source, limit } of PARTS) {
    const { outputFiles } = buildSync({
      stdin: { contents: source, resolveDir: process.cwd(), loader: "ts" },
      bundle: true,
      format: "esm",
      minify: true,
      target: "es2022",
      write: false,
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    const gzipped = gzipSync(code, { level: 9 }).length;
    console.log([name.padEnd(24), bytes(code.length), bytes(gzipped), bytes(limit)].join(" "));
    if (gzipped > limit) process.exitCode = 1;
  }
}

function bytes(count: number): string {
  return `${String(count).padStart(8)} B`;
}
