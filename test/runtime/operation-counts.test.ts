import {
  Cache,
  ConfigStore,
  FeatureFlags,
  KvRateLimiter,
  KvStore,
  Preferences,
  SessionStore,
} from "../../src/runtime/index.js";
import { type MemoryCounts, MemoryKV } from "../../src/runtime/testing.js";
import { background } from "./support/background.js";
import { testClock } from "./support/clock.js";

/** Everything a case needs, over one fresh namespace. */
function given() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  const common = { now: clock, waitUntil: later.waitUntil };
  const caching = { ...common, jitter: 0, earlyRefresh: 0, ttl: 60, swr: 600 };
  return {
    clock,
    kv,
    later,
    store: new KvStore<unknown>(kv, common),
    cache: new Cache(kv, caching),
    l1: new Cache(kv, { ...caching, prefix: "l1", l1: { ttl: 10, max: 10 } }),
    sessions: new SessionStore<{ a: number }>(kv, common),
    flags: new FeatureFlags(kv, common),
    config: new ConfigStore(kv, { ...common, defaults: { a: 1 } }),
    prefs: new Preferences(kv, { ...common, defaults: { a: 1, b: 2 } }),
    limiter: new KvRateLimiter(kv, { ...common, limit: 1000, window: 60, algorithm: "fixed" }),
  };
}

type Given = ReturnType<typeof given>;

interface Case {
  /** Not counted. */
  before?: (given: Given) => Promise<unknown>;
  call: (given: Given) => Promise<unknown>;
  /** Operations not named are none. */
  costs: Partial<MemoryCounts>;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`);
const fill = (count: number) => async (on: Given) => {
  for (const key of range(count)) await on.kv.put(key, "1");
};
const all = async (items: AsyncIterable<unknown>) => {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const load = () => Promise.resolve(1);
const token = "x".repeat(32);
const session = async ({ sessions }: Given) => (await sessions.create({ a: 1 })).token;
/** Remembers the token of a session made before the call. */
const withSession = (call: (on: Given, token: string) => Promise<unknown>): Pick<Case, "before" | "call"> => {
  let made = "";
  return { before: async (on) => (made = await session(on)), call: (on) => call(on, made) };
};

const ONE_READ = { reads: 1, subrequests: 1 };
const ONE_WRITE = { writes: 1, subrequests: 1 };
const ONE_DELETE = { deletes: 1, subrequests: 1 };
const READ_WRITE = { reads: 1, writes: 1, subrequests: 2 };

const CASES: Record<string, Case> = {
  "KvStore.get": { call: ({ store }) => store.get("a"), costs: ONE_READ },
  "KvStore.getEntry": { call: ({ store }) => store.getEntry("a"), costs: ONE_READ },
  "KvStore.has": { call: ({ store }) => store.has("a"), costs: ONE_READ },
  "KvStore.stream": { call: ({ store }) => store.stream("a"), costs: ONE_READ },
  "KvStore.getMany of 100": { call: ({ store }) => store.getMany(range(100)), costs: { reads: 100, subrequests: 1 } },
  "KvStore.getMany of 250": { call: ({ store }) => store.getMany(range(250)), costs: { reads: 250, subrequests: 3 } },
  "KvStore.getMany with one like an array index": {
    call: ({ store }) => store.getMany(["42", "a"]),
    costs: { reads: 3, subrequests: 2 },
  },
  "KvStore.getMany of nothing": { call: ({ store }) => store.getMany([]), costs: {} },
  "KvStore.set": { call: ({ store }) => store.set("a", 1), costs: ONE_WRITE },
  "KvStore.delete": { call: ({ store }) => store.delete("a"), costs: ONE_DELETE },
  "KvStore.setMany of 20": {
    call: ({ store }) => store.setMany(range(20).map((key): [string, number] => [key, 1])),
    costs: { writes: 20, subrequests: 20 },
  },
  "KvStore.list": { call: ({ store }) => store.list(), costs: { lists: 1, subrequests: 1 } },
  "KvStore.keys of 1001": {
    before: fill(1001),
    call: ({ store }) => all(store.keys()),
    costs: { lists: 2, subrequests: 2 },
  },
  "KvStore.entries of 150": {
    before: fill(150),
    call: ({ store }) => all(store.entries()),
    costs: { lists: 1, reads: 150, subrequests: 3 },
  },
  "KvStore.deleteByPrefix of 20": {
    before: fill(20),
    call: ({ store }) => store.deleteByPrefix("k"),
    costs: { lists: 1, deletes: 20, subrequests: 21 },
  },
  "KvStore.deleteByPrefix of more than its budget": {
    before: fill(1200),
    call: ({ store }) => store.deleteByPrefix("k"),
    costs: { lists: 1, deletes: 899, subrequests: 900 },
  },

  "Cache.get": { call: ({ cache }) => cache.get("a"), costs: ONE_READ },
  "Cache.getOrSet, a miss": { call: ({ cache }) => cache.getOrSet("a", load), costs: READ_WRITE },
  "Cache.getOrSet, 20 concurrent misses": {
    call: ({ cache }) => Promise.all(range(20).map(() => cache.getOrSet("a", load))),
    costs: { reads: 20, writes: 1, subrequests: 21 },
  },
  "Cache.getOrSet, a hit": {
    before: ({ cache }) => cache.set("a", 1),
    call: ({ cache }) => cache.getOrSet("a", load),
    costs: ONE_READ,
  },
  "Cache.getOrSet, a hit in memory": {
    before: ({ l1 }) => l1.set("a", 1),
    call: ({ l1 }) => l1.getOrSet("a", load),
    costs: {},
  },
  "Cache.getOrSet, a hit with 2 tags": {
    before: ({ cache }) => cache.set("a", 1, { tags: ["t", "u"] }),
    call: ({ cache }) => cache.getOrSet("a", load, { tags: ["t", "u"] }),
    costs: { reads: 3, subrequests: 1 },
  },
  "Cache.getOrSet, a hit with 2 tags it knows": {
    before: async ({ cache }) => {
      await cache.set("a", 1, { tags: ["t", "u"] });
      await cache.getOrSet("a", load, { tags: ["t", "u"] });
    },
    call: ({ cache }) => cache.getOrSet("a", load, { tags: ["t", "u"] }),
    costs: ONE_READ,
  },
  "Cache.getOrSet, stale": {
    before: async ({ cache, clock }) => {
      await cache.set("a", 1);
      clock.advance(61);
    },
    call: ({ cache }) => cache.getOrSet("a", load),
    costs: READ_WRITE,
  },
  "Cache.getOrSet, stale, 20 times": {
    before: async ({ cache, clock }) => {
      await cache.set("a", 1);
      clock.advance(61);
    },
    call: ({ cache }) => Promise.all(range(20).map(() => cache.getOrSet("a", load))),
    costs: { reads: 20, writes: 1, subrequests: 21 },
  },
  "Cache.getOrSet, a negative hit": {
    before: ({ cache }) => cache.getOrSet("a", () => null, { negativeTtl: 60 }),
    call: ({ cache }) => cache.getOrSet("a", () => null, { negativeTtl: 60 }),
    costs: ONE_READ,
  },
  "Cache.getOrSetMany of 100, half of them missing": {
    before: async ({ cache }) => {
      for (const key of range(50)) await cache.set(key, 1);
    },
    call: ({ cache }) =>
      cache.getOrSetMany(range(100), (keys) => Promise.resolve(new Map(keys.map((key) => [key, 1])))),
    costs: { reads: 100, writes: 50, subrequests: 51 },
  },
  "Cache.set": { call: ({ cache }) => cache.set("a", 1), costs: ONE_WRITE },
  "Cache.delete": { call: ({ cache }) => cache.delete("a"), costs: ONE_DELETE },
  "Cache.expire": {
    before: ({ cache }) => cache.set("a", 1),
    call: ({ cache }) => cache.expire("a"),
    costs: READ_WRITE,
  },
  "Cache.invalidateTags of 3": {
    call: ({ cache }) => cache.invalidateTags("t", "u", "v"),
    costs: { writes: 3, subrequests: 3 },
  },
  "Cache.invalidatePrefix of 20": {
    before: fill(20),
    call: ({ cache }) => cache.invalidatePrefix("k"),
    costs: { lists: 1, deletes: 20, subrequests: 21 },
  },
  "Cache.writeThrough": { call: ({ cache }) => cache.writeThrough("a", load), costs: ONE_WRITE },
  "Cache.writeThrough of null": {
    call: ({ cache }) => cache.writeThrough("a", () => Promise.resolve(null)),
    costs: ONE_DELETE,
  },
  "Cache.warm of 10 with skipFresh, 4 of them fresh": {
    before: async ({ cache }) => {
      for (const key of range(4)) await cache.set(key, 1);
    },
    call: ({ cache }) =>
      cache.warm(
        range(10).map((key) => ({ key, load })),
        { skipFresh: true },
      ),
    costs: { reads: 10, writes: 6, subrequests: 7 },
  },

  "SessionStore.create": { call: ({ sessions }) => sessions.create({ a: 1 }), costs: ONE_WRITE },
  "SessionStore.get": { ...withSession(({ sessions }, made) => sessions.get(made)), costs: ONE_READ },
  "SessionStore.get of garbage": { call: ({ sessions }) => sessions.get("../x"), costs: {} },
  "SessionStore.get and touch, soon": {
    ...withSession(async ({ sessions }, made) => {
      const found = await sessions.get(made);
      if (found !== null) sessions.touch(found, made);
    }),
    costs: ONE_READ,
  },
  "SessionStore.get and touch, after half of its life": {
    ...withSession(async ({ sessions, clock }, made) => {
      clock.advance(43_200);
      const found = await sessions.get(made);
      if (found !== null) sessions.touch(found, made);
    }),
    costs: READ_WRITE,
  },
  "SessionStore.refresh, soon": { ...withSession(({ sessions }, made) => sessions.refresh(made)), costs: ONE_READ },
  "SessionStore.refresh, forced": {
    ...withSession(({ sessions }, made) => sessions.refresh(made, { force: true })),
    costs: READ_WRITE,
  },
  "SessionStore.update": { ...withSession(({ sessions }, made) => sessions.update(made, { a: 2 })), costs: READ_WRITE },
  "SessionStore.rotate": {
    ...withSession(({ sessions }, made) => sessions.rotate(made)),
    costs: { reads: 1, writes: 1, deletes: 1, subrequests: 3 },
  },
  "SessionStore.destroy": { call: ({ sessions }) => sessions.destroy(token), costs: ONE_DELETE },

  "FeatureFlags.evaluate": { call: ({ flags }) => flags.evaluate("f"), costs: ONE_READ },
  "FeatureFlags.evaluate, remembered": {
    before: ({ flags }) => flags.evaluate("f"),
    call: ({ flags }) => flags.evaluate("f"),
    costs: {},
  },
  "FeatureFlags.evaluateAll of 150": {
    call: ({ flags }) => flags.evaluateAll(range(150)),
    costs: { reads: 150, subrequests: 2 },
  },
  "FeatureFlags.set": { call: ({ flags }) => flags.set("f", { enabled: true }), costs: ONE_WRITE },
  "FeatureFlags.patch": { call: ({ flags }) => flags.patch("f", { enabled: true }), costs: READ_WRITE },
  "FeatureFlags.delete": { call: ({ flags }) => flags.delete("f"), costs: ONE_DELETE },
  "FeatureFlags.list of 50": {
    before: async ({ flags }) => {
      for (const name of range(50)) await flags.set(name, { enabled: true });
    },
    call: ({ flags }) => flags.list(),
    costs: { lists: 1, subrequests: 1 },
  },

  "ConfigStore.get": { call: ({ config }) => config.get(), costs: ONE_READ },
  "ConfigStore.get, remembered": {
    before: ({ config }) => config.get(),
    call: ({ config }) => config.get(),
    costs: {},
  },
  "ConfigStore.set": { call: ({ config }) => config.set({ a: 2 }), costs: ONE_WRITE },
  "ConfigStore.patch": { call: ({ config }) => config.patch({ a: 2 }), costs: READ_WRITE },
  "ConfigStore.reset": { call: ({ config }) => config.reset(), costs: ONE_DELETE },

  "Preferences.get": { call: ({ prefs }) => prefs.get("ada"), costs: ONE_READ },
  "Preferences.getMany of 100": {
    call: ({ prefs }) => prefs.getMany(range(100)),
    costs: { reads: 100, subrequests: 1 },
  },
  "Preferences.update": { call: ({ prefs }) => prefs.update("ada", { a: 2 }), costs: READ_WRITE },
  "Preferences.update that changes nothing": {
    before: ({ prefs }) => prefs.update("ada", { a: 2 }),
    call: ({ prefs }) => prefs.update("ada", { a: 2 }),
    costs: ONE_READ,
  },
  "Preferences.reset": { call: ({ prefs }) => prefs.reset("ada"), costs: ONE_DELETE },

  "KvRateLimiter.check, the first": { call: ({ limiter }) => limiter.check("ip"), costs: READ_WRITE },
  "KvRateLimiter.check, 100 more": {
    before: ({ limiter }) => limiter.check("ip"),
    call: ({ limiter }) => Promise.all(range(100).map(() => limiter.check("ip"))),
    costs: {},
  },
  "KvRateLimiter.check, when it is time to sync": {
    before: async ({ limiter, clock }) => {
      await limiter.check("ip");
      clock.advance(10);
    },
    call: ({ limiter }) => limiter.check("ip"),
    costs: READ_WRITE,
  },
  "KvRateLimiter.reset": { call: ({ limiter }) => limiter.reset("ip"), costs: { deletes: 2, subrequests: 2 } },
};

describe("the KV operations of one call", () => {
  it.each(Object.entries(CASES))("%s", async (_, { before, call, costs }) => {
    const on = given();
    await before?.(on);
    await on.later.settled();
    on.kv.resetCounts();
    await call(on);
    await on.later.settled();

    expect(on.kv.counts).toEqual({ reads: 0, writes: 0, deletes: 0, lists: 0, subrequests: 0, ...costs });
  });
});
