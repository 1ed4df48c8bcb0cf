import { type Context, Hono, type MiddlewareHandler } from "hono";
import { answerError, type Authorize, denied, forRequest, type PerRequest, refuse, waitUntilOf } from "./answers.js";
import { type SessionCookie, sessionCookie } from "../sessions/session-cookie.js";
import type { Session, SessionStore } from "../sessions/sessions.js";

/** How {@link sessionMiddleware} treats requests. */
export interface SessionMiddlewareOptions {
  /** @default sessionCookie() */
  cookie?: SessionCookie;
  /** Answers 401 to whoever has no session. @default false */
  required?: boolean;
  /** The answer instead of 401 as JSON. */
  onUnauthorized?: (c: Context) => Response | Promise<Response>;
}

/** What {@link sessionMiddleware} sets. */
export interface SessionVariables<D> {
  session: Session<D> | null;
  sessionToken: string | null;
}

/**
 * Puts the session of the cookie into `c.var.session`, and extends it after the response. When KV cannot be read, it
 * answers 503 and leaves the cookie alone: nobody is logged out by an outage.
 */
export function sessionMiddleware<D>(
  store: PerRequest<SessionStore<D>>,
  { cookie = sessionCookie(), required = false, onUnauthorized }: SessionMiddlewareOptions = {},
): MiddlewareHandler<{ Variables: SessionVariables<D> }> {
  return async (c, next) => {
    const sessions = forRequest(store, c);
    const token = cookie.read(c.req.raw.headers);
    let session: Session<D> | null;
    try {
      session = await sessions.get(token);
    } catch (error) {
      return answerError(error, c);
    }
    if (session === null && required) {
      return onUnauthorized?.(c) ?? refuse(c, 401, "UNAUTHORIZED", "log in first");
    }
    c.set("session", session);
    c.set("sessionToken", session === null ? null : token);
    await next();
    const waitUntil = waitUntilOf(c);
    if (session === null || token === null || waitUntil === undefined || !sessions.isDue(session)) return;
    // Logging out and rotating set the cookie themselves.
    if (c.res.headers.has("Set-Cookie")) return;
    sessions.touch(session, token, waitUntil);
    c.header("Set-Cookie", cookie.write(token, (session.expiresAt - session.renewedAt) / 1000), { append: true });
  };
}

/** How {@link sessionRoutes} work. */
export interface SessionRouteOptions<D> {
  /** Checks who logs in, and gives the session's data, or the answer to whoever may not. */
  authenticate: (c: Context) => Promise<D | Response>;
  /** Opens `GET` and `DELETE /:id` to whom it lets through. @default - there are no such routes */
  admin?: Authorize;
  /** @default sessionCookie() */
  cookie?: SessionCookie;
}

/** `POST /`, `GET /current`, `DELETE /current`; for administrators `GET /:id` and `DELETE /:id`. */
export function sessionRoutes<D extends object>(
  store: PerRequest<SessionStore<D>>,
  { authenticate, admin, cookie = sessionCookie() }: SessionRouteOptions<D>,
): Hono {
  const app = new Hono();
  app.onError(answerError);
  const shown = ({ id, data, createdAt, expiresAt }: Session<D>) => ({
    ...data,
    sessionId: id,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  });
  const missing = (c: Context) => refuse(c, 404, "NOT_FOUND", "session not found");

  app.post("/", async (c) => {
    const data = await authenticate(c);
    if (data instanceof Response) return data;
    const { token, session } = await forRequest(store, c).create(data);
    const expiresAt = new Date(session.expiresAt).toISOString();
    c.header("Set-Cookie", cookie.write(token, (session.expiresAt - session.renewedAt) / 1000));
    return c.json({ sessionId: session.id, expiresAt }, 201);
  });
  app.get("/current", async (c) => {
    const session = await forRequest(store, c).get(cookie.read(c.req.raw.headers));
    return session === null ? missing(c) : c.json(shown(session));
  });
  app.delete("/current", async (c) => {
    const token = cookie.read(c.req.raw.headers);
    if (token !== null) await forRequest(store, c).destroy(token);
    c.header("Set-Cookie", cookie.clear());
    return c.body(null, 204);
  });
  if (admin === undefined) return app;

  app.get("/:id", async (c) => {
    const no = await denied(c, admin);
    if (no !== undefined) return no;
    const session = await forRequest(store, c).getById(c.req.param("id"));
    return session === null ? missing(c) : c.json(shown(session));
  });
  app.delete("/:id", async (c) => {
    const no = await denied(c, admin);
    if (no !== undefined) return no;
    await forRequest(store, c).destroyById(c.req.param("id"));
    return c.body(null, 204);
  });
  return app;
}
