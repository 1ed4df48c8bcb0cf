import { z } from "zod";
import { Cache, type CacheSettings, type KvError } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

interface List {
  items: string[];
}

function setUp(settings: CacheSettings = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  const errors: KvError[] = [];
  const onError = (error: KvError) => void errors.push(error);
  const cache = new Cache(kv, {
    now: clock,
    jitter: 0,
    earlyRefresh: 0,
    waitUntil: later.waitUntil,
    onError,
    ...settings,
  });
  return { clock, kv, later, errors, cache };
}

describe("what the cache returns", () => {
  const SHARED: List = { items: [] };
  const load = () => SHARED;

  it("is each caller's own, for those who share a load, come a moment later, or hit", async () => {
    const { cache, later, clock } = setUp();
    const values = await Promise.all([1, 2].map(() => cache.getOrSet("a", load)));
    values.push(await cache.getOrSet("a", load));
    await later.settled();
    clock.advance(2);
    values.push(await cache.getOrSet("a", load));
    values.forEach(({ items }, index) => items.push(`caller ${index}`));

    expect(values.map(({ items }) => items)).toEqual([["caller 0"], ["caller 1"], ["caller 2"], ["caller 3"]]);
    expect(SHARED).toEqual({ items: [] });
  });

  it("is each caller's own when it comes from memory", async () => {
    const { cache, kv, later } = setUp({ l1: { ttl: 60, max: 10 } });
    await cache.getOrSet("a", load);
    await later.settled();
    const { reads } = kv.counts;
    for (let turn = 0; turn < 3; turn++) {
      const value = await cache.getOrSet("a", load);
      expect(value).toEqual({ items: [] });
      value.items.push("changed");
    }
    expect(await cache.get("a")).toEqual({ items: [] });
    expect(kv.counts.reads).toBe(reads);
  });

  it("is not what the loader sees as the previous value", async () => {
    const { cache, clock, later } = setUp({ ttl: 1, swr: 60 });
    await cache.set("a", { items: ["old"] });
    clock.advance(2);
    const served = await cache.getOrSet<List>("a", ({ previous }) => {
      previous?.items.push("changed by the loader");
      return { items: ["new"] };
    });
    await later.settled();

    expect(served).toEqual({ items: ["old"] });
  });

  it("is stored as it was when it was loaded, whatever the caller makes of it, also by a write that is tried again", async () => {
    const kv = new MemoryKV({ writeLimit: true });
    const later = background();
    const cache = new Cache(kv, { waitUntil: later.waitUntil });
    await kv.put("a", '"x"');
    await kv.delete("a");
    const value = await cache.getOrSet("a", () => ({ price: 100 }));
    value.price = 1;
    await later.settled();

    expect(await kv.get("a", "json")).toEqual({ price: 100 });
  });

  it("is the same on a miss as on a hit", async () => {
    const { cache, later, clock } = setUp();
    const day = () => ({ at: new Date(0), none: undefined });
    const missed: unknown = await cache.getOrSet<unknown>("a", day);
    await later.settled();
    clock.advance(2);

    expect(missed).toEqual({ at: "1970-01-01T00:00:00.000Z" });
    expect(await cache.getOrSet<unknown>("a", day)).toEqual(missed);
  });

  it.each<[string, () => unknown]>([
    ["a Map", () => ({ users: new Map([["a", 1]]) })],
    ["a class", () => [new (class Point {})()]],
    ["a BigInt", () => ({ id: 1n })],
    ["a function", () => ({ run: () => undefined })],
    ["NaN", () => ({ price: NaN })],
    [
      "a circle",
      () => {
        const circle: { self?: object } = {};
        circle.self = circle;
        return circle;
      },
    ],
  ])("is never %s: JSON does not carry it, so it is refused before anything is written", async (_, make) => {
    const { cache, kv } = setUp();
    const refused = {
      code: "INVALID_VALUE",
      message: expect.stringMatching(/^value must be plain JSON data, got /) as string,
    };

    await expect(cache.getOrSet("a", make)).rejects.toMatchObject(refused);
    await expect(cache.set("a", make())).rejects.toMatchObject(refused);
    expect((await cache.warm([{ key: "a", load: () => Promise.resolve(make()) }])).failed).toMatchObject([
      ["a", refused],
    ]);
    expect(kv.counts.writes).toBe(0);
  });

  it("is what the schema takes, on the way in as on the way out", async () => {
    const { cache, kv, later } = setUp();
    const schema = z.object({ name: z.string() });
    const bad = () => ({ name: 1 }) as unknown as { name: string };

    await expect(cache.getOrSet("a", bad, { schema })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    await expect(cache.set("a", bad(), { schema })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    await later.settled();
    expect(kv.counts.writes).toBe(0);
    expect(await cache.getOrSet("a", () => ({ name: "Ada", more: 1 }), { schema })).toEqual({ name: "Ada" });
  });

  it("can be dates again, with a schema that makes them", async () => {
    const { cache, later, clock } = setUp();
    const schema = z.object({ at: z.coerce.date() });
    const load = () => ({ at: new Date(0) });
    expect(await cache.getOrSet("a", load, { schema })).toEqual({ at: new Date(0) });
    await later.settled();
    clock.advance(2);

    expect(await cache.getOrSet("a", load, { schema })).toEqual({ at: new Date(0) });
  });
});
