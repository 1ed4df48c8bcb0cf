import { Cache, type KvLike } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

interface Item {
  readonly id: string;
  readonly loadedAt: string;
}

/** `GET /thing/<id>`: loaded once, then served from KV for the TTL of the namespace. */
export const thing: Route<ThingEnv> = async (request, env, context) => {
  const [, id] = /^\/thing\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
  if (id === undefined || request.method !== "GET") return undefined;
  const cache = Cache.fromEnv(env, "THING", { swr: 60, waitUntil: context.waitUntil.bind(context) });
  return Response.json(await cache.getOrSet<Item>(id, () => load(id)));
};

/** Read a database or another service here. */
function load(id: string): Promise<Item> {
  return Promise.resolve({ id, loadedAt: new Date().toISOString() });
}
