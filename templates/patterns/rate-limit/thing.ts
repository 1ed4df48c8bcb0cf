import { addressKey, KvRateLimiter, type KvLike } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

/** Refuses an address that asks too often; every other request goes on to the next route. Approximate, as KV is. */
export const thing: Route<ThingEnv> = async (request, env, context) => {
  const limiter = KvRateLimiter.fromEnv(env, "THING", {
    limit: 100,
    window: 60,
    waitUntil: context.waitUntil.bind(context),
  });
  const { allowed, retryAfter } = await limiter.check(addressKey(request.headers.get("CF-Connecting-IP") ?? "unknown"));
  if (allowed) return undefined;
  const headers = { "Retry-After": String(Math.ceil(retryAfter)) };
  return Response.json({ error: "too many requests" }, { status: 429, headers });
};
