import { Cache, type CacheSettings } from "../../../src/runtime/index.js";
import { expectBound, LOCATIONS, longestUntilSeen, world } from "../support/simulation.js";

/** What docs/runtime.md promises of Cache in seconds, seen by thirty locations whose reads are as old as KV lets them be. */
describe("a cache in thirty locations", () => {
  const setUp = (more: CacheSettings = {}) => {
    const all = world();
    const settings = { now: all.clock, jitter: 0, earlyRefresh: 0, ttl: 7200, onError: () => undefined, ...more };
    const others = all.isolates().map((kv) => new Cache(kv, settings));
    return { all, first: new Cache(all.kv, settings), others };
  };

  /** What a change is, and what is read once it is seen. */
  const CHANGES: Record<string, [change: (cache: Cache) => Promise<unknown>, after: string | undefined]> = {
    set: [(cache) => cache.set("a", "new"), "new"],
    writeThrough: [(cache) => cache.writeThrough("a", () => Promise.resolve("new")), "new"],
    "writeThrough of nothing": [(cache) => cache.writeThrough("a", () => Promise.resolve(null)), undefined],
    delete: [(cache) => cache.delete("a"), undefined],
    expire: [(cache) => cache.expire("a"), undefined],
    invalidatePrefix: [(cache) => cache.invalidatePrefix("a"), undefined],
  };
  const settings: [name: string, settings: CacheSettings, bound: number][] = [
    ["no settings", {}, 60],
    ["cacheTtl 30", { cacheTtl: 30 }, 30],
    ["cacheTtl 360", { cacheTtl: 360 }, 360],
    ["l1 for 29 seconds", { l1: { ttl: 29, max: 100 } }, 89],
  ];

  describe.each(settings)("with %s", (_, more, bound) => {
    it.each(Object.entries(CHANGES))(
      "sees %s within its bound, and at once in its own isolate",
      async (_, [act, after]) => {
        const { all, first, others } = setUp(more);
        await first.set("a", "old");
        all.clock.advance(1);
        const change = async () => {
          expect(await first.get("a")).toBe("old");
          await act(first);
          expect(await first.get("a")).toBe(after);
        };
        const seen = await longestUntilSeen(
          all,
          bound,
          others,
          change,
          async (cache) => (await cache.get("a")) === after,
        );

        expectBound(seen, bound);
      },
    );

    it("sees an invalidated tag within 60 seconds, and at once in its own isolate", async () => {
      const { all, first, others } = setUp(more);
      await first.set("a", "old", { tags: ["t"] });
      await first.set("b", "untouched", { tags: ["u"] });
      all.clock.advance(1);
      const change = async () => {
        await first.invalidateTags("t");
        expect([await first.get("a"), await first.get("b")]).toEqual([undefined, "untouched"]);
      };
      const seen = await longestUntilSeen(all, 60, others, change, async (cache, index) => {
        if (index === 0) expect(await cache.get("b")).toBe("untouched");
        return (await cache.get("a")) === undefined;
      });

      expect(seen).toBeLessThanOrEqual(60);
      expect(seen).toBeGreaterThan(29);
    });
  });

  it("never serves what was loaded before an invalidation and stored after it, beyond 60 seconds", async () => {
    const { all, first, others } = setUp();
    const [loader = first, ...readers] = others;
    let finish: (value: string) => void = () => undefined;
    const loading = loader.getOrSet("a", () => new Promise<string>((resolve) => (finish = resolve)), { tags: ["t"] });
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    all.clock.advance(1);
    const change = async () => {
      await first.invalidateTags("t");
      finish("old");
      expect(await loading).toBe("old");
    };
    const seen = await longestUntilSeen(
      all,
      60,
      readers,
      change,
      async (cache) => (await cache.get("a")) === undefined,
    );

    expect(seen).toBeLessThanOrEqual(60);
  });

  it("finds within cacheTtl what another location loaded", async () => {
    const { all, first, others } = setUp();
    let loads = 0;
    const seen = await longestUntilSeen(
      all,
      60,
      others,
      () => first.getOrSet("a", () => ++loads),
      async (cache) => (await cache.get("a")) === 1,
    );

    expect(loads).toBe(1);
    expectBound(seen, 60);
  });

  it("loads a missing key once in each isolate, and gives each its value although KV takes one write a second", async () => {
    const { first, others } = setUp();
    let loads = 0;
    const values = await Promise.all(
      [first, ...others].flatMap((cache) => [1, 2, 3].map(() => cache.getOrSet("a", () => ++loads))),
    );

    expect([loads, new Set(values).size]).toEqual([1 + 2 * LOCATIONS, 1 + 2 * LOCATIONS]);
  });

  it("replaces a stale value within cacheTtl, and refreshes at most once for each isolate and cacheTtl", async () => {
    const work: Promise<unknown>[] = [];
    const { all, first, others } = setUp({ ttl: 60, swr: 600, waitUntil: (promise) => void work.push(promise) });
    let loads = 0;
    let oldest = 0;
    const span = 600;
    for (let second = 0; second < span; second++) {
      for (const cache of [first, ...others]) {
        const made = await cache.getOrSet("a", () => (loads++, all.clock()));
        oldest = Math.max(oldest, all.clock() - made);
      }
      await Promise.all(work.splice(0));
      all.clock.advance(1);
    }

    // Fresh for 60 seconds, then for 60 more in the cache of a location that read it just before it was replaced.
    expect(oldest / 1000).toBeLessThanOrEqual(60 + 60 + 1);
    expect(loads).toBeLessThanOrEqual((1 + 2 * LOCATIONS) * (span / 60));
  });

  it("remembers that there is none for negativeTtl, and then asks again", async () => {
    const { all, first, others } = setUp({ negativeTtl: 120 });
    const rows = new Set<string>();
    const load = () => (rows.has("a") ? "there" : null);
    const change = () => Promise.resolve(rows.add("a"));
    const seen = await longestUntilSeen(all, 120, [first, ...others], change, async (cache) => {
      return (await cache.getOrSet("a", load)) === "there";
    });

    expect(seen).toBeLessThanOrEqual(120);
    expect(seen).toBeGreaterThan(50);
  });
});
