import { ConfigStore, type KvLike } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

/** What is not stored is as it is here. */
export const defaults = { maintenanceMode: false, banner: "" };

/** `GET /thing`: the settings. Everything else is closed while `maintenanceMode` is on. */
export const thing: Route<ThingEnv> = async (request, env) => {
  const settings = await ConfigStore.fromEnv(env, "THING", { defaults }).get();
  if (new URL(request.url).pathname === "/thing") return Response.json(settings);
  return settings.maintenanceMode ? Response.json({ error: "under maintenance" }, { status: 503 }) : undefined;
};
