import {
  Cache,
  ConfigStore,
  FeatureFlags,
  KvRateLimiter,
  KvStore,
  Preferences,
  SessionStore,
} from "../../../src/runtime/index.js";
import { type MemoryCounts, MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "./background.js";
import { testClock } from "./clock.js";

/** Everything a case needs, over one fresh namespace. */
function given() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  const common = { now: clock, waitUntil: later.waitUntil, onError: () => undefined };
  const caching = { ...common, jitter: 0, earlyRefresh: 0, ttl: 60, swr: 600 };
  const limiting = { ...common, limit: 1000, window: 60 };
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
    fixed: new KvRateLimiter(kv, { ...limiting, algorithm: "fixed" }),
    sliding: new KvRateLimiter(kv, { ...limiting, prefix: "sliding" }),
  };
}

export type Given = ReturnType<typeof given>;

/** A call and what it costs. */
export interface Case {
  /** Not counted. */
  before?: (given: Given) => Promise<unknown>;
  call: (given: Given) => unknown;
  /** Operations not named are none. */
  costs: Partial<MemoryCounts>;
}

export const ONE_READ = { reads: 1, subrequests: 1 };
export const ONE_WRITE = { writes: 1, subrequests: 1 };
export const ONE_DELETE = { deletes: 1, subrequests: 1 };
export const READ_WRITE = { reads: 1, writes: 1, subrequests: 2 };

export const range = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`);

/** Puts so many keys. */
export const fill = (count: number) => async (on: Given) => {
  for (const key of range(count)) await on.kv.put(key, "1");
};

/** One test a case: what the call and its work after the response cost, and nothing else. */
export function countOperations(cases: Record<string, Case>): void {
  it.each(Object.entries(cases))("%s", async (_, { before, call, costs }) => {
    const on = given();
    await before?.(on);
    await on.later.settled();
    on.kv.resetCounts();
    await call(on);
    await on.later.settled();

    expect(on.kv.counts).toEqual({ reads: 0, writes: 0, deletes: 0, lists: 0, subrequests: 0, ...costs });
  });
}
