import { KvStore, type Session, SessionStore, sessionCookie } from "cdktf-cloudflare-kv/runtime";
import { createMiddleware } from "hono/factory";
import type { Bindings } from "./bindings.js";

/** Somebody the Worker knows. */
export interface Caller {
  userId: string;
  roles: string[];
}

/** `__Host-` cookies need HTTPS, which `localhost` does without. */
export const cookie = sessionCookie();

export function sessionsOf(env: Bindings): SessionStore<Caller> {
  return SessionStore.fromEnv<Caller>(env, "SESSIONS");
}

/** The token of `Authorization: Bearer …`, or null. */
export function bearerOf(request: Request): string | null {
  return /^Bearer (\S+)$/.exec(request.headers.get("Authorization") ?? "")?.[1] ?? null;
}

/** Only the hash of an API key is stored, as the key of its owner. */
export async function apiKeyOwner(env: Bindings, apiKey: string | null): Promise<Caller | null> {
  if (apiKey === null || apiKey.length > 200) return null;
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(apiKey));
  const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return KvStore.fromEnv<Caller>(env, "CONFIG", { prefix: "apikey" }).get(hex);
}

/** The session of the cookie, or of a token sent as bearer. */
export async function sessionOf(request: Request, env: Bindings): Promise<Session<Caller> | null> {
  return sessionsOf(env).get(cookie.read(request.headers) ?? bearerOf(request));
}

/** Whoever calls, by session or by API key. */
export async function callerOf(request: Request, env: Bindings): Promise<Caller | null> {
  const session = await sessionOf(request, env);
  return session?.data ?? (await apiKeyOwner(env, bearerOf(request)));
}

/** Lets admins through; 401 for strangers, 403 for everyone else. */
export const adminsOnly = createMiddleware<{ Bindings: Bindings }>(async (c, next) => {
  const caller = await callerOf(c.req.raw, c.env);
  if (caller === null) return c.json({ error: "log in, or send an API key" }, 401);
  if (!caller.roles.includes("admin")) return c.json({ error: "for admins only" }, 403);
  return next();
});
