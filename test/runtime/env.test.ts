import { Cache, FeatureFlags, KvStore, SessionStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

const clock = testClock();
const withDefaults = (text: string) => ({ SESSIONS: new MemoryKV({ clock }), KV_DEFAULTS: text });

describe("fromEnv", () => {
  it("keeps keys for as long as the namespace's construct says", async () => {
    const env = withDefaults('{"SESSIONS":{"ttlSeconds":86400}}');
    await KvStore.fromEnv(env, "SESSIONS").set("a", 1);

    expect((await env.SESSIONS.list()).keys).toEqual([{ name: "a", expiration: clock() / 1000 + 86_400 }]);
  });

  it("prefers the caller's own ttl, null included", async () => {
    const env = withDefaults('{"SESSIONS":{"ttlSeconds":86400}}');
    await KvStore.fromEnv(env, "SESSIONS", { ttl: null }).set("a", 1);

    expect((await env.SESSIONS.list()).keys).toEqual([{ name: "a" }]);
  });

  it("reads ttlSeconds 0 as keys that do not expire", async () => {
    const env = withDefaults('{"SESSIONS":{"ttlSeconds":0}}');
    await KvStore.fromEnv(env, "SESSIONS").set("a", 1);

    expect((await env.SESSIONS.list()).keys).toEqual([{ name: "a" }]);
  });

  it("falls back to the constant that a gradual rollout puts into the code", () => {
    const env = { SESSIONS: new MemoryKV({ clock }) };
    const holder = globalThis as { KV_DEFAULTS?: string };
    holder.KV_DEFAULTS = '{"SESSIONS":{"ttlSeconds":120}}';
    try {
      expect(SessionStore.fromEnv(env, "SESSIONS").ttl).toBe(120);
    } finally {
      delete holder.KV_DEFAULTS;
    }
    expect(SessionStore.fromEnv(env, "SESSIONS").ttl).toBe(86_400);
  });

  it("names the missing binding and how to add it", () => {
    const problem =
      "the KV binding CONFIG is missing: bind a namespace to the Worker, " +
      "with WorkerWithKvBindings { kv: { CONFIG: namespace } }";
    const openers = [KvStore, Cache, SessionStore, FeatureFlags] as readonly {
      fromEnv(env: object, name: string): unknown;
    }[];
    for (const opener of openers) {
      expect(() => opener.fromEnv({}, "CONFIG")).toThrow(problem);
    }
    expect(() => new KvStore(undefined)).toThrow("the KV binding is missing");
  });

  it("says so when KV_DEFAULTS is not JSON", () => {
    expect(() => KvStore.fromEnv(withDefaults("{"), "SESSIONS")).toThrow(
      "KV_DEFAULTS must be JSON: deploy the stack again",
    );
  });
});
