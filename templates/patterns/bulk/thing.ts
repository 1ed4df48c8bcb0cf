import { type KvLike, KvStore } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

export interface Thing {
  readonly name: string;
}

/** `GET /thing?id=1&id=2`: many at once, with one read for a hundred keys. */
export const thing: Route<ThingEnv> = async (request, env) => {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/thing" || request.method !== "GET") return undefined;
  const found = await KvStore.fromEnv<Thing>(env, "THING").getMany(searchParams.getAll("id").slice(0, 100));
  return Response.json(Object.fromEntries(found));
};
