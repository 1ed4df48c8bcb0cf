import {
  addressKey,
  BindingRateLimiter,
  KvRateLimiter,
  KvStore,
  type RateLimitBinding,
} from "cdktf-cloudflare-kv/runtime";
import { rateLimit } from "cdktf-cloudflare-kv/runtime/hono";
import { type Context, Hono } from "hono";

interface Bindings {
  LIMITS: KVNamespace;
  LOGINS: RateLimitBinding;
}

type HonoContext = Context<{ Bindings: Bindings }>;

const address = (c: Context) => addressKey(c.req.header("CF-Connecting-IP") ?? "unknown");
const app = new Hono<{ Bindings: Bindings }>();

app.use(async (c, next) => {
  const blocked = KvStore.fromEnv<string>(c.env, "LIMITS", { prefix: "blocked", codec: "text" });
  return (await blocked.has(address(c))) ? c.json({ error: "blocked" }, 403) : next();
});

// Approximate, and counted over all locations: keeps scrapers down.
app.use(
  "/api/*",
  rateLimit(
    (c: HonoContext) =>
      KvRateLimiter.fromEnv(c.env, "LIMITS", {
        limit: 20,
        window: 60,
        waitUntil: (work) => c.executionCtx.waitUntil(work),
      }),
    { key: address },
  ),
);

// Cloudflare's own, for each location: for what must not be tried too often.
app.use(
  "/login",
  rateLimit((c: HonoContext) => new BindingRateLimiter(c.env.LOGINS, { limit: 5, period: 60 }), { key: address }),
);

app.get("/api/search", (c) => c.json({ results: [] }));
app.post("/login", (c) => c.json({ error: "no such user" }, 401));

export default app;
