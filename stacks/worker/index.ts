import { FeatureFlags } from "cdktf-cloudflare-kv/runtime";
import {
  answerError,
  configMiddleware,
  featureRoutes,
  maintenance,
  sessionMiddleware,
} from "cdktf-cloudflare-kv/runtime/hono";
import { Hono } from "hono";
import { isAdmin, sessions, sessionsOf } from "./access.js";
import type { AppContext, AppEnv, Bindings } from "./bindings.js";
import { config, configOf } from "./config.js";
import { products, warmCatalogue } from "./products.js";

const app = new Hono<AppEnv>();

app.get("/", (c) =>
  c.json({
    app: "edge-store",
    routes: {
      "POST /sessions": "log in with an API key: Authorization: Bearer <key>",
      "GET /sessions": "all sessions of the caller, or of ?userId= (admins); DELETE ends them",
      "GET /sessions/current": "the session of the cookie",
      "DELETE /sessions/current": "log out",
      "PUT /sessions/:id/roles": 'change what a session may do (admins): ["admin"], or []',
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

app.use(configMiddleware(configOf));
// While maintained, only the settings answer, so that someone can end it.
app.use(maintenance({ allow: (c) => c.req.path === "/config" }));
app.use(sessionMiddleware(sessionsOf));

app.route("/sessions", sessions);
app.route("/products", products);
app.route(
  "/features",
  featureRoutes((c: AppContext) => FeatureFlags.fromEnv(c.env, "FLAGS"), { authorize: isAdmin }),
);
app.route("/config", config);
app.notFound((c) => c.json({ error: "no such route, GET / lists them", code: "NOT_FOUND" }, 404));
// KV out of reach is no reason to treat anyone as logged out: 503, and let the caller try again.
app.onError(answerError);

export default {
  fetch: app.fetch,
  scheduled: (_event, env, context) => warmCatalogue(env, context),
} satisfies ExportedHandler<Bindings>;
