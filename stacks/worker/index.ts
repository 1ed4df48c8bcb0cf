import { type Context, Hono } from "hono";
import type { Bindings } from "./bindings.js";
import { cacheRoutes, warmCatalogue } from "./cache.js";
import { configRoutes, maintenance } from "./config.js";
import { flagRoutes } from "./flags.js";
import { sessionRoutes } from "./sessions.js";

const app = new Hono<{ Bindings: Bindings }>();

app.get("/", (c) =>
  c.json({
    app: "edge-store",
    routes: {
      "POST /sessions": "log in with an API key: Authorization: Bearer <key>",
      "GET /sessions/current": "the session of the cookie or the token",
      "DELETE /sessions/current": "log out",
      "GET /products/:id": "a product, from the cache when it is there",
      "DELETE /products/:id/cache": "forget the cached product (admins)",
      "GET /features": "all flags (admins)",
      "GET /features/:name": "one flag for ?userId=",
      "PUT /features/:name": "set a flag (admins)",
      "GET /config": "the settings",
      "PATCH /config": "change settings (admins); maintenanceMode answers everyone else with 503",
    },
  }),
);
app.get("/health", (c) => c.json({ ok: true }));
app.use(maintenance);
app.route("/sessions", sessionRoutes);
app.route("/products", cacheRoutes);
app.route("/features", flagRoutes);
app.route("/config", configRoutes);
app.notFound((c) => c.json({ error: "no such route, GET / lists them" }, 404));
app.onError((error, c: Context) => {
  // KV out of reach is no reason to treat anyone as logged out: say so, and let the caller try again.
  c.header("Retry-After", "5");
  return c.json({ error: "storage is out of reach", code: "code" in error ? error.code : "INTERNAL" }, 503);
});

export default {
  fetch: app.fetch,
  async scheduled(_event, env, context) {
    await warmCatalogue(env, context);
  },
} satisfies ExportedHandler<Bindings>;
