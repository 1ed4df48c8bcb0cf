import { BindingRateLimiter } from "../../../src/runtime/index.js";
import { countOperations, range, READ_WRITE } from "../support/operation-counts.js";

describe("the KV operations of a rate limit", () => {
  countOperations({
    "KvRateLimiter.check, the first of a fixed window": { call: ({ fixed }) => fixed.check("ip"), costs: READ_WRITE },
    "KvRateLimiter.check, 100 more": {
      before: ({ fixed }) => fixed.check("ip"),
      call: ({ fixed }) => Promise.all(range(100).map(() => fixed.check("ip"))),
      costs: {},
    },
    "KvRateLimiter.check, when it is time to sync": {
      before: async ({ fixed, clock }) => {
        await fixed.check("ip");
        clock.advance(10);
      },
      call: ({ fixed }) => fixed.check("ip"),
      costs: READ_WRITE,
    },
    "KvRateLimiter.reset": { call: ({ fixed }) => fixed.reset("ip"), costs: { deletes: 2, subrequests: 2 } },

    "KvRateLimiter.check, the first of a sliding window": {
      call: ({ sliding }) => sliding.check("ip"),
      costs: { reads: 2, writes: 1, subrequests: 2 },
    },
    "KvRateLimiter.check, sliding on": {
      before: async ({ sliding, clock }) => {
        await sliding.check("ip");
        clock.advance(10);
      },
      call: ({ sliding }) => sliding.check("ip"),
      costs: READ_WRITE,
    },
    "KvRateLimiter.check of one that is blocked, each second until its window ends": {
      before: ({ fixed }) => fixed.check("ip", 1000),
      call: async ({ fixed, clock }) => {
        for (let turn = 0; turn < 59; turn++) {
          clock.advance(1);
          await fixed.check("ip");
        }
      },
      costs: {},
    },
    "KvRateLimiter.check, 10 a second for a minute": {
      call: async ({ fixed, clock, later }) => {
        for (let second = 0; second < 60; second++) {
          for (let turn = 0; turn < 10; turn++) await fixed.check("ip");
          await later.settled();
          clock.advance(1);
        }
      },
      costs: { reads: 6, writes: 6, subrequests: 12 },
    },
    "BindingRateLimiter.check": {
      call: () =>
        new BindingRateLimiter({ limit: () => Promise.resolve({ success: true }) }, { limit: 1, period: 10 }).check(
          "ip",
        ),
      costs: {},
    },
  });
});
