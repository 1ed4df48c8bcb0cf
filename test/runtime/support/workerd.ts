import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";

/** Puts an example's seed file into a namespace, as `cfkv dev` does. */
export async function seed(worker: Miniflare, binding: string, file: string): Promise<void> {
  const kv = await worker.getKVNamespace(binding);
  const entries = JSON.parse(readFileSync(file, "utf8")) as { key: string; value: string }[];
  for (const { key, value } of entries) await kv.put(key, value);
}

/** A Worker of ours in workerd, bundled as a user would. */
export async function runWorker(entry: string, options: Partial<MiniflareOptions> = {}): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    external: ["cloudflare:*", "node:*", "buffer"],
    conditions: ["workerd", "worker", "browser"],
    alias: {
      "cdktf-cloudflare-kv/runtime/better-auth": "./src/runtime/better-auth.ts",
      "cdktf-cloudflare-kv/runtime/hono": "./src/runtime/hono.ts",
      "cdktf-cloudflare-kv/runtime/keyv": "./src/runtime/keyv.ts",
      "cdktf-cloudflare-kv/runtime/react-router": "./src/runtime/react-router.ts",
      "cdktf-cloudflare-kv/runtime/unstorage": "./src/runtime/unstorage.ts",
      "cdktf-cloudflare-kv/runtime": "./src/runtime/index.ts",
    },
  });
  return new Miniflare({
    // Named one by one: Miniflare would look for modules itself and stop at an import it cannot follow.
    modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0]?.text ?? "" }],
    compatibilityDate: "2025-09-01",
    kvNamespaces: ["CACHE"],
    ...options,
  } as MiniflareOptions);
}
