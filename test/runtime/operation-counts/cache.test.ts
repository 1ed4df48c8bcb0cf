import { countOperations, ONE_READ, range, READ_WRITE } from "../support/operation-counts.js";

const load = () => Promise.resolve(1);

describe("the KV operations of a cached read", () => {
  countOperations({
    "Cache.get": { call: ({ cache }) => cache.get("a"), costs: ONE_READ },
    "Cache.getOrSet, a miss": { call: ({ cache }) => cache.getOrSet("a", load), costs: READ_WRITE },
    "Cache.getOrSet, 20 concurrent misses": {
      call: ({ cache }) => Promise.all(range(20).map(() => cache.getOrSet("a", load))),
      costs: { reads: 20, writes: 1, subrequests: 21 },
    },
    "Cache.getOrSet, a hit": {
      before: ({ cache }) => cache.set("a", 1),
      call: ({ cache }) => cache.getOrSet("a", load),
      costs: ONE_READ,
    },
    "Cache.getOrSet, a hit in memory": {
      before: ({ l1 }) => l1.set("a", 1),
      call: ({ l1 }) => l1.getOrSet("a", load),
      costs: {},
    },
    "Cache.getOrSet, a hit with 2 tags": {
      before: ({ cache }) => cache.set("a", 1, { tags: ["t", "u"] }),
      call: ({ cache }) => cache.getOrSet("a", load, { tags: ["t", "u"] }),
      costs: { reads: 3, subrequests: 1 },
    },
    "Cache.getOrSet, a hit with 2 tags it knows": {
      before: async ({ cache }) => {
        await cache.set("a", 1, { tags: ["t", "u"] });
        await cache.getOrSet("a", load, { tags: ["t", "u"] });
      },
      call: ({ cache }) => cache.getOrSet("a", load, { tags: ["t", "u"] }),
      costs: ONE_READ,
    },
    "Cache.getOrSet, stale": {
      before: async ({ cache, clock }) => {
        await cache.set("a", 1);
        clock.advance(61);
      },
      call: ({ cache }) => cache.getOrSet("a", load),
      costs: READ_WRITE,
    },
    "Cache.getOrSet, stale, 20 times": {
      before: async ({ cache, clock }) => {
        await cache.set("a", 1);
        clock.advance(61);
      },
      call: ({ cache }) => Promise.all(range(20).map(() => cache.getOrSet("a", load))),
      costs: { reads: 20, writes: 1, subrequests: 21 },
    },
    "Cache.getOrSet, a negative hit": {
      before: ({ cache }) => cache.getOrSet("a", () => null, { negativeTtl: 60 }),
      call: ({ cache }) => cache.getOrSet("a", () => null, { negativeTtl: 60 }),
      costs: ONE_READ,
    },

    "Cache.inspect": { call: ({ cache }) => cache.inspect("a"), costs: ONE_READ },
    "Cache.wrap, a miss": {
      call: ({ cache }) => cache.wrap((id: number) => Promise.resolve(id), { key: (id) => `k${id}` })(1),
      costs: READ_WRITE,
    },
    "Cache.getOrSet, a miss with 2 tags": {
      call: ({ cache }) => cache.getOrSet("a", load, { tags: ["t", "u"] }),
      costs: { reads: 3, writes: 1, subrequests: 2 },
    },
    "Cache.getOrSet, a hit with a tag the call does not name": {
      before: ({ cache }) => cache.set("a", 1, { tags: ["t"] }),
      call: ({ cache }) => cache.getOrSet("a", load),
      costs: { reads: 2, subrequests: 2 },
    },
    "Cache.getOrSet, a miss that loads nothing": {
      call: ({ cache }) => cache.getOrSet("a", () => null),
      costs: ONE_READ,
    },
    "Cache.getOrSet, a miss remembered as such": {
      call: ({ cache }) => cache.getOrSet("a", () => null, { negativeTtl: 60 }),
      costs: READ_WRITE,
    },
    "Cache.getOrSet, stale again within its cooldown": {
      before: async ({ cache, clock, kv, later }) => {
        await cache.set("a", 1);
        clock.advance(61);
        // As where another location still reads the old value.
        kv.fail("put", 500);
        await cache.getOrSet("a", load);
        await later.settled();
        kv.heal();
        clock.advance(59);
      },
      call: ({ cache }) => cache.getOrSet("a", load),
      costs: ONE_READ,
    },
    "Cache.getOrSet, a loader that fails": {
      call: ({ cache }) => cache.getOrSet("a", () => Promise.reject(new Error("down"))).catch(() => undefined),
      costs: ONE_READ,
    },
    "Cache.getOrSet, what cannot be parsed": {
      before: ({ kv }) => kv.put("a", "MyApp"),
      call: ({ cache }) => cache.getOrSet("a", load),
      costs: READ_WRITE,
    },
  });
});
