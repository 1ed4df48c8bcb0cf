import type { EngineAssets, EngineVersion } from "./types.js";

/** Static assets in Miniflare's form. */
export interface MiniflareAssets {
  readonly directory: string;
  readonly binding?: string;
  readonly routerConfig: {
    readonly has_user_worker: boolean;
    readonly invoke_user_worker_ahead_of_assets?: boolean;
    readonly static_routing?: { readonly user_worker: string[]; readonly asset_worker?: string[] };
  };
  readonly assetConfig: { readonly html_handling?: string; readonly not_found_handling?: string };
}

/** The code of a Worker that has only assets. */
export const NO_CODE = "export default { fetch: () => new Response(null, { status: 404 }) };";

export function miniflareAssets(assets: EngineAssets, version: EngineVersion): MiniflareAssets {
  const { directory, htmlHandling, notFoundHandling } = assets;
  const binding = version.bindings?.find(({ type }) => type === "assets")?.name;
  return {
    directory,
    ...(binding === undefined ? {} : { binding }),
    routerConfig: { has_user_worker: version.code !== undefined, ...routing(assets) },
    assetConfig: {
      ...(htmlHandling === undefined ? {} : { html_handling: htmlHandling }),
      ...(notFoundHandling === undefined ? {} : { not_found_handling: notFoundHandling }),
    },
  };
}

/** @see https://developers.cloudflare.com/workers/static-assets/routing/worker-script/ */
function routing({ runWorkerFirst: first }: EngineAssets): Partial<MiniflareAssets["routerConfig"]> {
  if (first === undefined || first === false) return {};
  if (first === true) return { invoke_user_worker_ahead_of_assets: true };
  const except = first.filter((path) => path.startsWith("!")).map((path) => path.slice(1));
  return {
    static_routing: {
      user_worker: first.filter((path) => !path.startsWith("!")),
      ...(except.length === 0 ? {} : { asset_worker: except }),
    },
  };
}

/** The `config` of assets with Cloudflare's names, from Terraform or the API. */
export function assetsHandling(config: Readonly<Record<string, unknown>>): Omit<EngineAssets, "directory"> {
  const { html_handling: html, not_found_handling: notFound, run_worker_first: first } = config;
  return {
    ...(typeof html === "string" ? { htmlHandling: html } : {}),
    ...(typeof notFound === "string" ? { notFoundHandling: notFound } : {}),
    ...(typeof first === "boolean" ? { runWorkerFirst: first } : {}),
    ...(Array.isArray(first) ? { runWorkerFirst: first.map(String) } : {}),
  };
}
