import { Cache } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { TextMap } from "../../../src/runtime/cache/text-map.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

const stored = (length: number) => ({ value: "x".repeat(length), metadata: { c: [0, null, null], d: 0 } as never });

describe("a TextMap", () => {
  it("drops its oldest entries past so many entries, or so many characters", () => {
    const map = new TextMap(1000);
    for (let index = 0; index < 900; index++) map.set(`k${index}`, stored(1), 10, 100);
    expect([...map].map(([key]) => key)).toEqual(Array.from({ length: 100 }, (_, index) => `k${800 + index}`));
    map.set("large", stored(1000), 10, 100);
    expect([...map].map(([key]) => key)).toEqual(["large"]);
    map.set("too large", stored(1001), 10, 100);
    expect([...map]).toEqual([]);
  });

  it("counts what is replaced or deleted no longer", () => {
    const map = new TextMap(1000);
    for (let turn = 0; turn < 10; turn++) map.set("a", stored(600), 10, 100);
    map.delete("a");
    map.set("b", stored(500), 10, 100);
    map.set("c", stored(500), 10, 100);

    expect([...map].map(([key]) => key)).toEqual(["b", "c"]);
  });

  it("ends an entry at its time, and sweeps those that ended", () => {
    const map = new TextMap(1000);
    map.set("a", stored(1), 10, 100);
    map.set("b", stored(1), 11, 100);
    expect([map.get("a", 9, 9), map.get("a", 10, 9)]).toEqual([stored(1), undefined]);
    map.sweep(11);
    expect([...map]).toEqual([]);
  });
});

describe("the cache's memory", () => {
  it("does not grow with what was loaded while a slow loader runs: 900 values of 100 KB", async () => {
    const clock = testClock();
    const later = background();
    const kv = new MemoryKV({
      clock,
      before: ({ op }) => (op === "put" ? Promise.reject(new Error("KV PUT failed: 503")) : undefined),
    });
    const cache = new Cache(kv, { now: clock, waitUntil: later.waitUntil, onError: () => undefined });
    const gate: { open?: () => void } = {};
    const slow = cache.getOrSet("slow", () => new Promise<number>((resolve) => (gate.open = () => resolve(1))), {
      loaderTimeout: 3600,
    });
    for (let index = 0; index < 900; index++) await cache.getOrSet(`k${index}`, () => "x".repeat(100_000));
    // Those that are still remembered are shared; nothing else can answer, as nothing was stored.
    const { coalesced } = cache.stats;
    for (let index = 899; index >= 0; index--) {
      const before = cache.stats.coalesced;
      await cache.getOrSet(`k${index}`, () => "again");
      if (cache.stats.coalesced === before) break;
    }
    expect(cache.stats.coalesced - coalesced).toBeLessThanOrEqual(40);
    expect(cache.stats.coalesced - coalesced).toBeGreaterThan(0);
    gate.open?.();
    await slow;
  });

  it("holds all tags of one call, however many", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const here = new Cache(kv, { now: clock });
    const there = new Cache(kv.at("there"), { now: clock });
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    for (const key of keys) await here.set(key, key, { tags: [`tag of ${key}`] });
    clock.advance(1);
    await here.invalidateTags("tag of k7");
    kv.resetCounts();
    const asked: string[] = [];
    await there.getOrSetMany(keys, (missing) => {
      asked.push(...missing);
      return Promise.resolve(new Map<string, string>());
    });

    expect(asked).toEqual(["k7"]);
    expect(kv.counts).toMatchObject({ reads: 400, subrequests: 4 });
  });
});
