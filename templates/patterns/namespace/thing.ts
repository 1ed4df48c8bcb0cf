import { type KvLike, KvStore } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

export interface Thing {
  readonly name: string;
}

/** `GET /thing/<id>`: what is stored. */
export const thing: Route<ThingEnv> = async (request, env) => {
  const [, id] = /^\/thing\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
  if (id === undefined || request.method !== "GET") return undefined;
  const found = await KvStore.fromEnv<Thing>(env, "THING").get(id);
  return found === null ? Response.json({ error: "not found" }, { status: 404 }) : Response.json(found);
};
