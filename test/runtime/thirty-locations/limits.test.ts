import { LIMITERS } from "../../../bench/runtime/limiters.js";
import { play } from "../../../bench/runtime/rate-limit.js";
import { inVirtualTime } from "../../../bench/runtime/virtual-time.js";

/** What docs/runtime.md says of KvRateLimiter: what it lets through at ten times the limit, as a part of the limit. */
describe("limits over several isolates", () => {
  it.each([
    ["fixed", 1, 1, 1],
    ["sliding", 1, 1, 1],
    ["sliding", 1, 4, 1.6],
    ["sliding", 5, 4, 6.4],
  ] as const)(
    "%s, %p locations of %p isolates let %p times the limit through",
    async (name, locations, isolates, figure) => {
      let allowed = Number.NaN;
      await inVirtualTime(async (now) => {
        ({ allowed } = await play(
          { locations, isolates, times: 10 },
          LIMITERS[name] as (typeof LIMITERS)[string],
          now,
        ));
      });

      expect(allowed).toBeGreaterThan(0.95 * figure);
      expect(allowed).toBeLessThan(1.05 * figure);
    },
  );
});
