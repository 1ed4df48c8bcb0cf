import { KvError, KvStore, sessionCookie, SessionStore } from "cdktf-cloudflare-kv/runtime";

interface Env {
  SESSIONS: KVNamespace;
  USERS: KVNamespace;
}

interface User {
  userId: string;
  roles: string[];
}

const cookie = sessionCookie();

/** `POST /sessions` logs in, `GET /me` shows who is, `DELETE /sessions` logs out. No framework. */
export default {
  async fetch(request, env, context) {
    const sessions = SessionStore.fromEnv<User>(env, "SESSIONS", { waitUntil: context.waitUntil.bind(context) });
    const token = cookie.read(request.headers);
    try {
      switch (`${request.method} ${new URL(request.url).pathname}`) {
        case "POST /sessions":
          return await logIn(request, env, sessions);
        case "GET /me": {
          const session = await sessions.get(token);
          if (session === null || token === null) return Response.json({ error: "log in first" }, { status: 401 });
          // At most one write in half a day, after the response.
          sessions.touch(session, token);
          return Response.json(session.data);
        }
        case "DELETE /sessions":
          if (token !== null) await sessions.destroy(token);
          return new Response(null, { status: 204, headers: { "Set-Cookie": cookie.clear() } });
        default:
          return Response.json({ error: "no such route" }, { status: 404 });
      }
    } catch (error) {
      // An outage is no reason to treat anyone as logged out.
      if (error instanceof KvError) return Response.json({ error: error.code }, { status: 503 });
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;

async function logIn(request: Request, env: Env, sessions: SessionStore<User>): Promise<Response> {
  const apiKey = /^Bearer (\S{1,200})$/.exec(request.headers.get("Authorization") ?? "")?.[1] ?? "";
  const user = await KvStore.fromEnv<User>(env, "USERS", { prefix: "user" }).get(await hexOfHash(apiKey));
  if (user === null) return Response.json({ error: "send an API key: Authorization: Bearer …" }, { status: 401 });
  const { token, session } = await sessions.create(user);
  return Response.json(
    { sessionId: session.id, expiresAt: new Date(session.expiresAt).toISOString() },
    { status: 201, headers: { "Set-Cookie": cookie.write(token, sessions.ttl) } },
  );
}

async function hexOfHash(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
