import { type CacheEntry, cachified } from "@epic-web/cachified";
import { Cache, type KvLike } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";

/** Failures are part of the timelines. */
const onError = () => undefined;

type Loader = () => Promise<unknown>;

/** A cache as a caller sees it: lifetimes in seconds. */
interface Contender {
  get(load: Loader): Promise<unknown>;
  /** Loads whatever is stored, and keeps that when loading fails. */
  force(load: Loader): Promise<unknown>;
}

interface Lifetimes {
  ttl: number;
  swr?: number;
  /** Whether null is a value to keep. */
  keepsNull?: boolean;
}

type Step =
  | { after?: number; get: unknown; force?: true; expect: unknown; loads: number }
  | { after?: number; fails: true; force?: true; expect: unknown; loads: number };

function viaCachified(kv: MemoryKV, waitUntil: (work: Promise<unknown>) => void, { ttl, swr = 0 }: Lifetimes) {
  const cache = {
    name: "kv",
    get: async (key: string) => JSON.parse((await kv.get(key)) ?? "null") as CacheEntry | null,
    set: (key: string, entry: CacheEntry) =>
      kv.put(key, JSON.stringify(entry), { expirationTtl: Math.max(60, Math.ceil(ttl + swr)) }),
    delete: (key: string) => kv.delete(key),
  };
  const options = { key: "key", cache, ttl: ttl * 1000, swr: swr * 1000, waitUntil };
  return {
    get: (getFreshValue: Loader) => cachified({ ...options, getFreshValue }),
    force: (getFreshValue: Loader) => cachified({ ...options, getFreshValue, forceFresh: true }),
  };
}

function viaOurs(kv: KvLike, waitUntil: (work: Promise<unknown>) => void, { ttl, swr = 0, keepsNull }: Lifetimes) {
  const negativeTtl = keepsNull === true ? ttl : 0;
  const cache = new Cache(kv, { ttl, swr, negativeTtl, waitUntil, jitter: 0, earlyRefresh: 0, onError });
  return {
    get: (load: Loader) => cache.getOrSet("key", load),
    force: async (load: Loader) => {
      await cache.warm([{ key: "key", load }]);
      return cache.get("key");
    },
  };
}

const LIVED: Record<string, { lifetimes: Lifetimes; steps: Step[] }> = {
  "a miss, then hits until the ttl ends": {
    lifetimes: { ttl: 60 },
    steps: [
      { get: "a", expect: "a", loads: 1 },
      { after: 59, get: "b", expect: "a", loads: 0 },
      { after: 2, get: "b", expect: "b", loads: 1 },
    ],
  },
  "a ttl shorter than KV's minute": {
    lifetimes: { ttl: 5 },
    steps: [
      { get: 1, expect: 1, loads: 1 },
      { after: 4, get: 2, expect: 1, loads: 0 },
      { after: 2, get: 2, expect: 2, loads: 1 },
    ],
  },
  "stale while a new value is loaded after the response": {
    lifetimes: { ttl: 60, swr: 60 },
    steps: [
      { get: "a", expect: "a", loads: 1 },
      { after: 61, get: "b", expect: "a", loads: 1 },
      { get: "c", expect: "b", loads: 0 },
      { after: 121, get: "d", expect: "d", loads: 1 },
    ],
  },
  "stale when the load after the response fails": {
    lifetimes: { ttl: 60, swr: 600 },
    steps: [
      { get: "a", expect: "a", loads: 1 },
      { after: 61, fails: true, expect: "a", loads: 1 },
      { after: 61, get: "b", expect: "a", loads: 1 },
      { get: "c", expect: "b", loads: 0 },
    ],
  },
  "a loader's error reaches the caller, and nothing is stored": {
    lifetimes: { ttl: 60 },
    steps: [
      { fails: true, expect: new Error("down"), loads: 1 },
      { get: "a", expect: "a", loads: 1 },
      { after: 61, fails: true, expect: new Error("down"), loads: 1 },
    ],
  },
  "loaded by force, whatever is stored": {
    lifetimes: { ttl: 60 },
    steps: [
      { get: "a", expect: "a", loads: 1 },
      { get: "b", force: true, expect: "b", loads: 1 },
      { get: "c", expect: "b", loads: 0 },
      { after: 59, get: "c", expect: "b", loads: 0 },
      { after: 2, get: "c", expect: "c", loads: 1 },
    ],
  },
  "what is stored stands in when loading by force fails": {
    lifetimes: { ttl: 60 },
    steps: [
      { get: "a", expect: "a", loads: 1 },
      { fails: true, force: true, expect: "a", loads: 1 },
      { get: "b", expect: "a", loads: 0 },
    ],
  },
  "null as a value, where it is to be kept": {
    lifetimes: { ttl: 60, keepsNull: true },
    steps: [
      { get: null, expect: null, loads: 1 },
      { get: "a", expect: null, loads: 0 },
      { after: 61, get: "a", expect: "a", loads: 1 },
    ],
  },
  ...Object.fromEntries(
    [0, "", false, [], { a: [null, "é"] }].map((value) => [
      `${JSON.stringify(value)} as a value`,
      {
        lifetimes: { ttl: 60 },
        steps: [
          { get: value, expect: value, loads: 1 },
          { get: "other", expect: value, loads: 0 },
        ],
      },
    ]),
  ),
};

describe("Cache and cachified", () => {
  beforeEach(() => jest.useFakeTimers({ now: 1e12, doNotFake: ["setTimeout", "clearTimeout", "setImmediate"] }));
  afterEach(() => jest.useRealTimers());

  describe.each(Object.entries(LIVED))("%s", (_, { lifetimes, steps }) => {
    it.each([
      ["ours", viaOurs],
      ["cachified", viaCachified],
    ])("%s", async (__, make) => {
      const later = background();
      const contender: Contender = make(new MemoryKV(), later.waitUntil, lifetimes);
      for (const step of steps) {
        jest.setSystemTime(Date.now() + (step.after ?? 0) * 1000);
        const load = jest.fn(() => ("fails" in step ? Promise.reject(new Error("down")) : Promise.resolve(step.get)));
        const seen = await contender[step.force ? "force" : "get"](load).catch((error: unknown) => error);
        await later.settled();

        expect([seen, load.mock.calls.length]).toEqual([step.expect, step.loads]);
      }
    });
  });

  it.each([
    ["ours", viaOurs],
    ["cachified", viaCachified],
  ])("one load for concurrent callers: %s", async (_, make) => {
    const later = background();
    const contender = make(new MemoryKV(), later.waitUntil, { ttl: 60 });
    const load = jest.fn(() => new Promise((resolve) => setTimeout(() => resolve("a"), 5)));
    const values = await Promise.all(Array.from({ length: 20 }, () => contender.get(load)));

    expect([new Set(values), load.mock.calls.length]).toEqual([new Set(["a"]), 1]);
  });
});
