import { Hono } from "hono";
import { configMiddleware, maintenance } from "../../src/runtime/hono.js";
import { ConfigStore, type KvLike, KvRateLimiter, Preferences } from "../../src/runtime/index.js";
import { testClock } from "./support/clock.js";
import { localWorker, names, secondsLeft, stored } from "./support/local-kv.js";

const defaults = { featureFlags: { newUi: false }, rateLimits: { requests: 100, window: 60 }, maintenanceMode: false };
const userDefaults = { theme: "light", language: "en", notifications: { email: true, push: false } };
/** The middle of a minute. */
const HALF_PAST = Date.UTC(2026, 0, 1, 12, 0, 30);

/** Configuration, rate limits and preferences, on Miniflare's KV. */
describe("configuration, limits and preferences in workerd", () => {
  const local = localWorker();

  async function configured() {
    const kv = await local.kv();
    const config = new ConfigStore(kv, { defaults });
    const app = new Hono()
      .use(configMiddleware(config))
      .use(maintenance())
      .get("/", (c) => c.json(c.get("config")));
    return { kv, config, app };
  }

  it("the configuration is one document at config:app", async () => {
    const { kv, config } = await configured();
    await config.set({ ...defaults, maintenanceMode: true });

    expect(await names(kv)).toEqual(["config:app"]);
    expect(await stored(kv, "config:app")).toEqual({ ...defaults, maintenanceMode: true });
    expect(await config.get()).toEqual({ ...defaults, maintenanceMode: true });
  });

  it("the defaults apply where nothing is stored", async () => {
    expect(await (await configured()).config.get()).toEqual(defaults);
  });

  it("a middleware puts the configuration into the context", async () => {
    const { app, kv } = await configured();
    await kv.put("config:app", '{"featureFlags":{"newUi":true}}');

    expect(await (await app.request("/")).json()).toEqual({ ...defaults, featureFlags: { newUi: true } });
  });

  it("maintenance answers 503 with an error", async () => {
    const { app, config } = await configured();
    await config.patch({ maintenanceMode: true });
    const response = await app.request("/");

    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "300"]);
    expect(await response.json()).toMatchObject({ error: expect.any(String) as string });
  });

  it("a limit is counted under rl:{id}, its rule and its window, and the count expires", async () => {
    const kv = await local.kv();
    const limiter = new KvRateLimiter(kv, { limit: 5, window: 60, now: () => HALF_PAST });
    await limiter.check("203.0.113.7");

    expect(await secondsLeft(kv)).toEqual({ [`rl:203.0.113.7:5/60:${Math.floor(HALF_PAST / 60_000)}`]: 120 });
  });

  it("a check says whether it is allowed and what remains", async () => {
    const options = { limit: 2, window: 60, algorithm: "fixed" as const, now: () => HALF_PAST };
    const limiter = new KvRateLimiter(await local.kv(), options);

    expect(await limiter.check("ip")).toMatchObject({ allowed: true, remaining: 1 });
    expect(await limiter.check("ip")).toMatchObject({ allowed: true, remaining: 0 });
    expect(await limiter.check("ip")).toMatchObject({ allowed: false, remaining: 0, retryAfter: 30 });
  });

  it("a limit is exact in one isolate, and agreed on by several only after a while", async () => {
    const kv = await local.kv();
    const clock = testClock();
    const options = { limit: 10, window: 60, now: clock };
    // Another object for the same namespace is another isolate.
    const here = new KvRateLimiter(kv, options);
    const there = new KvRateLimiter(Object.create(kv) as KvLike, options);
    const allowed = async (limiter: KvRateLimiter, times: number) => {
      const results = await Promise.all(Array.from({ length: times }, () => limiter.check("ip")));
      return results.filter((result) => result.allowed).length;
    };
    expect(await allowed(here, 9)).toBe(9);
    expect(await allowed(there, 5)).toBeGreaterThan(1);
    clock.advance(10);
    await here.check("ip");

    expect(await allowed(here, 40)).toBe(0);
    expect(await allowed(there, 40)).toBeLessThan(5);
  });

  it("preferences are theme, language and notifications, over defaults", async () => {
    expect(await new Preferences(await local.kv(), { defaults: userDefaults }).get("ada")).toEqual(userDefaults);
  });

  it("a user's choices override the defaults", async () => {
    const kv = await local.kv();
    await kv.put("prefs:ada", '{"theme":"dark"}');

    expect(await new Preferences(kv, { defaults: userDefaults }).get("ada")).toEqual({
      ...userDefaults,
      theme: "dark",
    });
  });

  it("updating merges, stores and returns all", async () => {
    const kv = await local.kv();
    const preferences = new Preferences(kv, { defaults: userDefaults });
    await preferences.update("ada", { theme: "dark" });

    expect(await preferences.update("ada", { language: "de" })).toEqual({
      ...userDefaults,
      theme: "dark",
      language: "de",
    });
    expect(await stored(kv, "prefs:ada")).toEqual({ theme: "dark", language: "de" });
  });

  it("a partial document of a seed file is completed by the defaults", async () => {
    const { kv, config } = await configured();
    await kv.put("config:app", '{"maintenanceMode":false}');
    await kv.put("user:123", '{"name":"Test User"}', { expirationTtl: 3600 });

    expect(await config.get()).toEqual(defaults);
    expect((await config.get()).rateLimits.requests).toBe(100);
    expect(await secondsLeft(kv)).toEqual({ "user:123": 3600 });
  });
});
