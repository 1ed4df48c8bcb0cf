import { ConfigStore, Preferences } from "cdktf-cloudflare-kv/runtime";
import { configMiddleware, maintenance, preferenceRoutes } from "cdktf-cloudflare-kv/runtime/hono";
import { type Context, Hono } from "hono";

interface Bindings {
  CONFIG: KVNamespace;
}

/** Whatever is not stored, or cannot be used, is as it is here. */
const defaults = {
  maintenanceMode: false,
  banner: "",
  rateLimits: { requests: 100, windowSeconds: 60 },
};
type Settings = typeof defaults;

interface Environment {
  Bindings: Bindings;
  Variables: { config: Readonly<Settings> };
}

type HonoContext = Context<Environment>;

const app = new Hono<Environment>();
app.use(configMiddleware<Settings>((c: HonoContext) => ConfigStore.fromEnv(c.env, "CONFIG", { defaults })));
app.use(maintenance<Settings>({ allow: (c) => c.req.path === "/health" }));

app.get("/health", (c) => c.text("ok\n"));
app.get("/settings", (c) => c.json(c.get("config")));

app.route(
  "/preferences",
  preferenceRoutes(
    (c: HonoContext) =>
      Preferences.fromEnv(c.env, "CONFIG", { defaults: { theme: "light", language: "en", notifications: true } }),
    // A real Worker takes the user from its session: see examples/sessions.
    { user: (c) => c.req.header("X-User") ?? c.json({ error: "who are you" }, 401) },
  ),
);

export default app;
