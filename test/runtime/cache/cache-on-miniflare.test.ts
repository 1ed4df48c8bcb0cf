import { Cache, type CacheSettings, KvStore } from "../../../src/runtime/index.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";
import { localWorker, names, secondsLeft, stored } from "../support/local-kv.js";

/** A cache that keeps to the second, its namespace, its clock and a loader that answers with the number of its call. */
async function setUp(local: ReturnType<typeof localWorker>, settings: CacheSettings = {}) {
  const clock = testClock();
  const kv = await local.kv();
  const later = background();
  let calls = 0;
  const load = jest.fn(() => Promise.resolve(++calls));
  const cache = new Cache(kv, { now: clock, jitter: 0, earlyRefresh: 0, waitUntil: later.waitUntil, ...settings });
  return { clock, kv, later, load, cache };
}

/** The cache, on Miniflare's KV. */
describe("Cache on Miniflare", () => {
  const local = localWorker();

  it("a cache needs a binding alone", async () => {
    const cache = new Cache(await local.kv());
    await cache.set("a", 1);

    expect(await cache.get("a")).toBe(1);
  });

  it("get gives JSON, or undefined for a miss", async () => {
    const { cache, kv } = await setUp(local);
    await kv.put("a", '{"b":[1]}');

    expect([await cache.get("a"), await cache.get("b")]).toEqual([{ b: [1] }, undefined]);
  });

  it("set keeps for an hour by default, with metadata beside the plain value", async () => {
    const { cache, kv, clock } = await setUp(local);
    await cache.set("hour", { v: 1 });
    await cache.set("short", 1, { ttl: 300, tags: ["t"] });

    expect(await secondsLeft(kv)).toEqual({ hour: 3600, short: 300 });
    expect(await stored(kv, "hour")).toEqual({ v: 1 });
    expect(await cache.inspect("short")).toEqual({ value: 1, state: "fresh", createdAt: clock(), tags: ["t"] });
  });

  it("delete forgets", async () => {
    const { cache, kv } = await setUp(local);
    await cache.set("a", 1);
    await cache.delete("a");

    expect([await cache.get("a"), await names(kv)]).toEqual([undefined, []]);
  });

  it("getOrSet loads what is missing, once", async () => {
    const { cache, load, later } = await setUp(local);
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet("a", load)))).toEqual([1, 1, 1]);
    await later.settled();

    expect(await cache.getOrSet("a", load)).toBe(1);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("names under a prefix, at most as many as asked for, and over all pages", async () => {
    const { cache, kv } = await setUp(local);
    for (let id = 0; id < 5; id++) await cache.set(`product:${id}`, id);
    await cache.set("user:1", 1);
    const found: string[] = [];
    for await (const { name } of new KvStore(kv).keys({ prefix: "product:", max: 3 })) found.push(name);

    expect(found).toEqual(["product:0", "product:1", "product:2"]);
    expect((await new KvStore(kv).list({ prefix: "product:" })).keys).toHaveLength(5);
  });

  it("a prefix is deleted, and counted", async () => {
    const { cache, kv } = await setUp(local);
    for (const key of ["product:1", "product:2", "user:1"]) await cache.set(key, 1);

    expect(await cache.invalidatePrefix("product:")).toMatchObject({ deleted: 2, done: true });
    expect(await names(kv)).toEqual(["user:1"]);
  });

  it("beside a value stands when it was made and how long it is fresh and usable", async () => {
    const { cache, kv, clock } = await setUp(local);
    await cache.set("a", "data", { ttl: 60, swr: 120 });
    const { value, metadata } = await kv.getWithMetadata("a", { type: "text" });

    expect(value).toBe('"data"');
    expect(metadata).toEqual({ c: [clock(), clock() + 60_000, clock() + 180_000], d: 0 });
  });

  it("fresh is served, stale is served and refreshed, older is loaded", async () => {
    const { cache, clock, load, later } = await setUp(local, { ttl: 60, swr: 60 });
    const get = async () => {
      const value = await cache.getOrSet("a", load);
      await later.settled();
      return value;
    };
    expect([await get(), await get()]).toEqual([1, 1]);
    clock.advance(61);
    expect([await get(), await get()]).toEqual([1, 2]);
    clock.advance(121);
    expect(await get()).toBe(3);
  });

  it("KV keeps a value for ttl and swr together, also after a refresh", async () => {
    const { cache, kv, clock, load, later } = await setUp(local, { ttl: 300, swr: 300 });
    await cache.getOrSet("a", load);
    await later.settled();
    clock.advance(301);
    await cache.getOrSet("a", load);
    await later.settled();

    expect([load.mock.calls.length, await secondsLeft(kv)]).toEqual([2, { a: 600 }]);
  });

  it("invalidates by key, by tag and by prefix", async () => {
    const { cache, clock } = await setUp(local);
    const fill = async () => {
      for (const id of ["1", "2"]) await cache.set(`user:${id}`, id, { tags: [`team-${id}`] });
      clock.advance(1);
    };
    const left = async () => [await cache.get("user:1"), await cache.get("user:2")];
    await fill();
    await cache.delete("user:1");
    expect(await left()).toEqual([undefined, "2"]);
    await fill();
    await cache.invalidateTags("team-2");
    expect(await left()).toEqual(["1", undefined]);
    await cache.invalidatePrefix("user:");
    expect(await left()).toEqual([undefined, undefined]);
  });

  it("counts hits and misses, and lets loaders choose lifetimes by what they found", async () => {
    const { cache, clock, load, later } = await setUp(local);
    for (const key of ["a", "a", "a", "b"]) {
      await cache.getOrSet(key, load);
      await later.settled();
    }
    expect(cache.stats).toMatchObject({ hit: 2, miss: 2 });

    await cache.getOrSet("volatile", ({ setOptions }) => (setOptions({ ttl: 5 }), 1));
    await later.settled();
    clock.advance(6);
    expect(await cache.get("volatile")).toBeUndefined();
  });

  it("warms before anyone asks, and serves stale while it refreshes", async () => {
    const { cache, clock, load, later } = await setUp(local, { ttl: 60, swr: 600 });
    expect(await cache.warm(["a", "b"].map((key) => ({ key, load })))).toEqual({ loaded: 2, skipped: 0, failed: [] });
    expect(await cache.getOrSet("a", () => Promise.reject(new Error("not to be called")))).toBe(1);
    clock.advance(61);
    expect(await cache.getOrSet("a", load)).toBe(1);
    await later.settled();
    expect(await cache.get("a")).toBe(3);
  });
});
