import { Cache, ConfigStore, FeatureFlags, KvRateLimiter } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

/** An hour back, and on by more than anything is remembered. */
function setBack(clock: ReturnType<typeof testClock>): void {
  clock.advance(-3600);
  clock.advance(61);
}

/** KV's own clock is right: only that of the isolate's machine is set back. */
function setUp() {
  return { now: testClock(), kv: new MemoryKV() };
}

describe("an isolate whose clock is set back by an hour", () => {
  it("remembers flags and settings no longer for it", async () => {
    const { now, kv } = setUp();
    const flags = new FeatureFlags(kv, { now });
    const config = new ConfigStore(kv, { now, defaults: { limit: 1 } });
    await flags.set("new-page", { enabled: true });
    await config.get();
    await kv.put("flag:new-page", '{"enabled":false}');
    await kv.put("config:app", '{"limit":2}');
    setBack(now);

    expect(await flags.isEnabled("new-page")).toBe(false);
    expect(await config.get()).toEqual({ limit: 2 });
  });

  it("asks for tags and for what is kept in memory again", async () => {
    const { now, kv } = setUp();
    const settings = { now, jitter: 0, earlyRefresh: 0, ttl: 99_999 };
    const tagged = new Cache(kv, { ...settings, tags: ["t"] });
    const kept = new Cache(kv, { ...settings, prefix: "kept", l1: { ttl: 60, max: 10 } });
    await tagged.set("a", 1);
    await tagged.get("a");
    await kept.set("a", 1);
    await kv.put("kept:a", "2");
    await kv.put("~cfkv:tag::t", "9e15");
    setBack(now);

    expect(await tagged.get("a")).toBeUndefined();
    expect(await kept.get("a")).toBe(2);
  });

  it("goes on syncing its counts", async () => {
    const { now, kv } = setUp();
    const limiter = new KvRateLimiter(kv, { now, limit: 5, window: 86_400 });
    // The window has begun two hours ago.
    now.advance(86_400 - ((now() / 1000) % 86_400) + 7200);
    await limiter.check("ada");
    const [key] = (await kv.list()).keys;
    await kv.put(key?.name ?? "", "5");
    setBack(now);

    expect(await limiter.check("ada")).toMatchObject({ allowed: false, source: "kv" });
  });
});
