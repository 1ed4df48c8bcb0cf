import type { Context, EnvOf, Route } from "./route.js";
import { routes } from "./routes.js";

type Env = EnvOf<typeof routes>;

const all: readonly Route<Env>[] = routes;

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    for (const route of all) {
      const response = await route(request, env, context);
      if (response !== undefined) return response;
    }
    if (new URL(request.url).pathname === "/") return new Response("my-app is running\n");
    return Response.json({ error: "no such route" }, { status: 404 });
  },
};
