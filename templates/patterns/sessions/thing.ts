import { type KvLike, sessionCookie, SessionStore } from "cdktf-cloudflare-kv/runtime";
import type { Route } from "./route.js";

export interface ThingEnv {
  THING: KvLike;
}

interface User {
  readonly userId: string;
}

const cookie = sessionCookie();

/** `POST /thing` logs in, `GET /thing` shows who is logged in, `DELETE /thing` logs out. */
export const thing: Route<ThingEnv> = async (request, env, context) => {
  if (new URL(request.url).pathname !== "/thing") return undefined;
  const sessions = SessionStore.fromEnv<User>(env, "THING", { waitUntil: context.waitUntil.bind(context) });
  const token = cookie.read(request.headers);
  switch (request.method) {
    case "POST": {
      const user = await authenticate(request);
      if (user === undefined) return Response.json({ error: "unknown user or wrong password" }, { status: 401 });
      const created = await sessions.create(user);
      const headers = { "Set-Cookie": cookie.write(created.token, sessions.ttl) };
      return Response.json({ userId: user.userId }, { status: 201, headers });
    }
    case "GET": {
      const session = await sessions.get(token);
      if (session === null || token === null) return Response.json({ error: "log in first" }, { status: 401 });
      sessions.touch(session, token);
      return Response.json(session.data);
    }
    case "DELETE":
      if (token !== null) await sessions.destroy(token);
      return new Response(null, { status: 204, headers: { "Set-Cookie": cookie.clear() } });
    default:
      return undefined;
  }
};

/** Nobody can log in until you check passwords, or the answer of an identity provider, here. */
async function authenticate(request: Request): Promise<User | undefined> {
  await request.text();
  return undefined;
}
