import { Cache } from "cdktf-cloudflare-kv/runtime";
import { Hono } from "hono";
import { adminsOnly } from "./access.js";
import type { Bindings } from "./bindings.js";
import { findProduct, popularProducts, type Product } from "./catalogue.js";

/** Fresh for as long as the namespace says, then served stale for a minute while it is fetched again. */
function productsOf(env: Bindings, context: Pick<ExecutionContext, "waitUntil">): Cache {
  return Cache.fromEnv(env, "CACHE", {
    prefix: "product",
    swr: 60,
    negativeTtl: 60,
    waitUntil: (promise) => context.waitUntil(promise),
  });
}

export const cacheRoutes = new Hono<{ Bindings: Bindings }>();

cacheRoutes.get("/:id", async (c) => {
  const id = c.req.param("id");
  const cache = productsOf(c.env, c.executionCtx);
  const seen = { loaded: false };
  const product = await cache.getOrSet<Product | null>(id, () => {
    seen.loaded = true;
    return findProduct(id);
  });
  c.header("X-Cache", seen.loaded ? "MISS" : "HIT");
  return product === null ? c.json({ error: "no such product" }, 404) : c.json(product);
});

cacheRoutes.delete("/:id/cache", adminsOnly, async (c) => {
  await productsOf(c.env, c.executionCtx).delete(c.req.param("id"));
  return c.json({ invalidated: true });
});

/** Fetches what most visitors ask for before they do. */
export async function warmCatalogue(env: Bindings, context: Pick<ExecutionContext, "waitUntil">): Promise<void> {
  const items = popularProducts().map((key) => ({ key, load: () => findProduct(key) }));
  await productsOf(env, context).warm(items, { skipFresh: true });
}
