import { FeatureFlags, type KvLike } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

/** `GET /thing/<name>?user=<id>`: whether a feature is on for a user. */
export const thing: Route<ThingEnv> = async (request, env) => {
  const { pathname, searchParams } = new URL(request.url);
  const [, name] = /^\/thing\/([\w-]+)$/.exec(pathname) ?? [];
  if (name === undefined || request.method !== "GET") return undefined;
  const enabled = await FeatureFlags.fromEnv(env, "THING").isEnabled(name, searchParams.get("user") ?? undefined);
  return Response.json({ name, enabled });
};
