import { type KvLike, Preferences } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

const defaults = { theme: "light", language: "en" };

/** `GET /thing` and `PATCH /thing`: the preferences of the user. */
export const thing: Route<ThingEnv> = async (request, env) => {
  if (new URL(request.url).pathname !== "/thing") return undefined;
  const user = userOf(request);
  if (user === undefined) return Response.json({ error: "log in first" }, { status: 401 });
  const preferences = Preferences.fromEnv<typeof defaults>(env, "THING", { defaults });
  if (request.method === "GET") return Response.json(await preferences.get(user));
  if (request.method !== "PATCH") return undefined;
  const { theme, language } = await request.json().then(asObject, () => ({}) as Record<string, unknown>);
  const patch = {
    ...(typeof theme === "string" && { theme }),
    ...(typeof language === "string" && { language }),
  };
  return Response.json(await preferences.update(user, patch));
};

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Nobody is known until you take the user from a session here: a header alone can be sent by anyone. */
function userOf(_request: Request): string | undefined {
  return undefined;
}
