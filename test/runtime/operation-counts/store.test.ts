import { countOperations, fill, ONE_DELETE, ONE_READ, ONE_WRITE, range } from "../support/operation-counts.js";

const all = async (items: AsyncIterable<unknown>) => {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
};

describe("the KV operations of a store", () => {
  countOperations({
    "KvStore.get": { call: ({ store }) => store.get("a"), costs: ONE_READ },
    "KvStore.getEntry": { call: ({ store }) => store.getEntry("a"), costs: ONE_READ },
    "KvStore.has": { call: ({ store }) => store.has("a"), costs: ONE_READ },
    "KvStore.stream": { call: ({ store }) => store.stream("a"), costs: ONE_READ },
    "KvStore.getMany of 100": { call: ({ store }) => store.getMany(range(100)), costs: { reads: 100, subrequests: 1 } },
    "KvStore.getMany of 250": { call: ({ store }) => store.getMany(range(250)), costs: { reads: 250, subrequests: 3 } },
    "KvStore.getMany with one like an array index": {
      call: ({ store }) => store.getMany(["42", "a"]),
      costs: { reads: 3, subrequests: 2 },
    },
    "KvStore.getMany of nothing": { call: ({ store }) => store.getMany([]), costs: {} },
    "KvStore.set": { call: ({ store }) => store.set("a", 1), costs: ONE_WRITE },
    "KvStore.delete": { call: ({ store }) => store.delete("a"), costs: ONE_DELETE },
    "KvStore.setMany of 20": {
      call: ({ store }) => store.setMany(range(20).map((key): [string, number] => [key, 1])),
      costs: { writes: 20, subrequests: 20 },
    },
    "KvStore.list": { call: ({ store }) => store.list(), costs: { lists: 1, subrequests: 1 } },
    "KvStore.keys of 1001": {
      before: fill(1001),
      call: ({ store }) => all(store.keys()),
      costs: { lists: 2, subrequests: 2 },
    },
    "KvStore.entries of 150": {
      before: fill(150),
      call: ({ store }) => all(store.entries()),
      costs: { lists: 1, reads: 150, subrequests: 3 },
    },
    "KvStore.deleteByPrefix of 20": {
      before: fill(20),
      call: ({ store }) => store.deleteByPrefix("k"),
      costs: { lists: 1, deletes: 20, subrequests: 21 },
    },
    "KvStore.deleteByPrefix of more than its budget": {
      before: fill(1200),
      call: ({ store }) => store.deleteByPrefix("k"),
      costs: { lists: 1, deletes: 899, subrequests: 900 },
    },

    "KvStore.getMany of more than 25 MiB": {
      before: async ({ kv }) => {
        for (const key of range(2)) await kv.put(key, JSON.stringify("x".repeat(14_000_000)));
      },
      call: ({ store }) => store.getMany(range(2)),
      costs: { reads: 4, subrequests: 3 },
    },
    "KvStore.getMany of one key twice": { call: ({ store }) => store.getMany(["a", "a"]), costs: ONE_READ },
    "KvStore.setMany of more than its budget": {
      call: ({ store }) => store.setMany(range(901).map((key): [string, number] => [key, 1])),
      costs: { writes: 900, subrequests: 900 },
    },
    "KvStore.set of what KV refuses": {
      call: ({ store }) => store.set("x".repeat(513), 1).catch(() => undefined),
      costs: {},
    },
    "KvStore.list of a page of 10": {
      before: fill(20),
      call: ({ store }) => store.list({ limit: 10 }),
      costs: { lists: 1, subrequests: 1 },
    },
    "KvStore.sub": { call: ({ store }) => store.sub("p").get("a"), costs: ONE_READ },
  });
});
