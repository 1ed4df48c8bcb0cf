import { Cache, type KvLike } from "../../../src/runtime/index.js";

interface Env {
  CACHE: KvLike;
}

interface Execution {
  waitUntil(work: Promise<unknown>): void;
}

/** What this isolate did, for the test to ask. */
const seen = { loads: 0, puts: 0 };
let counted: KvLike | undefined;

/** The binding, with its writes counted; one object for the isolate, as a binding is. */
function counting(kv: KvLike): KvLike {
  counted ??= new Proxy(kv, {
    get(target, name) {
      if (name === "put") seen.puts++;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  return counted;
}

/** `/get?key=…&load=ms&wait&early&swr=s&ttl=s&later=s`: what the parameters say happens to one request. */
export default {
  async fetch(request: Request, env: Env, context: Execution): Promise<Response> {
    const { pathname, searchParams: query } = new URL(request.url);
    if (pathname === "/seen") return Response.json(seen);
    const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback);
    const cache = new Cache(counting(env.CACHE), {
      jitter: 0,
      earlyRefresh: 0,
      loaderTimeout: 0.5,
      ttl: number("ttl", 60),
      swr: number("swr", 0),
      now: () => Date.now() + number("later", 0) * 1000,
      ...(query.has("wait") && { waitUntil: (work: Promise<unknown>) => context.waitUntil(work) }),
    });
    const read = cache.getOrSet(query.get("key") ?? "key", async () => {
      const load = ++seen.loads;
      await new Promise((resolve) => setTimeout(resolve, number("load", 0)));
      return load;
    });
    if (query.has("early")) {
      read.catch(() => undefined);
      // The load must have begun before the response is out.
      for (let turn = 0; turn < 50 && seen.loads === 0; turn++) await env.CACHE.list({ limit: 1 });
      return new Response("early");
    }
    return Response.json(await read);
  },
};
