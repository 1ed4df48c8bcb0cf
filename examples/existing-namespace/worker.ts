import { KvStore } from "cdktf-cloudflare-kv/runtime";

interface Env {
  SETTINGS: KVNamespace;
  TEXTS: KVNamespace;
  VISITORS: KVNamespace;
}

export default {
  async fetch(request, env) {
    const page = new URL(request.url).pathname;
    const title = await KvStore.fromEnv<string>(env, "SETTINGS", { codec: "text" }).get("title");
    const text = await KvStore.fromEnv<string>(env, "TEXTS", { codec: "text" }).get(page);
    await KvStore.fromEnv(env, "VISITORS").set(`last:${page}`, { at: new Date().toISOString() });
    return Response.json({ title, text });
  },
} satisfies ExportedHandler<Env>;
