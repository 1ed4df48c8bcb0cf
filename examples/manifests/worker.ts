import { KvStore } from "cdktf-cloudflare-kv/runtime";

interface Env {
  CACHE: KVNamespace;
}

/** Counts visits in CACHE, each kept for the TTL that the manifest gives the namespace. */
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const visits = KvStore.fromEnv<number>(env, "CACHE");
    const before = (await visits.get(pathname)) ?? 0;
    await visits.set(pathname, before + 1);
    return Response.json({ pathname, visits: before + 1 });
  },
} satisfies ExportedHandler<Env>;
