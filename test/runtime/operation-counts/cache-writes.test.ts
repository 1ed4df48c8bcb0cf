import {
  countOperations,
  fill,
  ONE_DELETE,
  ONE_READ,
  ONE_WRITE,
  range,
  READ_WRITE,
} from "../support/operation-counts.js";

const load = () => Promise.resolve(1);

describe("the KV operations of writing to a cache", () => {
  countOperations({
    "Cache.getOrSetMany of 100, half of them missing": {
      before: async ({ cache }) => {
        for (const key of range(50)) await cache.set(key, 1);
      },
      call: ({ cache }) =>
        cache.getOrSetMany(range(100), (keys) => Promise.resolve(new Map(keys.map((key) => [key, 1])))),
      costs: { reads: 100, writes: 50, subrequests: 51 },
    },
    "Cache.set": { call: ({ cache }) => cache.set("a", 1), costs: ONE_WRITE },
    "Cache.delete": { call: ({ cache }) => cache.delete("a"), costs: ONE_DELETE },
    "Cache.expire": {
      before: ({ cache }) => cache.set("a", 1),
      call: ({ cache }) => cache.expire("a"),
      costs: READ_WRITE,
    },
    "Cache.invalidateTags of 3": {
      call: ({ cache }) => cache.invalidateTags("t", "u", "v"),
      costs: { writes: 3, subrequests: 3 },
    },
    "Cache.invalidatePrefix of 20": {
      before: fill(20),
      call: ({ cache }) => cache.invalidatePrefix("k"),
      costs: { lists: 1, deletes: 20, subrequests: 21 },
    },
    "Cache.writeThrough": { call: ({ cache }) => cache.writeThrough("a", load), costs: ONE_WRITE },
    "Cache.writeThrough of null": {
      call: ({ cache }) => cache.writeThrough("a", () => Promise.resolve(null)),
      costs: ONE_DELETE,
    },
    "Cache.warm of 10 with skipFresh, 4 of them fresh": {
      before: async ({ cache }) => {
        for (const key of range(4)) await cache.set(key, 1);
      },
      call: ({ cache }) =>
        cache.warm(
          range(10).map((key) => ({ key, load })),
          { skipFresh: true },
        ),
      costs: { reads: 10, writes: 6, subrequests: 7 },
    },

    "Cache.getOrSetMany of 10 with 2 tags": {
      call: ({ cache }) =>
        cache.getOrSetMany(range(10), () => Promise.resolve(new Map<string, number>()), { tags: ["t", "u"] }),
      costs: { reads: 12, subrequests: 1 },
    },
    "Cache.set with tags": { call: ({ cache }) => cache.set("a", 1, { tags: ["t", "u"] }), costs: ONE_WRITE },
    "Cache.expire of what is not there": { call: ({ cache }) => cache.expire("a"), costs: ONE_READ },
    "Cache.invalidateTags of none": { call: ({ cache }) => cache.invalidateTags(), costs: {} },
    "Cache.writeThrough whose write to KV fails": {
      before: ({ kv }) => (kv.fail("put", 500), Promise.resolve()),
      call: ({ cache }) => cache.writeThrough("a", load),
      costs: { writes: 1, deletes: 1, subrequests: 2 },
    },
    "Cache.writeThrough whose write to the source fails": {
      call: ({ cache }) => cache.writeThrough("a", () => Promise.reject(new Error("down"))).catch(() => undefined),
      costs: {},
    },
    "Cache.warm of 10": {
      call: ({ cache }) => cache.warm(range(10).map((key) => ({ key, load }))),
      costs: { writes: 10, subrequests: 10 },
    },
  });
});
