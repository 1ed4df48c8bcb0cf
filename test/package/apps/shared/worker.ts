import { KvStore } from "cdktf-cloudflare-kv/runtime";

export default {
  async fetch(request: Request, env: object): Promise<Response> {
    const sessions = KvStore.fromEnv<{ visits: number }>(env, "SESSIONS");
    const visits = ((await sessions.get("visits"))?.visits ?? 0) + 1;
    await sessions.set("visits", { visits });
    return Response.json({ visits, path: new URL(request.url).pathname });
  },
};
