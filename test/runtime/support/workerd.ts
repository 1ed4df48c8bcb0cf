import { build } from "esbuild";
import { Miniflare, type MiniflareOptions } from "miniflare";

/** A Worker of ours in workerd, bundled as a user would. */
export async function runWorker(entry: string, options: Partial<MiniflareOptions> = {}): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    external: ["cloudflare:*"],
    alias: { "cdktf-cloudflare-kv/runtime": "./src/runtime/index.ts" },
  });
  return new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2025-09-01",
    kvNamespaces: ["CACHE"],
    ...options,
  } as MiniflareOptions);
}
