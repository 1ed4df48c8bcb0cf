import { type Context, Hono, type MiddlewareHandler } from "hono";
import { answerError, type Authorize, denied, forRequest, type PerRequest, refuse, waitUntilOf } from "./answers.js";
import { type SessionCookie, sessionCookie } from "../sessions/session-cookie.js";
import type { Session } from "../sessions/session.js";
import type { SessionStore } from "../sessions/sessions.js";

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
 * answers 503 and leaves the cookie alone: an outage does not log users out.
 */
export function sessionMiddleware<D>(
  store: PerRequest<SessionStore<D>>,
  { cookie = sessionCookie(), required = false, onUnauthorized }: SessionMiddlewareOptions = {},
): MiddlewareHandler<{ Variables: SessionVariables<D> }> {
  const own = cookie.clear().replace(/=.*/, "=");
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
    if (session === null || token === null || !sessions.isDue(session)) return;
    // Who logged out or rotated has set this cookie already; the application's other cookies do not matter.
    if (c.res.headers.getSetCookie().some((set) => set.startsWith(own))) return;
    const waitUntil = waitUntilOf(c);
    if (waitUntil !== undefined) sessions.touch(session, token, waitUntil);
    else await sessions.refresh(token).catch(() => null);
    c.header("Set-Cookie", cookie.write(token, (session.expiresAt - session.renewedAt) / 1000), { append: true });
  };
}

/** How {@link sessionRoutes} work. */
export interface SessionRouteOptions<D> {
  /** Checks who logs in. Returns the session's data, or the answer to a caller who may not log in. */
  authenticate: (c: Context) => Promise<D | Response>;
  /** Who may use `GET /:id`, `DELETE /:id` and, with `?userId=`, `GET /` and `DELETE /`. @default - there are no such routes */
  admin?: Authorize;
  /** @default sessionCookie() */
  cookie?: SessionCookie;
}

/**
 * `POST /` logs in and ends the session of the caller's cookie, `GET /current` and `DELETE /current` show and end it.
 * `GET /` and `DELETE /` list and end all sessions of its user, for stores with the option `userId`.
 */
export function sessionRoutes<D extends object>(
  store: PerRequest<SessionStore<D>>,
  { authenticate, admin, cookie = sessionCookie() }: SessionRouteOptions<D>,
): Hono {
  const app = new Hono();
  app.onError(answerError);
  const iso = (time: number) => (Number.isFinite(time) ? new Date(time).toISOString() : null);
  const shown = ({ id, data, createdAt, expiresAt }: Session<D>) => ({
    ...data,
    sessionId: id,
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
  });
  const missing = (c: Context) => refuse(c, 404, "NOT_FOUND", "session not found");
  const tokenOf = (c: Context) => cookie.read(c.req.raw.headers);

  /** The user whose sessions are meant: the caller, or the one an administrator names. */
  const userOf = async (c: Context, sessions: SessionStore<D>): Promise<string | Response> => {
    const named = c.req.query("userId");
    if (named !== undefined) {
      return (await denied(c, admin ?? (() => false))) ?? named;
    }
    const session = await sessions.get(tokenOf(c));
    return (session && sessions.userIdOf(session)) ?? missing(c);
  };

  app.post("/", async (c) => {
    const data = await authenticate(c);
    if (data instanceof Response) return data;
    const { token, session } = await forRequest(store, c).create(data, { replaces: tokenOf(c) });
    c.header("Set-Cookie", cookie.write(token, (session.expiresAt - session.renewedAt) / 1000));
    return c.json({ sessionId: session.id, expiresAt: iso(session.expiresAt) }, 201);
  });
  app.get("/", async (c) => {
    const sessions = forRequest(store, c);
    const user = await userOf(c, sessions);
    if (user instanceof Response) return user;
    const list = await sessions.listOf(user);
    return c.json(
      list.map(({ id, createdAt, expiresAt }) => ({
        sessionId: id,
        createdAt: iso(createdAt),
        expiresAt: iso(expiresAt),
      })),
    );
  });
  app.delete("/", async (c) => {
    const sessions = forRequest(store, c);
    const user = await userOf(c, sessions);
    if (user instanceof Response) return user;
    const ended = await sessions.destroyAll(user);
    if (c.req.query("userId") === undefined) {
      // A session of this moment may not be in the list yet.
      await sessions.destroy(tokenOf(c) ?? "");
      c.header("Set-Cookie", cookie.clear());
    }
    return c.json({ ended });
  });
  app.get("/current", async (c) => {
    const session = await forRequest(store, c).get(tokenOf(c));
    return session === null ? missing(c) : c.json(shown(session));
  });
  app.delete("/current", async (c) => {
    await forRequest(store, c).destroy(tokenOf(c) ?? "");
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
