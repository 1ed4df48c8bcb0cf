import { Cache, FeatureFlags, keys, KvRateLimiter, KvStore, SessionStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

/** Rows of the checklist that are about several parts at once; the others are beside the part they are about. */
describe("what the runtime has to do", () => {
  it("makes a cache from a binding alone (row 51)", async () => {
    const cache = new Cache(new MemoryKV());
    await cache.set("a", 1);

    expect(await cache.get("a")).toBe(1);
  });

  it("lists the names under a prefix, over all pages (row 56)", async () => {
    const kv = new MemoryKV();
    for (let i = 0; i < 1500; i++) await kv.put(`product:${i}`, "1");
    const names: string[] = [];
    for await (const { name } of new KvStore(kv).keys({ prefix: "product:" })) names.push(name);

    expect(names).toHaveLength(1500);
  });

  it("reads small hot data from metadata, without a read (row 71)", async () => {
    const kv = new MemoryKV();
    const flags = new FeatureFlags(kv);
    await flags.set("a", { enabled: true });
    await new KvStore<string, { price: number }>(kv).set("product:1", "…", { metadata: { price: 39 } });
    kv.resetCounts();

    expect((await flags.list())[0]?.flag.enabled).toBe(true);
    expect((await new KvStore<string, { price: number }>(kv).list({ prefix: "product:" })).keys).toEqual([
      { name: "product:1", metadata: { price: 39 } },
    ]);
    expect(kv.counts.reads).toBe(0);
  });

  it("reads a hundred keys with one request (row 72)", async () => {
    const kv = new MemoryKV();
    await new KvStore(kv).getMany(Array.from({ length: 100 }, (_, i) => `k${i}`));

    expect(kv.counts.subrequests).toBe(1);
  });

  it("shows its own writes in the same location, and others' after cacheTtl (rows 73, 111)", async () => {
    const clock = testClock();
    const here = new MemoryKV({ clock, eventual: true });
    const there = new KvStore<number>(here.at("there"));
    const store = new KvStore<number>(here);
    await store.set("a", 1);
    expect([await store.get("a"), await there.get("a")]).toEqual([1, 1]);
    await store.set("a", 2);
    expect([await store.get("a"), await there.get("a")]).toEqual([2, 1]);
    clock.advance(60);
    expect(await there.get("a")).toBe(2);
  });

  it("lets a session that was destroyed elsewhere live on for cacheTtl at most (row 111)", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock, eventual: true });
    const here = new SessionStore(kv, { now: clock });
    const there = new SessionStore(kv.at("there"), { now: clock });
    const { token } = await here.create({ userId: "1" });
    await there.get(token);
    await here.destroy(token);
    expect(await there.get(token)).not.toBeNull();
    clock.advance(30);
    expect(await there.get(token)).toBeNull();
  });

  it("survives the common mistakes: hot writes, large values, no TTL, more than a page (row 76)", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock, writeLimit: true });
    const limiter = new KvRateLimiter(kv, { limit: 100, window: 60, now: clock });
    // A counter that wrote each request would be refused from the second on.
    for (let i = 0; i < 50; i++) expect((await limiter.check("ip")).source).not.toBe("error");
    expect(kv.counts.writes).toBe(1);
    // What a cache stores always ends.
    await new Cache(kv, { now: clock }).set("a", 1);
    expect((await kv.list({ prefix: "a" })).keys[0]?.expiration).toBeDefined();
  });

  it("says before the network what Workers KV cannot hold (rows 78, 121)", async () => {
    const kv = new MemoryKV();
    const store = new KvStore<string>(kv, { codec: "text" });

    await expect(store.set("x".repeat(513), "")).rejects.toMatchObject({ code: "KEY_TOO_LARGE" });
    await expect(store.set("a", "x".repeat(25 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(kv.counts.subrequests).toBe(0);
  });

  it("takes a KVNamespace by its type (row 80)", () => {
    const env: { CACHE: KvNamespaceShape } = { CACHE: new MemoryKV() };

    expect(KvStore.fromEnv(env, "CACHE")).toBeInstanceOf(KvStore);
  });

  it("tells a failed write apart from a done one, without an exception where nothing depends on it (row 107)", async () => {
    const kv = new MemoryKV();
    kv.fail("put", 500);
    const told: string[] = [];
    const cache = new Cache(kv, { onError: ({ code }) => told.push(code) });

    expect(await cache.getOrSet("a", () => "value")).toBe("value");
    expect(told).toEqual(["UNAVAILABLE"]);
    expect(await new KvStore(kv).setMany([["a", 1]])).toMatchObject({ written: 0, failed: [["a", { op: "put" }]] });
  });

  it("invalidates by key, by tag and by prefix (rows 113, 137)", async () => {
    const cache = new Cache(new MemoryKV());
    const fill = async () => {
      for (const id of ["1", "2"]) await cache.set(keys.cache("user", id), id, { tags: [`user-${id}`] });
    };
    const left = async () => [await cache.get(keys.cache("user", 1)), await cache.get(keys.cache("user", 2))];
    await fill();
    await cache.delete(keys.cache("user", 1));
    expect(await left()).toEqual([undefined, "2"]);
    await fill();
    await cache.invalidateTags("user-2");
    expect(await left()).toEqual(["1", undefined]);
    await cache.invalidatePrefix("cache:user:");
    expect(await left()).toEqual([undefined, undefined]);
  });

  it("binds, reads in bulk, keeps metadata and pages (rows 116, 117)", async () => {
    const kv = new MemoryKV();
    const store = KvStore.fromEnv<number, { by: string }>({ KV: kv }, "KV");
    await store.setMany([["a", 1, { metadata: { by: "Ada" } }]]);

    expect((await store.getManyEntries(["a"])).get("a")).toMatchObject({ value: 1, metadata: { by: "Ada" } });
    expect(await store.list({ limit: 1 })).toEqual({ keys: [{ name: "a", metadata: { by: "Ada" } }], done: true });
  });
});

/** The methods of a KVNamespace that the runtime may call. */
type KvNamespaceShape = Pick<MemoryKV, "get" | "getWithMetadata" | "put" | "delete" | "list">;
