import {
  addressKey,
  BindingRateLimiter,
  type KvError,
  KvRateLimiter,
  type KvRateLimiterOptions,
} from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

function setUp(options: Partial<KvRateLimiterOptions> = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock, writeLimit: true });
  const errors: KvError[] = [];
  const all: KvRateLimiterOptions = {
    limit: 5,
    window: 60,
    algorithm: "fixed",
    now: clock,
    onError: (error) => void errors.push(error),
    ...options,
  };
  return {
    clock,
    kv,
    errors,
    limiter: new KvRateLimiter(kv, all),
    /** The same limiter in another isolate, which shares nothing but KV. */
    elsewhere: () => new KvRateLimiter(kv.at("here"), all),
  };
}

async function allowed(limiter: KvRateLimiter, times: number, id = "ip"): Promise<number> {
  const results = await Promise.all(Array.from({ length: times }, () => limiter.check(id)));
  return results.filter((result) => result.allowed).length;
}

describe("KvRateLimiter", () => {
  it("says what is allowed and what remains", async () => {
    const { limiter, clock } = setUp({ limit: 2 });

    expect(await limiter.check("ip")).toEqual({
      allowed: true,
      limit: 2,
      remaining: 1,
      resetAt: clock() + 60_000,
      retryAfter: 0,
      source: "kv",
    });
    clock.advance(0.5);
    expect(await limiter.check("ip")).toMatchObject({ allowed: true, remaining: 0, source: "memory" });
    expect(await limiter.check("ip")).toMatchObject({ allowed: false, remaining: 0, retryAfter: 60 });
    expect(await limiter.check("other")).toMatchObject({ allowed: true });
  });

  it("lets exactly the limit through one isolate, however many come at once", async () => {
    const { limiter } = setUp();

    expect(await allowed(limiter, 40)).toBe(5);
  });

  it("counts in a key of its own window, which expires", async () => {
    const { limiter, kv, clock } = setUp({ window: 10 });
    await limiter.check("ip");

    expect((await kv.list()).keys).toEqual([
      { name: `rl:ip:5/10f:${clock() / 10_000}`, expiration: clock() / 1000 + 60 },
    ]);
  });

  it("does not send a count again that KV refused: others have written since, and the next sync adds it", async () => {
    const later = background();
    const { limiter, elsewhere, kv, clock } = setUp({ limit: 100, waitUntil: later.waitUntil });
    const other = elsewhere();
    await limiter.check("ip", 3);
    await later.settled();
    clock.advance(0.5);
    await other.check("ip", 5);
    await later.settled();
    expect(kv.counts.writes).toBe(2);

    clock.advance(11);
    expect(await other.check("ip", 0)).toMatchObject({ remaining: 92 });
    await later.settled();
    expect(kv.counts.writes).toBe(3);
  });

  it("learns from other isolates whenever it syncs", async () => {
    const { limiter, elsewhere, clock } = setUp({ syncEvery: 1 });
    const other = elsewhere();
    expect(await allowed(other, 3)).toBe(3);
    clock.advance(1);
    await other.check("ip");
    clock.advance(1);

    expect(await limiter.check("ip")).toMatchObject({ allowed: true, remaining: 0, source: "kv" });
    expect(await allowed(limiter, 5)).toBe(0);
  });

  it("adds what KV refused to write the next time it writes", async () => {
    const { limiter, elsewhere, clock, kv } = setUp({ limit: 100 });
    const other = elsewhere();
    await allowed(limiter, 3);
    // A second write to the key within the same second: refused.
    await allowed(other, 3);
    clock.advance(10);
    await limiter.check("ip");
    clock.advance(10);
    await other.check("ip");

    const key = (await kv.list()).keys[0]?.name ?? "";
    expect(await kv.get(key)).toBe("8");
  });

  it("costs at most one read and one write each syncEvery", async () => {
    const { limiter, kv, clock } = setUp({ limit: 1000, syncEvery: 10 });
    for (let second = 0; second < 60; second++) {
      await allowed(limiter, 10);
      clock.advance(1);
    }

    expect(kv.counts).toMatchObject({ reads: 6, writes: 6 });
  });

  it("answers those who are blocked from memory", async () => {
    const { limiter, kv, clock } = setUp();
    await allowed(limiter, 5);
    kv.resetCounts();
    for (let second = 0; second < 50; second++) {
      clock.advance(1);
      await allowed(limiter, 100);
    }

    expect(kv.counts.subrequests).toBe(0);
  });

  it("starts again with each fixed window, to the millisecond", async () => {
    const { limiter, clock } = setUp();
    await allowed(limiter, 6);
    clock.advance(59.999);
    expect(await allowed(limiter, 1)).toBe(0);
    clock.advance(0.001);
    expect(await allowed(limiter, 6)).toBe(5);
  });

  it("slides: the last window counts for the part still in reach", async () => {
    const { limiter, clock } = setUp({ limit: 10, algorithm: "sliding" });
    expect(await allowed(limiter, 10)).toBe(10);
    // 75 % of the last window's 10 are still in reach: floor(7.5) of them.
    clock.advance(75);
    expect(await allowed(limiter, 10)).toBe(3);
  });

  it("takes the last window from KV when another isolate counted it", async () => {
    const { limiter, elsewhere, clock } = setUp({ limit: 10, algorithm: "sliding", syncEvery: 1 });
    const other = elsewhere();
    await allowed(other, 9);
    clock.advance(2);
    await other.check("ip");
    clock.advance(58);

    expect(await limiter.check("ip")).toMatchObject({ allowed: false, source: "kv" });
  });

  it("lets nobody through a limit of 0, and charges what a request costs", async () => {
    expect(await allowed(setUp({ limit: 0 }).limiter, 3)).toBe(0);
    const { limiter } = setUp({ limit: 10 });
    expect((await limiter.check("ip", 8)).remaining).toBe(2);
    expect((await limiter.check("ip", 3)).allowed).toBe(false);
    expect((await limiter.check("ip", 2)).allowed).toBe(true);
  });

  it("goes by its own count when KV fails, or denies", async () => {
    const open = setUp();
    open.kv.fail("get", 503);
    expect(await open.limiter.check("ip")).toMatchObject({ allowed: true, source: "error" });
    expect(await allowed(open.limiter, 10)).toBe(4);
    expect(open.errors.map(({ code }) => code)).toEqual(["UNAVAILABLE"]);
    const closed = setUp({ onKvError: "deny" });
    closed.kv.fail("get", 503);
    expect(await closed.limiter.check("ip")).toMatchObject({ allowed: false, source: "error" });
  });

  it("resets an id", async () => {
    const { limiter } = setUp();
    await allowed(limiter, 5);
    await limiter.reset("ip");

    expect(await allowed(limiter, 1)).toBe(1);
  });

  it("counts apart for each scope, and keeps ids apart whatever they hold", async () => {
    const { kv, clock } = setUp();
    const at = (scope: string) => new KvRateLimiter(kv, { limit: 1, window: 60, scope, now: clock });

    expect((await at("AMS").check("ip")).allowed).toBe(true);
    expect((await at("FRA").check("ip")).allowed).toBe(true);
    expect((await at("AMS").check("ip")).allowed).toBe(false);
  });

  it("hashes long ids", async () => {
    const { limiter, kv } = setUp();
    await limiter.check("x".repeat(600));

    expect((await kv.list()).keys[0]?.name).toMatch(/^rl:~[\w-]{43}:5\/60f:\d+$/);
  });

  it("forgets the oldest of too many ids", async () => {
    const { limiter } = setUp({ maxTracked: 2, limit: 1 });
    for (const id of ["a", "b", "c"]) await limiter.check(id);

    expect((await limiter.check("c")).allowed).toBe(false);
  });

  it.each([
    [{ limit: -1 }, "limit must be at least 0, got -1"],
    [{ window: 0 }, "window must be 1 to 2147483647, got 0"],
    [{ syncEvery: 0.5 }, "syncEvery must be 1 to 2147483647, got 0.5"],
    [{ maxTracked: 0 }, "maxTracked must be 1 to 2147483647, got 0"],
  ])("refuses %j when it is made", (options, message) => {
    expect(() => setUp(options)).toThrow(message);
  });
});

describe("BindingRateLimiter", () => {
  const binding = (answers: boolean[]) => ({
    asked: [] as string[],
    limit({ key }: { key: string }) {
      this.asked.push(key);
      return Promise.resolve({ success: answers.shift() ?? false });
    },
  });

  it("asks the binding", async () => {
    const native = binding([true, false]);
    const limiter = new BindingRateLimiter(native, { limit: 10, period: 60, now: () => 0 });

    expect(await limiter.check("ip")).toEqual({
      allowed: true,
      limit: 10,
      remaining: 1,
      resetAt: 60_000,
      retryAfter: 0,
      source: "binding",
    });
    expect(await limiter.check("ip")).toMatchObject({ allowed: false, remaining: 0, retryAfter: 60 });
    expect(native.asked).toEqual(["ip", "ip"]);
    await expect(limiter.reset("ip")).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  it("allows what the binding cannot answer", async () => {
    const limiter = new BindingRateLimiter(
      { limit: () => Promise.reject(new Error("down")) },
      { limit: 1, period: 10 },
    );

    expect(await limiter.check("ip")).toMatchObject({ allowed: true, source: "error" });
  });

  it("refuses a missing binding and periods that Cloudflare has not", () => {
    expect(() => new BindingRateLimiter(undefined, { limit: 1, period: 10 })).toThrow(
      "the rate limit binding is missing",
    );
    expect(() => new BindingRateLimiter(binding([]), { limit: 1, period: 30 as never })).toThrow(
      "period must be 10 or 60 seconds, got 30",
    );
  });
});

describe("addressKey", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001::6", "2001:db8:1:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["unknown", "unknown"],
  ])("limits %s by %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
