import { bucket, Cache, FeatureFlags, type KvLike, KvStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { CONTENDERS } from "./contenders.js";

/** A binding that answers at once: what is left is the caller's own time. */
function instant(text: string, metadata: unknown): KvLike {
  const read = { value: text, metadata, cacheStatus: null };
  return {
    get: () => Promise.resolve(text),
    getWithMetadata: () => Promise.resolve(read),
    put: () => Promise.resolve(),
    delete: () => Promise.resolve(),
    list: () => Promise.resolve({ keys: [], list_complete: true }),
  } as unknown as KvLike;
}

/** The same, a few turns later, as a network's answer: then `readTimeout` needs a timer. */
function later(kv: KvLike): KvLike {
  const getWithMetadata = async (...asked: [key: string, options: { type: "text" }]) => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    return kv.getWithMetadata(...asked);
  };
  return { ...kv, getWithMetadata } as unknown as KvLike;
}

const value = { id: 42, name: "Coffee grinder", price: 8900, tags: ["kitchen", "new"] };
const text = JSON.stringify(value);
const end = Date.now() + 1e9;
const fail = () => Promise.reject(new Error("every read is a hit"));
const isolate = (kv: KvLike) => ({ kv, waitUntil: () => undefined, now: Date.now });

/** What one operation of each is. */
const plain = instant(text, null);
const ours = instant(text, { c: [end - 1e9, end, end], d: 5 });
const cachified = instant(JSON.stringify({ metadata: { createdTime: Date.now(), ttl: 1e9, swr: 0 }, value }), null);
const seeds = instant(JSON.stringify({ data: value, cachedAt: Date.now(), ttl: 1e6 }), null);
const cache = new Cache(ours, { earlyRefresh: 0 });
const store = new KvStore(ours);
const plainLater = later(plain);
const storeLater = new KvStore(plainLater);
const parse = async (kv: KvLike) => {
  const { value: read } = await kv.getWithMetadata("key", { type: "text" });
  return JSON.parse(read ?? "null") as unknown;
};
const flags = new FeatureFlags(new MemoryKV(), { memoTtl: 1e6 });
const contender = (name: string, kv: KvLike) => CONTENDERS[name]?.(isolate(kv)) ?? fail;
const viaCachified = contender("cachified, with waitUntil", cachified);
const viaUnstorage = contender("unstorage, by hand", plain);
const viaSeeds = contender("the seeds' getWithCache", seeds);

const OPERATIONS: Record<string, (turn: number) => unknown> = {
  "raw get, parsed": () => parse(plain),
  "KvStore.get": () => store.get("key"),
  "Cache.getOrSet, a hit": () => cache.getOrSet("key", fail),
  "Cache.getOrSet, a hit, own ttl": () => cache.getOrSet("key", fail, { ttl: 300 }),
  cachified: () => viaCachified("key", fail),
  unstorage: () => viaUnstorage("key", fail),
  "the seeds' getWithCache": () => viaSeeds("key", fail),
  "FeatureFlags.isEnabled, remembered": (turn) => flags.isEnabled("checkout", `user-${turn}`),
  "raw get, answered later": () => parse(plainLater),
  "KvStore.get with a timer, answered later": () => storeLater.get("key"),
  bucket: (turn) => bucket("checkout", `user-${turn}`),
};

/** `/?name=…&times=…` runs an operation so many times; the clock stands still in here, so the caller times it. */
export default {
  async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const name = query.get("name");
    if (name === null) return Response.json(Object.keys(OPERATIONS));
    await flags.set("checkout", { enabled: true, percentage: 50 });
    const run = OPERATIONS[name] ?? fail;
    const times = Number(query.get("times"));
    for (let turn = 0; turn < times; turn++) await run(turn);
    return new Response("done");
  },
};
