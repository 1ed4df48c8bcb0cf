import { sessionStrategy } from "cdktf-cloudflare-kv/runtime/react-router";
import { createCookie, createSessionStorage, createStaticHandler, data, redirect } from "react-router";

interface Env {
  SESSIONS: KVNamespace;
  COOKIE_SECRET: string;
}

interface Cart {
  items: string[];
}

function cartsOf(env: Env) {
  const secure = { httpOnly: true, secure: true, sameSite: "lax" as const, path: "/" };
  const cookie = createCookie("__Host-cart", { ...secure, maxAge: 86_400, secrets: [env.COOKIE_SECRET] });
  return createSessionStorage<Cart>({ cookie, ...sessionStrategy(env.SESSIONS) });
}

/** A visitor's cart: a loader that reads the session, and an action that changes it. `POST /` adds an item or ends it. */
function routes({ getSession, commitSession, destroySession }: ReturnType<typeof cartsOf>) {
  return createStaticHandler([
    {
      path: "/",
      async loader({ request }) {
        const session = await getSession(request.headers.get("Cookie"));
        return data({ items: session.get("items") ?? [] });
      },
      async action({ request }) {
        const session = await getSession(request.headers.get("Cookie"));
        const item = (await request.formData()).get("item");
        if (typeof item !== "string")
          return redirect("/", { headers: { "Set-Cookie": await destroySession(session) } });
        session.set("items", [...(session.get("items") ?? []), item]);
        return redirect("/", { headers: { "Set-Cookie": await commitSession(session) } });
      },
    },
  ]);
}

export default {
  async fetch(request, env) {
    const context = await routes(cartsOf(env)).query(request);
    if (context instanceof Response) return context;
    return Response.json(context.loaderData["0"] ?? context.errors, { status: context.statusCode });
  },
} satisfies ExportedHandler<Env>;
