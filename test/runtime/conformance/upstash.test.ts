import fc from "fast-check";
import { KvRateLimiter } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";

const WINDOW = 60;
const LENGTH = WINDOW * 1000;

/**
 * @upstash/ratelimit's rules: a window counts what it let through; a sliding one adds the part of the window before
 * that is still in reach, rounded down.
 */
function oracle(algorithm: "fixed" | "sliding", limit: number) {
  const counts = new Map<number, number>();
  return (now: number) => {
    const window = Math.floor(now / LENGTH);
    const before = counts.get(window - 1) ?? 0;
    const carried = algorithm === "fixed" ? 0 : Math.floor((1 - (now % LENGTH) / LENGTH) * before);
    const current = counts.get(window) ?? 0;
    const resetAt = (window + 1) * LENGTH;
    if (carried + current >= limit) return { allowed: false, remaining: 0, resetAt };
    counts.set(window, current + 1);
    return { allowed: true, remaining: limit - (current + 1 + carried), resetAt };
  };
}

describe.each(["fixed", "sliding"] as const)("KvRateLimiter and Upstash's %s window, in one isolate", (algorithm) => {
  /** Seconds after the start of a window, and what ten requests at once then get. */
  it.each([
    { at: [0], allowed: [5] },
    { at: [0, 59.9], allowed: [5, 0] },
    { at: [0, 60], allowed: algorithm === "fixed" ? [5, 5] : [5, 0] },
    { at: [0, 75], allowed: algorithm === "fixed" ? [5, 5] : [5, 2] },
    { at: [0, 90], allowed: algorithm === "fixed" ? [5, 5] : [5, 3] },
    { at: [0, 119.9], allowed: algorithm === "fixed" ? [5, 5] : [5, 5] },
    { at: [0, 90, 120], allowed: algorithm === "fixed" ? [5, 5, 5] : [5, 3, 2] },
    { at: [0, 120], allowed: [5, 5] },
    { at: [0, 600], allowed: [5, 5] },
  ])("at $at s lets $allowed of 10 through", async ({ at, allowed }) => {
    const clock = testClock();
    const start = clock();
    const limiter = new KvRateLimiter(new MemoryKV({ clock }), { limit: 5, window: WINDOW, algorithm, now: clock });
    const expected = oracle(algorithm, 5);
    for (const [index, seconds] of at.entries()) {
      clock.advance((start + seconds * 1000 - clock()) / 1000);
      let passed = 0;
      for (let request = 0; request < 10; request++) {
        const result = await limiter.check("id");
        expect(result).toMatchObject(expected(clock()));
        if (result.allowed) passed++;
      }
      expect(passed).toBe(allowed[index]);
    }
  });

  it("agree on whatever comes when", async () => {
    const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(200_000)), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.integer({ min: 0, max: 12 }), async (milliseconds, limit) => {
        const clock = testClock();
        const limiter = new KvRateLimiter(new MemoryKV({ clock }), { limit, window: WINDOW, algorithm, now: clock });
        const expected = oracle(algorithm, limit);
        for (const gap of milliseconds) {
          clock.advance(gap / 1000);
          expect(await limiter.check("id")).toMatchObject(expected(clock()));
        }
      }),
      { numRuns: 100 },
    );
  });
});
