import { Cache } from "cdktf-cloudflare-kv/runtime";
import { cacheRoute, invalidateRoute, withKv } from "cdktf-cloudflare-kv/runtime/hono";
import { type Context, Hono } from "hono";

interface Bindings {
  CACHE: KVNamespace;
  DB: D1Database;
  ADMIN_KEY: string;
}

interface Product {
  id: string;
  name: string;
}

interface Environment {
  Bindings: Bindings;
  Variables: { cache: Cache };
}

const app = new Hono<Environment>();

// Fresh for the namespace's 300 s, then served for a minute while it is read again; an hour when the database is down.
app.use(
  withKv<{ cache: Cache }>({
    cache: (env, options) =>
      Cache.fromEnv(env, "CACHE", { ...options, prefix: "product", swr: 60, staleIfError: 3600, negativeTtl: 30 }),
  }),
);

const cacheOf = (c: Context<Environment>) => c.get("cache");
const idOf = (c: Context<Environment>) => c.req.param("id") ?? "";

app.get(
  "/products/:id",
  cacheRoute<Product | null>(cacheOf, {
    key: idOf,
    load: (c: Context<Environment>) =>
      c.env.DB.prepare("SELECT id, name FROM products WHERE id = ?").bind(idOf(c)).first<Product>(),
  }),
);

const authorize = (c: Context<Environment>) => c.req.header("Authorization") === `Bearer ${c.env.ADMIN_KEY}`;

app.delete("/products/:id/cache", invalidateRoute(cacheOf, { authorize, key: idOf }));

/** The new name is in the cache as soon as it is in the database. */
app.put("/products/:id", async (c) => {
  if (!authorize(c)) return c.json({ error: "not allowed" }, 403);
  const { name } = await c.req.json<{ name: string }>();
  const product = await cacheOf(c).writeThrough<Product>(idOf(c), () =>
    c.env.DB.prepare("INSERT INTO products VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = ?2 RETURNING *")
      .bind(idOf(c), name)
      .first<Product>(),
  );
  return c.json(product);
});

export default app;
