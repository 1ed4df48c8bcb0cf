import {
  Cache,
  ConfigStore,
  FeatureFlags,
  keys,
  KvRateLimiter,
  KvStore,
  Preferences,
  SessionStore,
} from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";
import { localWorker, names, secondsLeft } from "./support/local-kv.js";

/** What is about several parts at once, on Miniflare's KV; in memory where locations differ. */
describe("the classes together", () => {
  const local = localWorker();

  it("keys are prefix:id, values JSON, and caches end", async () => {
    const kv = await local.kv();
    await new KvStore(kv).set(keys.user(123), { name: "Ada" });
    await new Cache(kv, { jitter: 0 }).set(keys.cache("product", 7), { id: 7 }, { ttl: 300 });

    expect(await names(kv)).toEqual(["cache:product:7", "user:123"]);
    expect(await secondsLeft(kv)).toEqual({ "cache:product:7": 300 });
    await expect(new KvStore(kv).set("a", undefined)).rejects.toMatchObject({ code: "INVALID_VALUE" });
  });

  it("small hot data is read from metadata, without a read", async () => {
    const kv = new MemoryKV();
    const prices = new KvStore<string, { price: number }>(kv, { prefix: "product" });
    await prices.set("1", "a long description", { metadata: { price: 39 } });
    await new FeatureFlags(kv).set("f", { enabled: true });

    expect((await prices.list()).keys).toEqual([{ name: "1", metadata: { price: 39 } }]);
    expect((await new FeatureFlags(kv).list())[0]?.flag.enabled).toBe(true);
    expect(kv.counts.reads).toBe(0);
  });

  it("one sees one's own writes in the same location, others after cacheTtl", async () => {
    const clock = testClock();
    const here = new MemoryKV({ clock, eventual: true });
    const store = new KvStore<number>(here);
    const there = new KvStore<number>(here.at("there"));
    await store.set("a", 1);
    expect([await store.get("a"), await there.get("a")]).toEqual([1, 1]);
    await store.set("a", 2);
    expect([await store.get("a"), await there.get("a")]).toEqual([2, 1]);
    clock.advance(60);
    expect(await there.get("a")).toBe(2);
  });

  it("the common mistakes do no harm: hot writes, large values, no TTL, no namespace, more than a page", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock, writeLimit: true });
    // A counter that wrote with each request would be refused from the second on.
    const limiter = new KvRateLimiter(kv, { limit: 100, window: 60, now: clock });
    for (let i = 0; i < 50; i++) expect((await limiter.check("ip")).source).not.toBe("error");
    expect(kv.counts.writes).toBe(1);

    const told: string[] = [];
    const cache = new Cache(kv, { now: clock, onError: ({ code }) => told.push(code) });
    expect(await cache.getOrSet("large", () => "x".repeat(26_300_000))).toHaveLength(26_300_000);
    expect(told).toEqual(["VALUE_TOO_LARGE"]);
    await cache.set("cached", 1);
    expect((await kv.list({ prefix: "cached" })).keys[0]?.expiration).toBeDefined();
    expect(() => new Cache(undefined)).toThrow(expect.objectContaining({ code: "BINDING_MISSING" }) as Error);

    for (let i = 0; i < 1001; i++) await kv.put(`k:${i}`, "1");
    const listed = new Set<string>();
    for await (const { name } of new KvStore(kv, { prefix: "k" }).keys()) listed.add(name);
    expect(listed.size).toBe(1001);
  });

  it("keys are built by name, for sessions, preferences, caches and limits, whatever the parts hold", () => {
    expect([
      keys.session("t"),
      keys.prefs("1"),
      keys.cache("product", "a:b"),
      keys.rateLimit("api", "2001:db8::1"),
    ]).toEqual(["session:t", "prefs:1", "cache:product:a%3Ab", "rl:api:2001%3Adb8%3A%3A1"]);
  });

  it("what KV is late or short with is expected: old values, missing keys, hot keys", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock, eventual: true, writeLimit: true });
    const here = new SessionStore(kv, { now: clock });
    const there = new SessionStore(kv.at("there"), { now: clock });
    const { token } = await here.create({ userId: "1" });
    await there.get(token);
    await here.destroy(token);
    expect(await there.get(token)).not.toBeNull();
    clock.advance(30);
    expect(await there.get(token)).toBeNull();

    expect(await new ConfigStore(kv, { defaults: { a: 1 } }).get()).toEqual({ a: 1 });
    const cache = new Cache(kv, { now: clock });
    expect(await Promise.all([1, 2, 3].map(() => cache.getOrSet("hot", () => 1)))).toEqual([1, 1, 1]);
    expect(kv.counts.writes).toBe(2);
  });

  it("sessions, flags, configuration, limits and preferences share a namespace", async () => {
    const kv = await local.kv();
    await new SessionStore(kv).create({ userId: "1" });
    await new FeatureFlags(kv).set("f", { enabled: true });
    await new ConfigStore(kv, { defaults: { a: 1 } }).set({ a: 2 });
    await new KvRateLimiter(kv, { limit: 5, window: 60 }).check("ip");
    await new Preferences(kv, { defaults: { theme: "light" } }).update("ada", { theme: "dark" });

    expect((await names(kv)).map((name) => name.split(":")[0])).toEqual(["config", "flag", "prefs", "rl", "session"]);
    expect((await new FeatureFlags(kv).list()).map(({ name }) => name)).toEqual(["f"]);
  });

  it("keys follow the table: user, session, cache, config and flag", () => {
    expect([keys.user("1"), keys.session("t"), keys.cache("product", 1), keys.config("app"), keys.flag("f")]).toEqual([
      "user:1",
      "session:t",
      "cache:product:1",
      "config:app",
      "flag:f",
    ]);
  });
});
