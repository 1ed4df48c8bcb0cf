import { Cache, KvStore } from "../../src/runtime/index.js";
import { LOCATIONS, longestUntilSeen, world } from "./support/simulation.js";

/** What docs/runtime.md promises in seconds, seen by thirty locations whose reads are as old as KV lets them be. */
describe("thirty locations", () => {
  it.each([
    [undefined, 60],
    [30, 30],
    [600, 600],
  ])("see a written value within the reader's cacheTtl (%p)", async (cacheTtl, bound) => {
    const all = world();
    const stores = all.isolates().map((kv) => new KvStore<number>(kv, cacheTtl === undefined ? {} : { cacheTtl }));
    await new KvStore<number>(all.kv.at("writer")).set("a", 1);
    all.clock.advance(1);
    const write = () => new KvStore<number>(all.kv.at("writer")).set("a", 2);
    const seen = await longestUntilSeen(all, stores, write, async (store) => (await store.get("a")) === 2);

    expect(seen).toBeLessThanOrEqual(bound);
    expect(seen).toBeGreaterThan(bound - 2 * LOCATIONS);
  });

  it.each([undefined, 600])(
    "see an invalidated tag within 60 seconds, whatever cacheTtl says (%p)",
    async (cacheTtl) => {
      const all = world();
      const settings = {
        now: all.clock,
        jitter: 0,
        earlyRefresh: 0,
        ttl: 3600,
        ...(cacheTtl === undefined ? {} : { cacheTtl }),
      };
      const caches = all.isolates().map((kv) => new Cache(kv, settings));
      const writer = new Cache(all.kv.at("writer"), settings);
      await writer.set("a", "old", { tags: ["t"] });
      all.clock.advance(1);
      const seen = await longestUntilSeen(
        all,
        caches,
        () => writer.invalidateTags("t"),
        async (cache) => (await cache.get("a")) === undefined,
      );

      expect(seen).toBeLessThanOrEqual(60);
      expect(seen).toBeGreaterThan(29);
    },
  );

  it("see what was written through, deleted or made stale within cacheTtl, and at once where it was done", async () => {
    for (const change of ["writeThrough", "delete"] as const) {
      const all = world();
      const settings = { now: all.clock, jitter: 0, earlyRefresh: 0, ttl: 3600, cacheTtl: 30 };
      const caches = all.isolates().map((kv) => new Cache(kv, settings));
      const writer = caches[0] as Cache;
      await writer.set("a", "old");
      all.clock.advance(1);
      const act = () =>
        change === "delete" ? writer.delete("a") : writer.writeThrough("a", () => Promise.resolve("new"));
      const expected = change === "delete" ? undefined : "new";
      const seen = await longestUntilSeen(all, caches, act, async (cache, index) => {
        const value = await cache.get("a");
        return value === expected || (index > 0 && value === undefined);
      });
      expect(await writer.get("a")).toBe(expected);
      expect(seen).toBeLessThanOrEqual(30);
    }
  });

  it("load a missing key once each, and remember that it is missing for as long as cacheTtl", async () => {
    const all = world();
    const caches = all
      .isolates()
      .map((kv) => new Cache(kv, { now: all.clock, jitter: 0, earlyRefresh: 0, onError: () => undefined }));
    let loads = 0;
    // Thirty locations write one key within a second: KV takes one, and the others have their value all the same.
    await Promise.all(caches.flatMap((cache) => [1, 2, 3].map(() => cache.getOrSet("a", () => ++loads))));

    expect(loads).toBe(LOCATIONS);
  });
});
