import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

interface SizeEntry {
  readonly name: string;
  readonly code: string;
  /** Bytes, minified and gzipped, that the design asks for. */
  readonly target?: number;
  /** Bytes that it must not grow past. */
  readonly limit?: number;
}

const KB = 1024;
const RUNTIME = "./src/runtime";
const of = (names: string) => `export { ${names} } from "${RUNTIME}/index.ts";`;

const ENTRIES: readonly SizeEntry[] = [
  { name: "store + cache", code: of("KvStore, Cache"), target: 7.5 * KB, limit: 9.96 * KB },
  { name: "everything in ./runtime", code: `export * from "${RUNTIME}/index.ts";`, target: 14 * KB, limit: 17.47 * KB },
  {
    name: "./runtime/openfeature",
    code: `export * from "${RUNTIME}/openfeature.ts";`,
    target: 1.5 * KB,
    limit: KB / 2,
  },
  { name: "./runtime/hono, without hono", code: `export * from "${RUNTIME}/hono.ts";` },
  { name: "./runtime/testing", code: `export * from "${RUNTIME}/testing.ts";` },
  ...["KvStore", "Cache", "SessionStore, sessionCookie", "FeatureFlags", "ConfigStore", "Preferences"].map((name) => ({
    name: `  ${name}`,
    code: of(name),
  })),
  { name: "  KvRateLimiter", code: of("KvRateLimiter") },
  { name: "  joinKey", code: of("joinKey"), target: 256, limit: 256 },
  { name: "@epic-web/cachified", code: 'export { cachified } from "@epic-web/cachified";' },
  {
    name: "unstorage with its KV driver",
    code: 'export { createStorage } from "unstorage"; export { default as driver } from "unstorage/drivers/cloudflare-kv-binding";',
  },
];

/** What a Worker ships for each part of the runtime; fails when a part has outgrown its limit. */
export async function run(): Promise<void> {
  console.log("minified and gzipped bytes                 size   target    limit");
  for (const { name, code, target, limit } of ENTRIES) {
    const size = await sizeOf(code);
    const columns = [size, target, limit].map((bytes) =>
      (bytes === undefined ? "" : String(Math.round(bytes))).padStart(8),
    );
    const verdict = limit !== undefined && size > limit ? "  too large" : "";
    console.log(`${name.padEnd(38)} ${columns.join(" ")}${verdict}`);
    if (verdict !== "") process.exitCode = 1;
  }
}

/** Minified and gzipped bytes of a module with all it imports. */
export async function sizeOf(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: resolve(import.meta.dirname, ".."), loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["hono", "cloudflare:*", "node:*"],
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).byteLength;
}
