import { KvStore } from "../../../src/runtime/index.js";
import { expectBound, longestUntilSeen, world } from "../support/simulation.js";

/** What docs/runtime.md promises of KvStore in seconds, seen by thirty locations whose reads are as old as KV lets them be. */
describe("a store in thirty locations", () => {
  const setUp = (cacheTtl: number | undefined) => {
    const all = world();
    const options = { now: all.clock, ...(cacheTtl === undefined ? {} : { cacheTtl }) };
    const others = all.isolates().map((kv) => new KvStore<number>(kv, options));
    return { all, first: new KvStore<number>(all.kv, options), others };
  };

  describe.each([
    [undefined, 60],
    [30, 30],
    [600, 600],
  ])("with cacheTtl %p", (cacheTtl, bound) => {
    it("sees a write within cacheTtl, and at once in its own location", async () => {
      const { all, first, others } = setUp(cacheTtl);
      await first.set("a", 1);
      all.clock.advance(1);
      const change = async () => {
        await first.set("a", 2);
        expect([await first.get("a"), await new KvStore(all.kv.at("here")).get("a")]).toEqual([2, 2]);
      };
      const seen = await longestUntilSeen(all, bound, others, change, async (store) => (await store.get("a")) === 2);

      expectBound(seen, bound);
    });

    it("sees a key within cacheTtl of its first write, where it was asked for before", async () => {
      const { all, first, others } = setUp(cacheTtl);
      const change = async () => {
        await first.set("a", 1);
        expect(await new KvStore(all.kv.at("location that never asked")).get("a")).toBe(1);
      };
      const seen = await longestUntilSeen(all, bound, others, change, (store) => store.has("a"));

      // `has` reads a stream: the same cache, the same time.
      expectBound(seen, bound);
    });

    it("sees a delete within cacheTtl, and at once in its own location", async () => {
      const { all, first, others } = setUp(cacheTtl);
      await first.set("a", 1);
      const change = async () => {
        await first.delete("a");
        expect(await first.get("a")).toBeNull();
      };
      const seen = await longestUntilSeen(all, bound, others, change, async (store) => {
        return (await store.getMany(["a", "b"])).get("a") === null;
      });

      expectBound(seen, bound);
    });
  });
});
