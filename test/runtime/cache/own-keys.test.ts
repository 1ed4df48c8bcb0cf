import { Cache, FeatureFlags, KvStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";

const RESERVED = "~cfkv:";

async function invalidated() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const cache = new Cache(kv, { now: clock });
  await cache.set("tag:css", { posts: [1] });
  await cache.set("post:1", "old", { tags: ["css"] });
  clock.advance(1);
  await cache.invalidateTags("css");
  return { clock, kv, cache };
}

describe("the cache's own keys", () => {
  it("never meet a caller's key, whatever it looks like", async () => {
    const { clock, kv, cache } = await invalidated();

    expect(await cache.getOrSet("tag:css", () => ({ posts: [2] }))).toEqual({ posts: [1] });
    await cache.set("tag:css", { posts: [2] });
    expect(await new Cache(kv.at("elsewhere"), { now: clock }).get("post:1")).toBeUndefined();
  });

  it("survive every prefix that is invalidated or deleted", async () => {
    const { clock, kv, cache } = await invalidated();
    for (const prefix of ["t", "~", "~cfkv", RESERVED]) await cache.invalidatePrefix(prefix);
    await new KvStore(kv).deleteByPrefix("", { all: true });
    await kv.put("post:1", '"old"', { metadata: { c: [clock() - 1500, null, null], d: 0, t: ["css"] } });

    expect(await new Cache(kv.at("elsewhere"), { now: clock }).get("post:1")).toBeUndefined();
  });

  it("are in no list", async () => {
    const { kv } = await invalidated();
    const store = new KvStore(kv);
    const names: string[] = [];
    for await (const { name } of store.keys()) names.push(name);

    expect(names).toEqual(["post:1", "tag:css"]);
    expect((await store.list({ prefix: "~" })).keys).toEqual([]);
    expect((await kv.list({ prefix: "~" })).keys).toHaveLength(1);
  });

  it("cannot be read or written by their name", async () => {
    const { kv } = await invalidated();
    const problem = {
      code: "INVALID_KEY",
      message: `key must not begin with ${RESERVED}, which the library keeps for itself`,
    };

    await expect(new KvStore(kv).set(`${RESERVED}tag::css`, 1)).rejects.toMatchObject(problem);
    await expect(new Cache(kv).get(`${RESERVED}x`)).rejects.toMatchObject(problem);
    expect(() => new KvStore(kv, { prefix: "~cfkv" })).toThrow(problem.message);
    expect(() => new FeatureFlags(kv, { prefix: RESERVED })).toThrow(problem.message);
  });

  it("are different for each prefix and tag", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const [outer, inner] = ["a", "a:b"].map((prefix) => new Cache(kv, { prefix, now: clock })) as [Cache, Cache];
    await outer.set("key", 1, { tags: ["b:c"] });
    await inner.set("key", 2, { tags: ["c"] });
    clock.advance(1);
    await inner.invalidateTags("c");

    expect([await outer.get("key"), await inner.get("key")]).toEqual([1, undefined]);
  });

  it("expire when no entry they touch can be left", async () => {
    const { clock, kv, cache } = await invalidated();
    const YEAR = 365 * 86_400;
    const [tag] = (await kv.list({ prefix: RESERVED })).keys;
    expect(tag?.expiration).toBe(clock() / 1000 + YEAR);

    await cache.set("long", 1, { ttl: 2 * YEAR, swr: Infinity, tags: ["css"] });
    expect((await kv.list({ prefix: "long" })).keys[0]?.expiration).toBe(clock() / 1000 + YEAR);
    await cache.set("longer", 1, { ttl: 2 * YEAR });
    expect((await kv.list({ prefix: "longer" })).keys[0]?.expiration).toBeGreaterThan(clock() / 1000 + YEAR);
  });

  it.each([
    ["x".repeat(600), "KEY_TOO_LARGE"],
    ["\ud800", "INVALID_KEY"],
  ])("refuse a tag that cannot be part of a key", async (tag, code) => {
    const cache = new Cache(new MemoryKV());

    await expect(cache.set("a", 1, { tags: [tag] })).rejects.toMatchObject({ code });
    await expect(cache.invalidateTags(tag)).rejects.toMatchObject({ code });
  });

  it("end what was made between two invalidations within a millisecond, and not what comes after both", async () => {
    const clock = testClock();
    const cache = new Cache(new MemoryKV({ clock }), { now: clock });
    await cache.invalidateTags("u");
    await cache.set("between", 1, { tags: ["t", "u"] });
    await cache.invalidateTags("t");
    await cache.set("after", 2, { tags: ["t"] });

    expect([await cache.get("between"), await cache.get("after")]).toEqual([undefined, 2]);
  });
});
