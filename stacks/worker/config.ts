import { ConfigStore, type DeepPartial } from "cdktf-cloudflare-kv/runtime";
import { Hono } from "hono";
import { adminsOnly } from "./access.js";
import type { AppContext, AppEnv } from "./bindings.js";

/** Settings that change without a deployment. */
export interface AppConfig {
  maintenanceMode: boolean;
  banner: string;
  rateLimits: Record<string, number>;
}

const defaults: AppConfig = { maintenanceMode: false, banner: "", rateLimits: { default: 100 } };

export const configOf = (c: AppContext): ConfigStore<AppConfig> =>
  ConfigStore.fromEnv<AppConfig>(c.env, "CONFIG", { defaults });

export const config = new Hono<AppEnv>();

config.get("/", (c) => c.json(c.get("config")));

config.patch("/", adminsOnly, async (c) => {
  const patch = await c.req.json<DeepPartial<AppConfig> | null>().catch(() => null);
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) {
    return c.json({ error: "the body must be settings as JSON", code: "BAD_BODY" }, 400);
  }
  return c.json(await configOf(c).patch(patch));
});
