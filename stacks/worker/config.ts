import { ConfigStore, type DeepPartial } from "cdktf-cloudflare-kv/runtime";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { adminsOnly } from "./access.js";
import type { Bindings } from "./bindings.js";

/** Settings that change without a deployment. */
export interface AppConfig {
  maintenanceMode: boolean;
  banner: string;
  rateLimits: Record<string, number>;
}

const DEFAULTS: AppConfig = { maintenanceMode: false, banner: "", rateLimits: { default: 100 } };

function configOf(env: Bindings): ConfigStore<AppConfig> {
  return ConfigStore.fromEnv<AppConfig>(env, "CONFIG", { defaults: DEFAULTS });
}

export const configRoutes = new Hono<{ Bindings: Bindings }>();

configRoutes.get("/", async (c) => c.json(await configOf(c.env).get()));

configRoutes.patch("/", adminsOnly, async (c) => {
  const patch = await c.req.json<DeepPartial<AppConfig>>().catch(() => null);
  if (patch === null || typeof patch !== "object") return c.json({ error: "the body must be settings as JSON" }, 400);
  return c.json(await configOf(c.env).patch(patch));
});

/** While maintained, only the settings answer, so that someone can end it. */
export const maintenance = createMiddleware<{ Bindings: Bindings }>(async (c, next) => {
  const { maintenanceMode } = await configOf(c.env).get();
  if (!maintenanceMode || c.req.path.startsWith("/config")) return next();
  c.header("Retry-After", "300");
  return c.json({ error: "service under maintenance" }, 503);
});
