import fc from "fast-check";
import { PRICING_EXAMPLES } from "../../src/kv/prices.js";
import type { Workload } from "../../src/kv/workload.js";
import { parseBytes, parseDollars, parseRate } from "../../src/report/estimate/amounts.js";
import { cacheOf, loadsPerSecond, swrOutcomes, ttlOutcomes } from "../../src/report/estimate/cache-model.js";
import { afterPlan, billOf, listPrice } from "../../src/report/estimate/cost.js";
import { estimate } from "../../src/report/estimate/estimate.js";
import { NOTHING } from "../../src/report/estimate/use.js";
import { workloadUse } from "../../src/report/estimate/workload-use.js";

const MONTH = 30 * 86_400;

describe("the price of a month", () => {
  it("is that of the seeds' examples, at list price", () => {
    const prices = PRICING_EXAMPLES.map((example) => listPrice({ ...NOTHING, ...example }).total);
    expect(prices).toEqual([0.55, 55, 550]);
  });

  it("takes off what Workers Paid includes, and adds the plan", () => {
    const uses = PRICING_EXAMPLES.map(({ reads, writes }) => ({ ...NOTHING, reads, writes }));
    expect(uses.map((use) => afterPlan(use).total)).toEqual([0, 45, 540]);
    expect(uses.map(billOf)).toEqual([5, 50, 545]);
  });

  it("counts deletes and lists like writes, and storage beyond the first gigabyte", () => {
    const use = { reads: 0, writes: 0, deletes: 2_000_000, lists: 3_000_000, storageBytes: 3e9 };
    expect(listPrice(use)).toMatchObject({ deletes: 10, lists: 15, storage: 1.5, total: 26.5 });
    expect(afterPlan(use)).toMatchObject({ deletes: 5, lists: 10, storage: 1, total: 16 });
  });

  it("never falls when more is used", () => {
    const use = fc.record({
      reads: fc.nat(1e9),
      writes: fc.nat(1e9),
      deletes: fc.nat(1e9),
      lists: fc.nat(1e9),
      storageBytes: fc.nat(1e12),
    });
    fc.assert(
      fc.property(use, use, (a, b) => {
        const more = {
          reads: a.reads + b.reads,
          writes: a.writes + b.writes,
          deletes: a.deletes + b.deletes,
          lists: a.lists + b.lists,
          storageBytes: a.storageBytes + b.storageBytes,
        };
        expect(billOf(more)).toBeGreaterThanOrEqual(billOf(a));
        expect(afterPlan(a).total).toBeLessThanOrEqual(listPrice(a).total);
      }),
    );
  });
});

describe("an estimate", () => {
  it("names the quota of the Free plan that ends first, and when", () => {
    const { free } = estimate("given", [{ ...NOTHING, reads: 3_000_000, writes: 60_000 }]);
    expect(free).toMatchObject({ fits: false, firstToBreak: "writes", growth: 0.5, endsAt: "12:00" });
  });

  it("says by how much everything may grow while it fits", () => {
    const { free } = estimate("given", [{ ...NOTHING, reads: 300_000, writes: 3000, storageBytes: 5e8 }]);
    expect(free).toMatchObject({ fits: true, firstToBreak: "storage", growth: 2 });
    expect(free).not.toHaveProperty("endsAt");
  });

  it("has no first quota when nothing is used", () => {
    expect(estimate("given", [NOTHING]).free).not.toHaveProperty("firstToBreak");
  });

  it("compares the bill, the plan included, with the budget", () => {
    const part = { ...NOTHING, reads: 100_000_000, writes: 1_000_000 };
    expect(estimate("given", [part], [], 50).budget).toEqual({ dollars: 50, exceeded: false });
    expect(estimate("given", [part], [], 49.99).budget).toEqual({ dollars: 49.99, exceeded: true });
  });
});

describe("the operations of a workload", () => {
  const used = (workload: Workload, ttlSeconds = 0) => workloadUse(workload, ttlSeconds)[0];

  it("are a read for each request of a cache, and a write for each miss", () => {
    expect(used({ cache: { requestsPerSecond: 80, hitRate: 0.9 } })).toMatchObject({
      class: "Cache",
      reads: 80 * MONTH,
      writes: expect.closeTo(8 * MONTH, 3) as number,
    });
  });

  it("follow from the keys of a cache and its TTL", () => {
    // A key asked for once a second is fresh for 99 s, and loaded by the request after: 1 % misses.
    const use = used({ cache: { requestsPerSecond: 100, keys: 100, ttlSeconds: 99, valueBytes: 2000 } });
    expect(use).toMatchObject({ writes: expect.closeTo(MONTH, 3) as number, storageBytes: 200_000 });
  });

  it("use the namespace's TTL where the workload names none", () => {
    const own = used({ cache: { requestsPerSecond: 100, keys: 100 } }, 99);
    expect(own).toEqual(used({ cache: { requestsPerSecond: 100, keys: 100, ttlSeconds: 99 } }));
  });

  it("are those of the table of sessions", () => {
    const sessions = { startedPerDay: 1000, requestsPerSecond: 2, renewals: 1, logoutRate: 0.25, valueBytes: 300 };
    expect(used({ sessions }, 43_200)).toEqual({
      class: "SessionStore",
      reads: 2 * MONTH + 30_000,
      writes: 60_000,
      deletes: 7500,
      lists: 0,
      storageBytes: 150_000,
    });
  });

  it("do not grow with evaluations of flags beyond what isolates remember", () => {
    const few = used({ flags: { readsPerSecond: 1 } });
    const many = used({ flags: { readsPerSecond: 10_000 } });
    expect(few?.reads).toBeCloseTo((20 / 30) * MONTH);
    expect(many).toEqual(few);
  });

  it("are none for what is not used", () => {
    expect(workloadUse({}, 0)).toEqual([]);
  });
});

describe("the model of a cache", () => {
  it("finds the hit rate that it was made from", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        fc.double({ min: 0.1, max: 1e4, noNaN: true }),
        fc.integer({ min: 1, max: 86_400 }),
        (hitRate, requestsPerSecond, ttlSeconds) => {
          const { hitRate: _, ...model } = cacheOf({ requestsPerSecond, hitRate, ttlSeconds }, 0);
          expect(1 - loadsPerSecond(model) / requestsPerSecond).toBeCloseTo(hitRate, 6);
        },
      ),
    );
  });

  it("hits more and writes less with a longer TTL", () => {
    const outcomes = ttlOutcomes(cacheOf({ requestsPerSecond: 80, hitRate: 0.9, ttlSeconds: 300 }, 0));
    const hits = outcomes.map(({ hitRate }) => hitRate);
    expect(hits).toEqual([...hits].sort((a, b) => a - b));
    expect(outcomes.find(({ ttlSeconds }) => ttlSeconds === 300)?.hitRate).toBeCloseTo(0.9);
    const prices = outcomes.map(({ listPrice: price }) => price);
    expect(prices).toEqual([...prices].sort((a, b) => b - a));
  });

  it("makes fewer requests wait with a longer swr, and all loads wait with none", () => {
    const cache = cacheOf({ requestsPerSecond: 10, keys: 100, ttlSeconds: 60, swrSeconds: 30 }, 0);
    const waits = swrOutcomes(cache).map(({ waiting }) => waiting);
    expect(waits[0]).toBeCloseTo(loadsPerSecond(cache) * MONTH);
    expect(waits).toEqual([...waits].sort((a, b) => b - a));
    expect(swrOutcomes(cache).map(({ swrSeconds }) => swrSeconds)).toContain(30);
  });
});

describe("amounts on the command line", () => {
  it.each([
    ["10M/month", 10_000_000],
    ["10m", 10_000_000],
    ["200k / month", 200_000],
    ["80/second", 80 * MONTH],
    ["80/s", 80 * MONTH],
    ["3M/day", 90_000_000],
    ["3M/days", 90_000_000],
    ["1,000,000", 1_000_000],
    ["1.5B/month", 1_500_000_000],
    ["0", 0],
  ])("reads %s", (text, expected) => expect(parseRate(text)).toBeCloseTo(expected));

  it.each(["", "ten", "10M/fortnight", "10 per day", "-5", "1e3", "10M/", "NaN", "∞"])("refuses '%s'", (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );

  it("reads storage in decimal and binary units, and refuses a bare number", () => {
    expect([parseBytes("3GB"), parseBytes("500 MB"), parseBytes("2GiB"), parseBytes("0B")]).toEqual([
      3e9,
      5e8,
      2 * 2 ** 30,
      0,
    ]);
    expect([parseBytes("3"), parseBytes("GB"), parseBytes("3 parsecs")]).toEqual([undefined, undefined, undefined]);
  });

  it("reads dollars with and without their sign", () => {
    expect([parseDollars("20"), parseDollars("$19.99"), parseDollars("20 EUR")]).toEqual([20, 19.99, undefined]);
  });
});
