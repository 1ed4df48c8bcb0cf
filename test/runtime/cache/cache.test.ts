import { Cache, type CacheSettings, type KvError } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

function setUp(settings: CacheSettings = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  const errors: KvError[] = [];
  const common = { now: clock, jitter: 0, onError: (error: KvError) => void errors.push(error) };
  return {
    clock,
    kv,
    later,
    errors,
    /** With `waitUntil`. */
    cache: new Cache(kv, { ...common, waitUntil: later.waitUntil, ...settings }),
    /** Without. */
    plain: new Cache(kv, { ...common, ...settings }),
  };
}

/** A loader that counts its calls and answers with their number. */
function counter() {
  const loader = Object.assign(() => Promise.resolve(++loader.calls), { calls: 0 });
  return loader;
}

describe("Cache", () => {
  it("loads once and then hits", async () => {
    const { cache, kv, later } = setUp();
    const load = counter();

    expect(await cache.getOrSet("a", load)).toBe(1);
    await later.settled();
    expect(await cache.getOrSet("a", load)).toBe(1);
    expect(load.calls).toBe(1);
    expect(kv.counts).toMatchObject({ reads: 2, writes: 1 });
    expect(cache.stats).toMatchObject({ miss: 1, hit: 1 });
  });

  it("gets JSON, or undefined for a miss", async () => {
    const { plain } = setUp();
    await plain.set("a", { b: 1 });

    expect(await plain.get("a")).toEqual({ b: 1 });
    expect(await plain.get("nope")).toBeUndefined();
  });

  it("keeps a value for an hour by default", async () => {
    const { plain, clock } = setUp();
    await plain.set("a", 1);
    await plain.set("b", 1, { ttl: 7200 });
    clock.advance(3599);
    expect(await plain.get("a")).toBe(1);
    clock.advance(1);
    expect(await plain.get("a")).toBeUndefined();
    expect(await plain.get("b")).toBe(1);
  });

  it("takes lifetimes below KV's 60 seconds", async () => {
    const { plain, clock, kv } = setUp();
    await plain.set("a", 1, { ttl: 5 });
    expect((await kv.list()).keys[0]?.expiration).toBe(clock() / 1000 + 60);
    clock.advance(5);
    expect(await plain.get("a")).toBeUndefined();
  });

  it("reads values that someone else put there, until KV drops them", async () => {
    const { plain, kv, clock } = setUp();
    await kv.put("seeded", '{"name":"x"}');
    clock.advance(100_000);

    expect(await plain.getOrSet("seeded", () => Promise.reject(new Error("not called")), { ttl: 1 })).toEqual({
      name: "x",
    });
  });

  it("deletes", async () => {
    const { plain } = setUp();
    await plain.set("a", 1);
    await plain.delete("a");

    expect(await plain.get("a")).toBeUndefined();
  });

  it("remembers null for negativeTtl, and not at all by default", async () => {
    const { plain, kv, clock } = setUp();
    const load = jest.fn(() => Promise.resolve(null));
    await plain.getOrSet("a", load);
    await plain.getOrSet("a", load);
    expect([load.mock.calls.length, kv.counts.writes]).toEqual([2, 0]);

    await plain.getOrSet("b", load, { negativeTtl: 30 });
    expect(await plain.getOrSet("b", load, { negativeTtl: 30 })).toBeNull();
    expect([load.mock.calls.length, kv.counts.writes]).toEqual([3, 1]);
    expect(await plain.inspect("b")).toMatchObject({ state: "negative", value: null });
    clock.advance(31);
    await plain.getOrSet("b", load, { negativeTtl: 30 });
    expect(load).toHaveBeenCalledTimes(4);
    expect(plain.stats.negative).toBe(1);
  });

  it.each([[""], [0], [false]])("takes %j for the value it is, not for a miss", async (value) => {
    const { plain } = setUp();
    const load = jest.fn(() => Promise.resolve(value));
    await plain.getOrSet("a", load);

    expect(await plain.getOrSet("a", load)).toBe(value);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("does not store undefined", async () => {
    const { plain, kv } = setUp();
    await plain.getOrSet("a", () => undefined);

    expect(await kv.get("a")).toBeNull();
    await expect(plain.set("a", undefined)).rejects.toMatchObject({ code: "INVALID_VALUE" });
  });

  it("loads a missing key once for 50 concurrent callers", async () => {
    const { cache, kv, later } = setUp();
    const load = counter();
    const values = await Promise.all(Array.from({ length: 50 }, () => cache.getOrSet("a", load)));
    await later.settled();

    expect(new Set(values)).toEqual(new Set([1]));
    expect([load.calls, kv.counts.writes, cache.stats.coalesced]).toEqual([1, 1, 49]);
  });

  it("shares loads between objects over the same binding", async () => {
    const { kv, clock } = setUp();
    const load = counter();
    await Promise.all([1, 2, 3].map(() => new Cache(kv, { now: clock }).getOrSet("a", load)));

    expect(load.calls).toBe(1);
  });

  it("serves a stale value and refreshes it after the response, once", async () => {
    const { cache, kv, clock, later } = setUp({ ttl: 60, swr: 60 });
    const load = counter();
    await cache.getOrSet("a", load);
    await later.settled();
    clock.advance(61);

    const values = await Promise.all(Array.from({ length: 20 }, () => cache.getOrSet("a", load)));
    await later.settled();
    expect(new Set(values)).toEqual(new Set([1]));
    expect([load.calls, kv.counts.writes]).toEqual([2, 2]);
    expect(await cache.getOrSet("a", load)).toBe(2);
  });

  it("refreshes in the request when there is no waitUntil, and loses nothing", async () => {
    const { plain, kv, clock } = setUp({ ttl: 60, swr: 60 });
    const load = counter();
    await plain.getOrSet("a", load);
    clock.advance(61);

    expect(await plain.getOrSet("a", load)).toBe(2);
    expect(kv.counts.writes).toBe(2);
  });

  it("keeps stale values in KV as long as they may be served", async () => {
    const { plain, kv, clock } = setUp({ ttl: 300, swr: 300, staleIfError: 600 });
    await plain.set("a", 1);

    expect((await kv.list()).keys[0]?.expiration).toBe(clock() / 1000 + 900);
  });

  it("serves a stale value when the refresh fails, and asks again a second later at the earliest", async () => {
    const { cache, clock, later, errors } = setUp({ ttl: 60, swr: 600 });
    await cache.set("a", "old");
    clock.advance(61);
    const load = jest.fn(() => Promise.reject(new Error("down")));

    expect(await cache.getOrSet<string>("a", load)).toBe("old");
    await later.settled();
    expect(await cache.getOrSet<string>("a", load)).toBe("old");
    expect(load).toHaveBeenCalledTimes(1);
    clock.advance(1);
    expect(await cache.getOrSet<string>("a", load)).toBe("old");
    await later.settled();
    expect(load).toHaveBeenCalledTimes(2);
    expect(errors.map(({ code }) => code)).toEqual(["LOADER_FAILED", "LOADER_FAILED"]);
  });

  it("serves an expired value for staleIfError when loading fails, and throws after that", async () => {
    const { plain, clock } = setUp({ ttl: 60, staleIfError: 600 });
    const fail = () => Promise.reject<string>(new Error("down"));
    await plain.set("a", "old");
    clock.advance(61);
    expect(await plain.getOrSet("a", fail)).toBe("old");
    clock.advance(600);
    await expect(plain.getOrSet("a", fail)).rejects.toThrow("down");
  });

  it("hands out what a loader throws, to everyone who waits for it", async () => {
    const { plain } = setUp();
    const fail = () => Promise.reject<string>(new Error("down"));
    const results = await Promise.allSettled([plain.getOrSet("a", fail), plain.getOrSet("a", fail)]);

    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(plain.stats.loaderError).toBe(1);
  });

  it("shares what was loaded for a second, even when it cannot be stored, and then loads again", async () => {
    const { plain, kv, clock } = setUp();
    const load = counter();
    kv.fail("put", 500);
    await plain.getOrSet("a", load);
    clock.advance(0.9);
    expect(await plain.getOrSet("a", load)).toBe(1);
    clock.advance(0.1);
    expect(await plain.getOrSet("a", load)).toBe(2);
  });

  it("refreshes a key once each cacheTtl, however long the old value is still read", async () => {
    const { cache, kv, clock, later } = setUp({ ttl: 60, swr: 600, cacheTtl: 30 });
    const load = counter();
    await cache.set("a", "old");
    clock.advance(61);
    kv.fail("put", 500);
    for (let second = 0; second < 29; second++) {
      expect(await cache.getOrSet<unknown>("a", load)).toBe("old");
      await later.settled();
      clock.advance(1);
    }
    expect(load.calls).toBe(1);
    clock.advance(1);
    await cache.getOrSet<unknown>("a", load);
    await later.settled();
    expect(load.calls).toBe(2);
  });

  it("holds stored values to a shorter ttl that the code has since", async () => {
    const { plain, clock } = setUp();
    const load = counter();
    await plain.getOrSet("a", load, { ttl: 3600 });
    clock.advance(61);

    expect(await plain.getOrSet("a", load, { ttl: 60 })).toBe(2);
  });

  it("lets the loader say how long its value lives", async () => {
    const { plain, clock } = setUp();
    await plain.getOrSet("a", ({ setOptions }) => {
      setOptions({ ttl: 5 });
      return 1;
    });
    clock.advance(6);

    expect(await plain.get("a")).toBeUndefined();
  });

  it("refreshes early, the sooner the longer loading takes", async () => {
    const { cache, clock, later } = setUp({ ttl: 60, jitter: 0 });
    const slow = jest.fn(() => {
      clock.advance(10);
      return 1;
    });
    await cache.getOrSet("a", slow);
    await later.settled();
    clock.advance(40);
    // 10 s of loading, 20 s to go: early only when -ln(random) is at least 2.
    const random = jest.spyOn(Math, "random").mockReturnValue(0.5);
    await cache.getOrSet("a", slow);
    const before = slow.mock.calls.length;
    random.mockReturnValue(0.01);
    await cache.getOrSet("a", slow);
    await later.settled();
    random.mockRestore();

    expect([before, slow.mock.calls.length]).toEqual([1, 2]);
  });

  it("forgets values by tag with one write, wherever they are", async () => {
    const { plain, kv, clock } = setUp();
    const load = counter();
    await plain.getOrSet("a", load, { tags: ["t"] });
    await plain.getOrSet("b", load, { tags: ["t", "u"] });
    await plain.getOrSet("c", load, { tags: ["u"] });
    clock.advance(1);
    const before = kv.counts.writes;
    await plain.invalidateTags("t");

    expect(kv.counts.writes - before).toBe(1);
    expect([await plain.get("a"), await plain.get("b"), await plain.get("c")]).toEqual([undefined, undefined, 3]);
    expect(await plain.getOrSet("a", load, { tags: ["t"] })).toBe(4);
    expect(await plain.getOrSet("a", load, { tags: ["t"] })).toBe(4);
  });

  it("forgets what was stored in the very millisecond of the invalidation", async () => {
    const { plain } = setUp();
    await plain.set("a", 1, { tags: ["t"] });
    await plain.invalidateTags("t");

    expect(await plain.get("a")).toBeUndefined();
  });

  it("serves a stale value for ever where swr says so, and lets KV keep it", async () => {
    const { plain, kv, clock } = setUp({ ttl: 60, swr: Infinity });
    await plain.set("a", 1);
    clock.advance(1e8);

    expect(await plain.get("a")).toBe(1);
    expect((await kv.list()).keys[0]?.expiration).toBeUndefined();
  });

  it("stores what is loaded after an invalidation even within the same millisecond", async () => {
    const { plain } = setUp();
    const load = counter();
    await plain.invalidateTags("t");
    await plain.getOrSet("a", load, { tags: ["t"] });
    await plain.getOrSet("a", load, { tags: ["t"] });

    expect(load.calls).toBe(1);
  });

  it("learns of a tag that another isolate invalidated", async () => {
    const { kv, clock, plain } = setUp();
    await plain.set("a", 1, { tags: ["t"] });
    clock.advance(1);
    // Another isolate has its own memory: here another binding object over the same namespace.
    await new Cache(kv.at("here"), { now: clock }).invalidateTags("t");
    clock.advance(31);

    expect(await plain.get("a")).toBeUndefined();
  });

  it("refuses tags that do not fit before it loads", async () => {
    const { plain } = setUp();
    const load = counter();
    const tags = Array.from({ length: 40 }, (_, i) => `a-rather-long-tag-${i}`);

    await expect(plain.getOrSet("a", load, { tags })).rejects.toMatchObject({ code: "METADATA_TOO_LARGE" });
    expect(load.calls).toBe(0);
  });

  it.each(["delete", "set", "expire", "invalidateTags", "invalidatePrefix"] as const)(
    "does not store what was being loaded when %s came",
    async (method) => {
      const { plain, kv, clock } = setUp();
      const calls = {
        delete: () => plain.delete("a"),
        set: () => plain.set("a", "new"),
        expire: () => plain.expire("a"),
        invalidateTags: () => plain.invalidateTags("t"),
        invalidatePrefix: () => plain.invalidatePrefix("a"),
      };
      let finish = (_: string) => {};
      const started = new Promise<void>((ready) => {
        void plain.getOrSet("a", () => (ready(), new Promise<string>((resolve) => (finish = resolve))), {
          tags: ["t"],
        });
      });
      await started;
      clock.advance(1);
      await calls[method]();
      finish("old");
      await new Promise(setImmediate);

      expect(await kv.get("a")).toBe(method === "set" ? '"new"' : null);
    },
  );

  it("makes a value stale at once", async () => {
    const { cache, later, clock } = setUp({ ttl: 600, swr: 60 });
    await cache.set("a", "old");
    clock.advance(10);

    expect(await cache.expire("a")).toBe(true);
    expect(await cache.inspect("a")).toMatchObject({ state: "stale" });
    expect(await cache.getOrSet("a", () => "new")).toBe("old");
    await later.settled();
    expect(await cache.get("a")).toBe("new");
    expect(await cache.expire("nope")).toBe(false);
  });

  it("treats a KV that cannot be read as a miss, deletes nothing, and tells", async () => {
    const { plain, kv, errors } = setUp();
    kv.fail("get", 503);

    expect(await plain.getOrSet("a", counter())).toBe(1);
    expect(kv.counts).toMatchObject({ deletes: 0, writes: 1 });
    expect(errors.map(({ code }) => code)).toEqual(["UNAVAILABLE"]);
  });

  it("throws instead where onKvError says so", async () => {
    const { plain, kv } = setUp({ onKvError: "throw" });
    kv.fail("get", 503);

    await expect(plain.getOrSet("a", counter())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("answers although the value cannot be stored", async () => {
    const { plain, kv, errors } = setUp();
    kv.fail("put", 500);
    expect(await plain.getOrSet("a", counter())).toBe(1);
    expect(await plain.getOrSet("b", () => "x".repeat(25 * 1024 * 1024))).toHaveLength(25 * 1024 * 1024);
    expect(errors.map(({ code }) => code)).toEqual(["UNAVAILABLE", "VALUE_TOO_LARGE"]);
  });

  it("loads and overwrites what it cannot parse", async () => {
    const { plain, kv, errors } = setUp();
    await kv.put("a", "MyApp");

    expect(await plain.getOrSet("a", counter())).toBe(1);
    expect(await kv.get("a")).toBe("1");
    expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_VALUE"]);
  });

  it("gives up on a loader that takes too long", async () => {
    jest.useFakeTimers();
    try {
      const { plain } = setUp({ loaderTimeout: 2 });
      let aborted = false;
      const waiting = plain.getOrSet("a", ({ signal }) => {
        signal.addEventListener("abort", () => (aborted = true));
        return new Promise<never>(() => {});
      });
      const outcome = expect(waiting).rejects.toMatchObject({ code: "LOADER_TIMEOUT", retryable: true });
      await jest.advanceTimersByTimeAsync(2000);
      await outcome;
      expect(aborted).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it("gets many with one bulk read and one load", async () => {
    const { plain, kv } = setUp();
    await plain.set("1", "one");
    const load = jest.fn((missing: string[]) =>
      Promise.resolve(new Map(missing.filter((key) => key !== "3").map((key) => [key, `loaded ${key}`]))),
    );
    const before = kv.counts;
    const values = await plain.getOrSetMany(["a", "1", "3"], load);

    expect([...values]).toEqual([
      ["a", "loaded a"],
      ["1", "one"],
    ]);
    expect(load.mock.calls).toEqual([[["a", "3"]]]);
    expect(kv.counts.writes - before.writes).toBe(1);
  });

  it("shares the loads of many between callers, and with those of one key", async () => {
    const { cache, later } = setUp();
    const loaded: string[] = [];
    const load = (missing: string[]) => {
      loaded.push(...missing);
      return Promise.resolve(new Map(missing.map((key) => [key, `load ${loaded.length}`])));
    };
    const one = () => load(["a"]).then((values) => values.get("a"));
    const [many, again, single] = await Promise.all([
      cache.getOrSetMany(["a", "b"], load),
      cache.getOrSetMany(["b", "a"], load),
      cache.getOrSet("a", one),
    ]);
    await later.settled();

    expect(loaded.sort()).toEqual(["a", "b"]);
    expect(many).toEqual(new Map([...again].reverse()));
    expect(many.get("a")).toBe(single);
  });

  it("gives up many when their load fails and nothing else will do", async () => {
    const { plain } = setUp();
    await plain.set("a", "old");
    const load = () => Promise.reject(new Error("down"));

    await expect(plain.getOrSetMany(["a", "b", "c"], load)).rejects.toThrow("down");
    expect(await plain.getOrSetMany(["a"], load)).toEqual(new Map([["a", "old"]]));
  });

  it("refreshes the stale ones of many after the response", async () => {
    const { cache, clock, later } = setUp({ ttl: 60, swr: 60 });
    await cache.set("a", "old");
    clock.advance(61);
    const load = (missing: string[]) => Promise.resolve(new Map(missing.map((key) => [key, "new"])));

    expect([...(await cache.getOrSetMany(["a"], load))]).toEqual([["a", "old"]]);
    await later.settled();
    expect(await cache.get("a")).toBe("new");
  });

  it("deletes by prefix and says how many", async () => {
    const { plain } = setUp();
    for (const key of ["user:1:a", "user:1:b", "user:2:a"]) await plain.set(key, 1);

    expect(await plain.invalidatePrefix("user:1:")).toMatchObject({ deleted: 2, done: true });
    expect(await plain.get("user:2:a")).toBe(1);
  });

  it("caches a row of D1 only when there is one", async () => {
    const { plain, kv } = setUp();
    const rows: Record<string, object> = { 1: { id: 1 } };
    const find = (id: string) => plain.getOrSet(`user:${id}`, () => Promise.resolve(rows[id] ?? null));

    expect([await find("1"), await find("2")]).toEqual([{ id: 1 }, null]);
    expect((await kv.list()).keys.map(({ name }) => name)).toEqual(["user:1"]);
  });

  it("writes through, and leaves nothing old behind when that fails", async () => {
    const { plain, kv } = setUp();
    await plain.set("a", "old");
    expect(await plain.writeThrough("a", () => Promise.resolve("new"))).toBe("new");
    expect(await plain.get("a")).toBe("new");

    kv.fail("put", 500);
    expect(await plain.writeThrough("a", () => Promise.resolve("newer"))).toBe("newer");
    expect(await plain.get("a")).toBeUndefined();
    kv.heal();

    await plain.set("a", "old");
    expect(await plain.writeThrough("a", () => Promise.resolve(null))).toBeNull();
    expect(await plain.get("a")).toBeUndefined();
  });

  it("warms keys, skipping those that are fresh", async () => {
    const { plain } = setUp();
    await plain.set("a", 1);
    const load = counter();
    const result = await plain.warm(
      [
        { key: "a", load },
        { key: "b", load },
        { key: "c", load: () => Promise.reject(new Error("down")) },
      ],
      { skipFresh: true },
    );

    expect(result).toEqual({ loaded: 1, skipped: 1, failed: [["c", new Error("down")]] });
    expect(await plain.get("b")).toBe(1);
  });

  it("wraps a function", async () => {
    const { plain } = setUp();
    const load = jest.fn((id: number) => Promise.resolve({ id }));
    const cached = plain.wrap(load, { key: (id) => `product:${id}`, ttl: 300 });

    expect([await cached(1), await cached(1), await cached(2)]).toEqual([{ id: 1 }, { id: 1 }, { id: 2 }]);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("answers from memory where l1 is on, until something here changes it", async () => {
    const { plain, kv } = setUp({ l1: { ttl: 5, max: 2 } });
    await plain.set("a", 1);
    expect([await plain.get("a"), await plain.get("a")]).toEqual([1, 1]);
    expect(kv.counts.reads).toBe(0);
    await plain.delete("a");
    expect(await plain.get("a")).toBeUndefined();
  });

  it("counts what happens, for a hit rate", async () => {
    const { plain } = setUp();
    await plain.getOrSet("a", counter());
    await plain.getOrSet("a", counter());
    await plain.get("b");

    expect(plain.stats).toEqual({
      hit: 1,
      stale: 0,
      miss: 2,
      negative: 0,
      coalesced: 0,
      refresh: 0,
      corrupt: 0,
      kvError: 0,
      loaderError: 0,
    });
  });

  it.each([
    [{ ttl: 0 }, "ttl must be 0.001 to 2147483647 seconds, got 0"],
    [{ swr: -1 }, "swr must be at least 0 seconds, got -1"],
    [{ jitter: 2 }, "jitter must be 0 to 1, got 2"],
    [{ loaderTimeout: Number.NaN }, "loaderTimeout must be at least 0.001 seconds, got NaN"],
    [{ cacheTtl: Infinity }, "cacheTtl must be 30 to 2147483647 seconds, got Infinity"],
    [{ cacheTtl: 10 }, "cacheTtl must be 30 to 2147483647 seconds, got 10"],
  ])("refuses %j when it is made", (settings, message) => {
    expect(() => new Cache(new MemoryKV(), settings)).toThrow(message);
  });
});
