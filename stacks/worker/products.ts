import { Cache, type WaitUntil } from "cdktf-cloudflare-kv/runtime";
import { cacheRoute, invalidateRoute } from "cdktf-cloudflare-kv/runtime/hono";
import { type Context, Hono } from "hono";
import { isAdmin } from "./access.js";
import type { AppContext, AppEnv, Bindings } from "./bindings.js";
import { findProduct, popularProducts, type Product } from "./catalogue.js";

/** Fresh for as long as the namespace says, then served stale for a minute while it is fetched again. */
function cacheOf(env: Bindings, waitUntil: WaitUntil): Cache {
  return Cache.fromEnv(env, "CACHE", { prefix: "product", swr: 60, negativeTtl: 60, waitUntil });
}

const cache = ({ env, executionCtx }: AppContext) => cacheOf(env, (work) => executionCtx.waitUntil(work));
const key = (c: Context) => c.req.param("id") ?? "";

export const products = new Hono<AppEnv>()
  .get("/:id", cacheRoute<Product | null>(cache, { key, load: (c) => findProduct(key(c)) }))
  .delete("/:id/cache", invalidateRoute(cache, { key, authorize: isAdmin }));

/** Fetches what most visitors ask for before they do. */
export async function warmCatalogue(env: Bindings, context: ExecutionContext): Promise<void> {
  const items = popularProducts().map((id) => ({ key: id, load: () => findProduct(id) }));
  await cacheOf(env, (work) => context.waitUntil(work)).warm(items, { skipFresh: true });
}
