import { Cache, type KvError, KvStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

function reporter() {
  const codes: string[] = [];
  return { codes, onError: ({ code }: KvError) => void codes.push(code) };
}

const never = () => new Promise<void>(() => undefined);

describe("a KV that hangs", () => {
  const hanging = () => new MemoryKV({ before: ({ op }) => (op === "get" ? never() : undefined) });

  it("is a KV that is not reachable, after readTimeout: the cache loads", async () => {
    const { codes, onError } = reporter();
    const cache = new Cache(hanging(), { readTimeout: 0.01, onError });

    expect(await cache.getOrSet("a", () => "loaded")).toBe("loaded");
    expect([
      ...(await cache.getOrSetMany(["b", "c"], (keys) => Promise.resolve(new Map(keys.map((key) => [key, key]))))),
    ]).toEqual([
      ["b", "b"],
      ["c", "c"],
    ]);
    expect(await cache.getOrSet("d", () => "loaded", { tags: ["t"] })).toBe("loaded");
    expect(codes).toEqual(["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"]);
  });

  it("makes the store throw, with the seconds it waited", async () => {
    const store = new KvStore(hanging(), { readTimeout: 0.01 });
    const problem = { code: "UNAVAILABLE", retryable: true, message: "get failed: no answer within 0.01 seconds" };

    await expect(store.get("a")).rejects.toMatchObject(problem);
    await expect(store.getMany(["a", "b"])).rejects.toMatchObject(problem);
    await expect(store.has("a")).rejects.toMatchObject(problem);
    expect(() => new KvStore(hanging(), { readTimeout: 0 })).toThrow(
      "readTimeout must be at least 0.001 seconds, got 0",
    );
  });
});

describe("a waitUntil that throws", () => {
  const waitUntil = () => {
    throw new TypeError("Illegal invocation");
  };

  it("fails no call: the work is awaited instead, and the mistake reported", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const { codes, onError } = reporter();
    const cache = new Cache(kv, { now: clock, jitter: 0, ttl: 60, swr: 600, waitUntil, onError });
    expect(await cache.getOrSet("a", () => 1)).toBe(1);
    expect(await kv.get("a")).toBe("1");
    clock.advance(61);
    expect(await cache.getOrSet("a", () => 2)).toBe(1);
    expect(await kv.get("a")).toBe("2");
    expect([...new Set(codes)]).toEqual(["INVALID_OPTION"]);
  });

  it("leaves no rejection unhandled when the load fails as well", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const { codes, onError } = reporter();
    const cache = new Cache(kv, { now: clock, jitter: 0, ttl: 60, swr: 600, waitUntil, onError });
    await kv.put("a", "1", { metadata: { c: [clock(), clock() - 1, null], d: 0 } });

    expect(await cache.getOrSet("a", () => Promise.reject(new Error("down")))).toBe(1);
    expect(codes).toEqual(["INVALID_OPTION", "LOADER_FAILED"]);
  });
});

describe("writeThrough", () => {
  it("returns what the source took, and reports, when KV takes neither the value nor the delete", async () => {
    const kv = new MemoryKV();
    const { codes, onError } = reporter();
    kv.fail("put", 503);
    kv.fail("delete", 503);

    expect(await new Cache(kv, { onError }).writeThrough("a", () => Promise.resolve("stored"))).toBe("stored");
    expect(codes).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
  });
});

describe("softTimeout", () => {
  it("serves the old value when loading takes longer, and keeps what is loaded when it comes", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const later = background();
    const cache = new Cache(kv, { now: clock, jitter: 0, waitUntil: later.waitUntil, ttl: 60, staleIfError: 600 });
    await cache.set("a", "old");
    clock.advance(61);
    const gate: { open?: () => void } = {};
    const slow = () => new Promise<string>((resolve) => (gate.open = () => resolve("new")));
    const served: string[] = [];
    const onServed = (from: string) => void served.push(from);

    expect(await cache.getOrSet("a", slow, { softTimeout: 0.01, onServed })).toBe("old");
    gate.open?.();
    await later.settled();
    expect(await kv.get("a", "json")).toBe("new");
    expect(await cache.getOrSet("a", slow, { onServed })).toBe("new");
    expect(served).toEqual(["stale", "hit"]);
  });

  it("waits for a load that is in time, and where there is nothing old", async () => {
    const clock = testClock();
    const cache = new Cache(new MemoryKV({ clock }), { now: clock, jitter: 0, staleIfError: 600, softTimeout: 5 });
    const later = () => new Promise<string>((resolve) => setTimeout(resolve, 20, "new"));
    expect(await cache.getOrSet("none", later, { softTimeout: 0 })).toBe("new");
    await cache.set("a", "old", { ttl: 1 });
    clock.advance(2);

    expect(await cache.getOrSet("a", later)).toBe("new");
  });
});

describe("a loader", () => {
  it.each(["doNotStore", "ttl 0"])("can answer without its value being stored (%s)", async (how) => {
    const kv = new MemoryKV();
    const cache = new Cache(kv);
    const value = await cache.getOrSet("a", ({ doNotStore, setOptions }) => {
      if (how === "ttl 0") setOptions({ ttl: 0, tags: ["t"] });
      else doNotStore();
      return "private";
    });

    expect([value, kv.counts.writes, await cache.getOrSet("a", () => "next")]).toEqual(["private", 0, "next"]);
  });

  it("fails for a ttl that is no time, and for one that does not end", async () => {
    const cache = new Cache(new MemoryKV());
    for (const ttl of [NaN, -1, Infinity]) {
      const failed = cache.getOrSet("a", ({ setOptions }) => (setOptions({ ttl }), 1));
      await expect(failed).rejects.toMatchObject({ code: "INVALID_TTL" });
    }
    expect(() => new Cache(new MemoryKV(), { ttl: Infinity })).toThrow(
      "ttl must be 0.001 to 2147483647 seconds, got Infinity",
    );
  });
});

describe("many keys at once", () => {
  it("do not depend on one that KV cannot have", async () => {
    const { codes, onError } = reporter();
    const kv = new MemoryKV();
    const cache = new Cache(kv, { onError });
    const long = "x".repeat(600);
    const load = (keys: string[]) => Promise.resolve(new Map(keys.map((key) => [key, key.length])));

    expect([...(await cache.getOrSetMany(["a", long, ""], load))]).toEqual([
      ["a", 1],
      [long, 600],
      ["", 0],
    ]);
    expect(
      await cache.warm(
        [
          { key: long, load: () => Promise.resolve(1) },
          { key: "b", load: () => Promise.resolve(1) },
        ],
        { skipFresh: true },
      ),
    ).toMatchObject({
      loaded: 1,
      failed: [[long, { code: "KEY_TOO_LARGE" }]],
    });
    expect(codes).toEqual(["KEY_TOO_LARGE", "INVALID_KEY", "KEY_TOO_LARGE"]);
    const store = new KvStore(kv, { onError });
    expect([...(await store.getMany(["a", long, ""]))]).toEqual([
      ["a", 1],
      [long, null],
      ["", null],
    ]);
  });

  it("do not depend on one whose value is refused", async () => {
    const { codes, onError } = reporter();
    const cache = new Cache(new MemoryKV(), { onError });
    const load = () =>
      Promise.resolve(
        new Map<string, unknown>([
          ["a", 1],
          ["b", new Map()],
        ]),
      );

    expect([...(await cache.getOrSetMany(["a", "b"], load))]).toEqual([["a", 1]]);
    expect(codes).toEqual(["INVALID_VALUE"]);
  });

  it("keep what a bulk read found when another fails", async () => {
    const kv = new MemoryKV({
      before: ({ op, keys }) => {
        if (op === "get" && keys.includes("k100")) throw new Error("KV GET failed: 503");
      },
    });
    const { onError } = reporter();
    const keys = Array.from({ length: 150 }, (_, index) => `k${index}`);
    for (const key of keys) await kv.put(key, "1");
    const asked: string[] = [];
    await new Cache(kv, { onError }).getOrSetMany(keys, (missing) => {
      asked.push(...missing);
      return Promise.resolve(new Map(missing.map((key) => [key, 1])));
    });

    expect(asked).toEqual(keys.slice(100));
  });

  it("are asked again after a leader that is gone, and never remembered as missing without being asked", async () => {
    const clock = testClock();
    const cache = new Cache(new MemoryKV({ clock }), { now: clock, negativeTtl: 600, waitUntil: () => undefined });
    const leader = cache.getOrSet("led", () => never(), { loaderTimeout: 0.2 }).catch(() => undefined);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    // Ten milliseconds before the others give up on it.
    clock.advance(1.19);
    const asked: string[][] = [];
    const load = (missing: string[]) => {
      asked.push([...missing]);
      return Promise.resolve(new Map(missing.map((key) => [key, "loaded"])));
    };

    expect([...(await cache.getOrSetMany(["a", "led"], load))]).toEqual([
      ["a", "loaded"],
      ["led", "loaded"],
    ]);
    expect(asked).toEqual([["a"], ["led"]]);
    await leader;
  });
});

describe("expire", () => {
  it("keeps the window a value was stored with, and lets the next caller refresh at once", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const later = background();
    const cache = new Cache(kv, { now: clock, jitter: 0, earlyRefresh: 0, waitUntil: later.waitUntil });
    let version = 1;
    const get = async () => {
      const value = await cache.getOrSet("a", () => version++, { ttl: 60, swr: 600 });
      await later.settled();
      return value;
    };
    expect(await get()).toBe(1);
    clock.advance(61);
    expect([await get(), await get()]).toEqual([1, 2]);
    await cache.expire("a");
    expect((await kv.list()).keys[0]?.expiration).toBeGreaterThan(clock() / 1000 + 600);
    expect([await get(), await get()]).toEqual([2, 3]);
  });

  it("lets a value with a short ttl be refreshed each ttl, not each minute", async () => {
    const clock = testClock();
    const later = background();
    const cache = new Cache(new MemoryKV({ clock }), {
      now: clock,
      jitter: 0,
      earlyRefresh: 0,
      waitUntil: later.waitUntil,
    });
    const seen: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      seen.push(await cache.getOrSet("a", () => clock() / 1000, { ttl: 5, swr: 600 }));
      await later.settled();
      clock.advance(6);
    }
    const ages = seen.map((value, turn) => (seen[0] === undefined ? 0 : seen[0] + 6 * turn - value));

    expect(Math.max(...ages)).toBeLessThanOrEqual(12);
  });
});
