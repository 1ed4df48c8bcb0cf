import { FeatureFlags } from "cdktf-cloudflare-kv/runtime";
import { featureRoutes } from "cdktf-cloudflare-kv/runtime/hono";
import { type Context, Hono } from "hono";

interface Bindings {
  FLAGS: KVNamespace;
  ADMIN_KEY: string;
}

type HonoContext = Context<{ Bindings: Bindings }>;

const flagsOf = (c: HonoContext) => FeatureFlags.fromEnv(c.env, "FLAGS");
const app = new Hono<{ Bindings: Bindings }>();

app.route(
  "/features",
  featureRoutes(flagsOf, {
    authorize: (c: HonoContext) => c.req.header("Authorization") === `Bearer ${c.env.ADMIN_KEY}`,
    public: "names",
  }),
);

app.get("/checkout", async (c) => {
  const user = c.req.query("userId");
  const isNew = await flagsOf(c).isEnabled("new-checkout", user);
  return c.text(isNew ? "the new checkout\n" : "the checkout everyone knows\n");
});

export default app;
