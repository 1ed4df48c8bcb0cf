import fc from "fast-check";
import { addressKey, type KvLike, KvRateLimiter } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";

describe("KvRateLimiter's retryAfter", () => {
  it.each(["fixed", "sliding"] as const)(
    "of a %s window is when the request fits, and not long after",
    async (algorithm) => {
      const gaps = fc.array(fc.nat(20_000), { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(gaps, fc.integer({ min: 1, max: 12 }), async (milliseconds, limit) => {
          const clock = testClock();
          const limiter = new KvRateLimiter(new MemoryKV({ clock }), { limit, window: 60, algorithm, now: clock });
          for (const gap of milliseconds) {
            clock.advance(gap / 1000);
            const { allowed, retryAfter } = await limiter.check("id");
            if (allowed) continue;
            clock.advance(retryAfter);
            expect((await limiter.check("id")).allowed).toBe(true);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  it("lets who obeys it use the whole limit", async () => {
    const clock = testClock();
    const limiter = new KvRateLimiter(new MemoryKV({ clock }), { limit: 100, window: 60, now: clock });
    let allowed = 0;
    for (const end = clock() + 3_600_000; clock() < end;) {
      const result = await limiter.check("id");
      if (result.allowed) allowed++;
      clock.advance(result.allowed ? 0.2 : result.retryAfter);
    }

    expect(allowed).toBeGreaterThan(5900);
  });
});

describe("KvRateLimiter's counts", () => {
  it.each(["fixed", "sliding"] as const)("ends with the window for what never fits (%s)", async (algorithm) => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    for (const [limit, cost] of [
      [0, 1],
      [5, 7],
    ] as const) {
      const limiter = new KvRateLimiter(kv, { limit, window: 60, algorithm, now: clock });
      const { allowed, retryAfter, resetAt } = await limiter.check("a", cost);
      expect([allowed, retryAfter]).toEqual([false, Math.ceil((resetAt - clock()) / 1000)]);
    }
  });

  it("are not shared by limiters of one prefix with other limits, windows or algorithms", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const strict = new KvRateLimiter(kv, { limit: 1, window: 60, now: clock });
    const others = [
      new KvRateLimiter(kv, { limit: 2, window: 60, now: clock }),
      new KvRateLimiter(kv, { limit: 1, window: 10, now: clock }),
      new KvRateLimiter(kv, { limit: 1, window: 60, algorithm: "fixed", now: clock }),
    ];
    await strict.check("ip");

    for (const other of others) expect((await other.check("ip")).allowed).toBe(true);
    expect((await new KvRateLimiter(kv, { limit: 1, window: 60, now: clock }).check("ip")).allowed).toBe(false);
  });

  it("do not count again what was stored although KV answered with an error", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    let failing = true;
    const flaky = Object.assign(Object.create(kv) as KvLike, {
      put: async (key: string, value: string) => {
        await kv.put(key, value);
        if (failing) throw new Error("KV PUT failed: 500 Internal Server Error");
      },
    });
    const options = { limit: 100, window: 60, algorithm: "fixed" as const, now: clock, onError: () => undefined };
    const limiter = new KvRateLimiter(flaky, options);
    await limiter.check("ip", 5);
    failing = false;
    clock.advance(10);

    expect((await limiter.check("ip")).remaining).toBe(94);
  });
});

describe("addressKey", () => {
  it.each([
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:FFFF:203.0.113.7", "203.0.113.7"],
    ["2001:db8::203.0.113.7", "2001:db8:0:0::/64"],
    ["::ffff:203.0.113.999", "::ffff:203.0.113.999"],
    ["::ffff:-1.0.113.7", "::ffff:-1.0.113.7"],
    ["::ffff:203.0.113.255", "203.0.113.255"],
    ["::ffff:203.0.113", "::ffff:203.0.113"],
    ["1::2::3", "1::2::3"],
    ["12345::1", "12345::1"],
    ["1:2:3", "1:2:3"],
  ])("limits %s by %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
