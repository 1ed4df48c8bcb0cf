import { Cache, KvStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { localWorker, names, secondsLeft, stored } from "./support/local-kv.js";

/** The store and its batches, on Miniflare's KV. */
describe("KvStore on Miniflare", () => {
  const local = localWorker();

  it("reads and writes in batches", async () => {
    const kv = await local.kv();
    const store = new KvStore<number>(kv);
    const items = Array.from({ length: 120 }, (_, index): [string, number] => [`k${index}`, index]);
    expect(await store.setMany(items)).toEqual({ written: 120, failed: [] });
    expect([...(await store.getMany(items.map(([key]) => key)))]).toEqual(items);

    const counted = new MemoryKV();
    await new KvStore(counted).getMany(items.map(([key]) => key));
    expect(counted.counts.subrequests).toBe(2);
  });

  it("tells writes that failed from those that are done, without throwing where nothing depends on it", async () => {
    const kv = new MemoryKV();
    kv.fail("put", 500);
    const told: string[] = [];
    const cache = new Cache(kv, { onError: ({ code }) => told.push(code) });

    expect(await cache.getOrSet("a", () => "value")).toBe("value");
    expect(told).toEqual(["UNAVAILABLE"]);
    expect(await new KvStore(kv).setMany([["a", 1]])).toMatchObject({ written: 0, failed: [["a", { op: "put" }]] });
  });

  it("binds, reads in bulk, keeps metadata and pages", async () => {
    const store = KvStore.fromEnv<number, { by: string }>({ KV: await local.kv() }, "KV");
    await store.setMany([
      ["a", 1, { metadata: { by: "Ada" } }],
      ["b", 2, { metadata: { by: "Bob" } }],
    ]);
    const page = await store.list({ limit: 1 });

    expect((await store.getManyEntries(["b", "a"])).get("a")).toMatchObject({ value: 1, metadata: { by: "Ada" } });
    expect([page.keys, page.done]).toEqual([[{ name: "a", metadata: { by: "Ada" } }], false]);
    expect((await store.list({ limit: 1, cursor: page.cursor ?? "" })).keys).toHaveLength(1);
  });

  it("takes every type of value, up to 25 MB", async () => {
    const kv = await local.kv();
    const typed = new KvStore<unknown>(kv);
    for (const value of ["text", 0, false, null, [1], { a: { b: null } }]) {
      await typed.set("value", value);
      expect(await stored(kv, "value")).toEqual(value);
      expect(await typed.getEntry("value")).toMatchObject({ value });
    }
    await expect(typed.set("value", "x".repeat(25 * 1024 * 1024))).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
  });

  it("has a prefix and a TTL for all of its keys", async () => {
    const kv = await local.kv();
    const store = new KvStore(kv, { prefix: "app", ttl: 3600 });
    await store.set("a", 1);
    await store.set("b", 1, { ttl: 600 });
    await store.set("c", 1, { ttl: null });

    expect(await secondsLeft(kv)).toEqual({ "app:a": 3600, "app:b": 600 });
    expect(await names(kv)).toContain("app:c");
  });

  it("stores under prefix:key, or under the key", async () => {
    const kv = await local.kv();
    await new KvStore(kv, { prefix: "user" }).set("1", "Ada");
    await new KvStore(kv).set("1", "Bob");

    expect(await names(kv)).toEqual(["1", "user:1"]);
  });

  it("gets JSON, null when there is none", async () => {
    const kv = await local.kv();
    await kv.put("a", '{"name":"Ada"}');
    const store = new KvStore<{ name: string }>(kv);

    expect([await store.get("a"), await store.get("b")]).toEqual([{ name: "Ada" }, null]);
  });

  it("gets a value with its metadata, null when there is neither", async () => {
    const kv = await local.kv();
    await kv.put("a", "1", { metadata: { by: "Ada" } });
    const store = new KvStore<number>(kv);

    expect(await store.getEntry("a")).toEqual({ value: 1, metadata: { by: "Ada" }, cacheStatus: null });
    expect(await store.getEntry("b")).toBeNull();
  });

  it("sets with a TTL and metadata", async () => {
    const kv = await local.kv();
    await new KvStore(kv).set("a", 1, { ttl: 120, metadata: { by: "Ada" } });

    expect(await secondsLeft(kv)).toEqual({ a: 120 });
    expect((await kv.list()).keys[0]?.metadata).toEqual({ by: "Ada" });
  });

  it("deletes its own key alone", async () => {
    const kv = await local.kv();
    for (const key of ["a", "p:a"]) await kv.put(key, "1");
    await new KvStore(kv, { prefix: "p" }).delete("a");

    expect(await names(kv)).toEqual(["a"]);
  });

  it("says whether a key exists, whatever its value", async () => {
    const kv = await local.kv();
    await kv.put("empty", "");
    await kv.put("text", "no JSON");
    const store = new KvStore(kv);

    expect([await store.has("empty"), await store.has("text"), await store.has("none")]).toEqual([true, true, false]);
  });

  it("lists within its prefix by prefix, limit and cursor", async () => {
    const kv = await local.kv();
    for (const key of ["p:a1", "p:a2", "p:b1", "q:a3"]) await kv.put(key, "1");
    const store = new KvStore(kv, { prefix: "p" });
    const { keys, cursor = "" } = await store.list({ prefix: "a", limit: 1 });

    expect(keys).toEqual([{ name: "a1" }]);
    expect((await store.list({ prefix: "a", limit: 1, cursor })).keys).toEqual([{ name: "a2" }]);
  });
});
