import { Hono } from "hono";
import { apiKeyOwner, bearerOf, cookie, sessionOf, sessionsOf } from "./access.js";
import type { Bindings } from "./bindings.js";

export const sessionRoutes = new Hono<{ Bindings: Bindings }>();

sessionRoutes.post("/", async (c) => {
  const owner = await apiKeyOwner(c.env, bearerOf(c.req.raw));
  if (owner === null) return c.json({ error: "send an API key: Authorization: Bearer <key>" }, 401);
  const { token, session } = await sessionsOf(c.env).create({ userId: owner.userId, roles: owner.roles });
  c.header("Set-Cookie", cookie.write(token, (session.expiresAt - Date.now()) / 1000));
  return c.json({ token, expiresAt: new Date(session.expiresAt).toISOString() }, 201);
});

sessionRoutes.get("/current", async (c) => {
  const session = await sessionOf(c.req.raw, c.env);
  if (session === null) return c.json({ error: "session not found" }, 404);
  const token = cookie.read(c.req.raw.headers) ?? bearerOf(c.req.raw);
  if (token !== null) {
    // At most one write in half a session's life.
    sessionsOf(c.env).touch(session, token, (promise) => c.executionCtx.waitUntil(promise));
  }
  return c.json({ ...session.data, expiresAt: new Date(session.expiresAt).toISOString() });
});

sessionRoutes.delete("/current", async (c) => {
  const token = cookie.read(c.req.raw.headers) ?? bearerOf(c.req.raw);
  if (token !== null) await sessionsOf(c.env).destroy(token);
  c.header("Set-Cookie", cookie.clear());
  return c.body(null, 204);
});
