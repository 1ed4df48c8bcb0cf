import { type CacheEntry, cachified } from "@epic-web/cachified";
import { Cache } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";

/** cachified over KV, as its adapters do it. */
function viaCachified(kv: MemoryKV, load: () => Promise<unknown>) {
  return cachified({
    key: "key",
    ttl: 60_000,
    swr: 60_000,
    waitUntil: () => undefined,
    getFreshValue: load,
    cache: {
      get: async (key) => JSON.parse((await kv.get(key)) ?? "null") as CacheEntry | null,
      set: (key, entry) => kv.put(key, JSON.stringify(entry), { expirationTtl: 120 }),
      delete: (key) => kv.delete(key),
    },
  });
}

/** Where the two part on purpose. */
describe("Cache, other than cachified", () => {
  const value = () => Promise.resolve<unknown>("value");

  it("deletes nothing when KV cannot be read", async () => {
    const [ours, theirs] = [new MemoryKV(), new MemoryKV()];
    for (const kv of [ours, theirs]) kv.fail("get", 503);

    expect([
      await new Cache(ours, { onError: () => undefined }).getOrSet("key", value),
      await viaCachified(theirs, value),
    ]).toEqual(["value", "value"]);
    expect([ours.counts.deletes, theirs.counts.deletes]).toEqual([0, 1]);
  });

  it("reads values that others put there as they are", async () => {
    const [ours, theirs] = [new MemoryKV(), new MemoryKV()];
    for (const kv of [ours, theirs]) await kv.put("key", '"seeded"');

    expect(await new Cache(ours).getOrSet("key", value)).toBe("seeded");
    expect(await viaCachified(theirs, value)).toBe("value");
  });

  it("keeps null only with a negativeTtl, and never undefined", async () => {
    const [ours, theirs] = [new MemoryKV(), new MemoryKV()];
    for (const nothing of [null, undefined]) {
      await new Cache(ours).getOrSet("key", () => nothing);
      await viaCachified(theirs, () => Promise.resolve(nothing));
    }

    expect(await ours.get("key")).toBeNull();
    expect(JSON.parse((await theirs.get("key")) ?? "")).toHaveProperty("metadata");
  });

  it("keeps an expired value for when the source is down, without being asked to load by force", async () => {
    let now = 0;
    const errors: string[] = [];
    const cache = new Cache(new MemoryKV({ clock: () => now }), {
      ttl: 60,
      staleIfError: 600,
      jitter: 0,
      now: () => now,
      onError: ({ code }) => errors.push(code),
    });
    await cache.set("key", "old");
    now = 61_000;

    expect(await cache.getOrSet("key", () => Promise.reject(new Error("down")))).toBe("old");
    expect(errors).toEqual(["LOADER_FAILED"]);
  });

  it("invalidates by tag, many keys with one write", async () => {
    const kv = new MemoryKV();
    const cache = new Cache(kv);
    for (const key of ["a", "b", "c"]) await cache.set(key, key, { tags: ["t"] });
    kv.resetCounts();
    await cache.invalidateTags("t");

    expect([kv.counts.writes, await cache.get("a"), await cache.get("c")]).toEqual([1, undefined, undefined]);
  });
});
