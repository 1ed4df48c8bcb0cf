import { Cache, FeatureFlags, type KvLike, KvRateLimiter, KvStore, SessionStore } from "../../src/runtime/index.js";
import { MemoryKV, type MemoryOperation } from "../../src/runtime/testing.js";
import { background } from "./support/background.js";
import { testClock } from "./support/clock.js";

/** What KV code that people paste gets wrong and no other test here is about. */
describe("the mistakes of pasted KV code", () => {
  const onError = () => undefined;

  /** Deletes a key after it was listed and before it is read. */
  function vanishing(key: string): MemoryKV {
    let kv: MemoryKV | undefined = undefined;
    const before = async ({ op }: MemoryOperation) => {
      if (op === "get") await kv?.delete(key);
    };
    kv = new MemoryKV({ before });
    return kv;
  }

  it("a key that vanishes between list and get is left out, not a crash", async () => {
    const kv = vanishing("flag:gone");
    for (const key of ["flag:gone", "flag:stays"]) await kv.put(key, '{"enabled":true}');

    expect((await new FeatureFlags(kv).list()).map(({ name }) => name)).toEqual(["stays"]);
    await kv.put("flag:gone", '{"enabled":true}');
    const entries: unknown[] = [];
    for await (const [key] of new KvStore(kv).entries()) entries.push(key);
    expect(entries).toEqual(["flag:stays"]);
  });

  it("an empty prefix does not wipe a cache", async () => {
    const kv = new MemoryKV();
    await kv.put("other", "1");

    await expect(new Cache(kv).invalidatePrefix("")).rejects.toMatchObject({ code: "INVALID_KEY" });
    expect(await kv.get("other")).toBe("1");
  });

  it("a load that fails stores nothing", async () => {
    const kv = new MemoryKV();
    const cache = new Cache(kv);
    const load = () => Promise.reject(new Error("upstream answered 500"));

    await expect(cache.getOrSet("a", load)).rejects.toThrow("upstream answered 500");
    expect([kv.counts.writes, await kv.get("a")]).toEqual([0, null]);
    expect(await cache.getOrSet("a", () => "value")).toBe("value");
  });

  it("a miss is answered before it is written", async () => {
    let release = () => {};
    const written = new Promise<void>((resolve) => (release = resolve));
    const kv = new MemoryKV({ before: ({ op }) => (op === "put" ? written : undefined) });
    const later = background();

    expect(await new Cache(kv, { waitUntil: later.waitUntil }).getOrSet("a", () => "value")).toBe("value");
    release();
    await later.settled();
    expect(await kv.get("a")).toBe('"value"');
  });

  it("a session is over at its end although KV still has it, and one without a readable end is none", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const sessions = new SessionStore(kv, { now: clock, hashTokens: false, onError });
    const token = "x".repeat(32);
    const read = async (expiresAt: unknown) => {
      await kv.put(`session:${token}`, JSON.stringify({ userId: "1", createdAt: clock(), expiresAt }));
      return sessions.get(token);
    };

    expect(await read(new Date(clock() + 1).toISOString())).not.toBeNull();
    for (const end of [clock(), new Date(clock() - 1).toISOString(), "tomorrow", null, Number.MAX_VALUE * 2]) {
      expect(await read(end)).toBeNull();
    }
    expect(kv.counts.deletes).toBe(0);
  });

  it("a limit of 0 says that 0 remain, and a refused check never less", async () => {
    const clock = testClock();
    const check = (limit: number, cost?: number) =>
      new KvRateLimiter(new MemoryKV(), { limit, window: 60, now: clock }).check("ip", cost);

    expect(await check(0)).toMatchObject({ allowed: false, remaining: 0 });
    expect(await check(3, 5)).toMatchObject({ allowed: false, remaining: 3 });
  });

  it("ids with ':' never share a count", async () => {
    const kv = new MemoryKV({ clock: testClock() });
    const limiter = new KvRateLimiter(kv, { limit: 1, window: 60, now: testClock() });
    const scoped = new KvRateLimiter(kv, { limit: 1, window: 60, now: testClock(), scope: "a" });

    expect((await limiter.check("a:b")).allowed).toBe(true);
    expect((await scoped.check("b")).allowed).toBe(true);
  });

  it("asking whether a key exists downloads nothing", async () => {
    const kv = new MemoryKV();
    const cancelled: unknown[] = [];
    const types: unknown[] = [];
    const large: KvLike = Object.assign(Object.create(kv) as KvLike, {
      get: (_: string, { type }: { type: string }) => {
        types.push(type);
        return Promise.resolve(new ReadableStream({ cancel: (reason) => void cancelled.push(reason) }));
      },
    });

    expect(await new KvStore(large).has("a")).toBe(true);
    expect([types, cancelled.length]).toEqual([["stream"], 1]);
  });

  it("a prefix is taken off the beginning alone", async () => {
    const kv = new MemoryKV();
    const store = new KvStore(kv, { prefix: "flag" });
    await store.set("flag:flag:x", 1);

    expect((await store.list()).keys).toEqual([{ name: "flag:flag:x" }]);
  });

  it("a dead source is not asked more than once a second by one isolate, however many wait", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const later = background();
    const cache = new Cache(kv, {
      now: clock,
      jitter: 0,
      ttl: 60,
      staleIfError: 600,
      waitUntil: later.waitUntil,
      onError,
    });
    await cache.set("a", "old");
    clock.advance(61);
    const load = jest.fn(() => Promise.reject<string>(new Error("down")));
    for (let tenth = 0; tenth < 30; tenth++) {
      expect(await cache.getOrSet("a", load)).toBe("old");
      await later.settled();
      clock.advance(0.1);
    }

    expect(load.mock.calls.length).toBeLessThanOrEqual(3);
  });
});
