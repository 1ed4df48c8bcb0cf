import { KvStore, SessionStore } from "cdktf-cloudflare-kv/runtime";
import { sessionRoutes } from "cdktf-cloudflare-kv/runtime/hono";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppContext, AppEnv } from "./bindings.js";

/** Somebody the Worker knows. */
export interface Caller {
  userId: string;
  roles: string[];
}

export const sessionsOf = (c: AppContext): SessionStore<Caller> =>
  SessionStore.fromEnv<Caller>(c.env, "SESSIONS", { userId: ({ userId }) => userId });

/** The owner of the API key in `Authorization: Bearer …`. Only the key's hash is stored. */
async function apiKeyOwner({ req, env }: AppContext): Promise<Caller | null> {
  const apiKey = /^Bearer (\S{1,200})$/.exec(req.header("Authorization") ?? "")?.[1];
  if (apiKey === undefined) return null;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(apiKey));
  const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return KvStore.fromEnv<Caller>(env, "CONFIG", { prefix: "apikey" }).get(hex);
}

/** Whether an admin calls, by session or by API key; the answer to strangers. */
export async function isAdmin(c: AppContext): Promise<boolean | Response> {
  const caller = c.get("session")?.data ?? (await apiKeyOwner(c));
  if (caller === null) return c.json({ error: "log in, or send an API key", code: "UNAUTHORIZED" }, 401);
  return caller.roles.includes("admin");
}

/** Lets admins through; 401 for strangers, 403 for everyone else. */
export const adminsOnly = createMiddleware<AppEnv>(async (c, next) => {
  const allowed = await isAdmin(c);
  if (allowed === true) return next();
  return allowed || c.json({ error: "for admins only", code: "FORBIDDEN" }, 403);
});

/** Log in with an API key, see who is logged in, log out; and, for admins, change what somebody may do. */
export const sessions = new Hono<AppEnv>();

sessions.put("/:id/roles", adminsOnly, async (c) => {
  const roles: unknown = await c.req.json().catch(() => null);
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === "string")) {
    return c.json({ error: 'the body must be a list of roles, such as ["admin"]', code: "BAD_BODY" }, 400);
  }
  // In place, under the same token: the next request of any tab of that user has the new roles.
  const session = await sessionsOf(c).updateById(c.req.param("id"), { roles });
  return session === null ? c.json({ error: "session not found", code: "NOT_FOUND" }, 404) : c.json(session.data);
});

sessions.route(
  "/",
  sessionRoutes(sessionsOf, {
    authenticate: async (c: AppContext): Promise<Caller | Response> =>
      (await apiKeyOwner(c)) ??
      c.json({ error: "send an API key: Authorization: Bearer <key>", code: "UNAUTHORIZED" }, 401),
    admin: isAdmin,
  }),
);
