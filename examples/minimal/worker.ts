import { KvStore } from "cdktf-cloudflare-kv/runtime";

interface Env {
  GREETINGS: KVNamespace;
}

export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1) || "world";
    const greetings = KvStore.fromEnv<{ times: number }>(env, "GREETINGS");
    const before = await greetings.get(name);
    // Written with the namespace's TTL of an hour.
    await greetings.set(name, { times: (before?.times ?? 0) + 1 });
    return new Response(before === null ? `Hello, ${name}!\n` : `Hello again, ${name}!\n`);
  },
} satisfies ExportedHandler<Env>;
