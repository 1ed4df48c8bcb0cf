import { FeatureFlags, type Flag, KvError } from "cdktf-cloudflare-kv/runtime";
import { Hono } from "hono";
import { adminsOnly } from "./access.js";
import type { Bindings } from "./bindings.js";

export const flagRoutes = new Hono<{ Bindings: Bindings }>();

flagRoutes.get("/", adminsOnly, async (c) => c.json(await FeatureFlags.fromEnv(c.env, "FLAGS").list()));

flagRoutes.get("/:name", async (c) => {
  const name = c.req.param("name");
  const enabled = await FeatureFlags.fromEnv(c.env, "FLAGS").isEnabled(name, c.req.query("userId"));
  return c.json({ name, enabled });
});

flagRoutes.put("/:name", adminsOnly, async (c) => {
  const name = c.req.param("name");
  const flag = await c.req.json<Flag>().catch(() => null);
  if (flag === null) return c.json({ error: "the body must be a flag as JSON" }, 400);
  try {
    return c.json({ ...(await FeatureFlags.fromEnv(c.env, "FLAGS").set(name, flag)), name });
  } catch (error) {
    if (error instanceof KvError && !error.retryable) return c.json({ error: error.message, code: error.code }, 422);
    throw error;
  }
});
