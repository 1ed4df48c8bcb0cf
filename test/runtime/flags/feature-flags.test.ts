import { FeatureFlags, type Flag, type KvError } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";

function setUp() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const errors: KvError[] = [];
  const onError = (error: KvError) => void errors.push(error);
  return { clock, kv, errors, flags: new FeatureFlags(kv, { now: clock, onError }) };
}

const users = Array.from({ length: 1000 }, (_, i) => `user-${i}`);

describe("FeatureFlags", () => {
  it("stores flags under flag:{name}", async () => {
    const { flags, kv, clock } = setUp();
    const flag: Flag = { enabled: true, percentage: 10, allowlist: ["a"], metadata: { owner: "web" } };

    expect(await flags.set("new-ui", flag)).toEqual({ ...flag, updatedAt: clock() });
    expect(await kv.get("flag:new-ui", "json")).toEqual({ ...flag, updatedAt: clock() });
    expect(await flags.get("new-ui")).toEqual({ ...flag, updatedAt: clock() });
    expect(await flags.get("nope")).toBeNull();
  });

  it("is off when missing, or the fallback, and off when disabled", async () => {
    const { flags } = setUp();
    await flags.set("off", { enabled: false, allowlist: ["a"] });

    expect(await flags.isEnabled("missing")).toBe(false);
    expect(await flags.isEnabled("missing", "a", true)).toBe(true);
    expect(await flags.isEnabled("off", "a", true)).toBe(false);
    expect(await flags.evaluate("missing")).toEqual({ value: false, reason: "ERROR", errorCode: "FLAG_NOT_FOUND" });
    expect(await flags.evaluate("off", "a")).toEqual({ value: false, reason: "DISABLED" });
  });

  it("lets listed users win over the percentage", async () => {
    const { flags } = setUp();
    await flags.set("f", { enabled: true, percentage: 0, allowlist: ["a", "b"], denylist: ["b"] });

    expect(await flags.evaluate("f", "a")).toEqual({ value: true, reason: "TARGETING_MATCH" });
    expect(await flags.evaluate("f", "b")).toEqual({ value: false, reason: "TARGETING_MATCH" });
    expect(await flags.evaluate("f", "c")).toEqual({ value: false, reason: "SPLIT" });
  });

  it("rolls out to a stable part of the users", async () => {
    const { flags } = setUp();
    await flags.set("f", { enabled: true, percentage: 25 });
    const first = await Promise.all(users.map((user) => flags.isEnabled("f", user)));
    const second = await Promise.all(users.map((user) => flags.isEnabled("f", { targetingKey: user })));

    expect(second).toEqual(first);
    expect(Math.abs(first.filter(Boolean).length - 250)).toBeLessThan(50);
  });

  it.each([undefined, "", {}])("leaves %j, who is nobody, out of a partial rollout", async (user) => {
    const { flags } = setUp();
    await flags.set("partial", { enabled: true, percentage: 99 });
    await flags.set("full", { enabled: true, percentage: 100 });
    await flags.set("plain", { enabled: true });

    expect(await flags.evaluate("partial", user)).toEqual({ value: false, reason: "DEFAULT" });
    expect(await flags.isEnabled("full", user)).toBe(true);
    expect(await flags.evaluate("plain", user)).toEqual({ value: true, reason: "STATIC" });
  });

  it("reaches the same users with the same salt", async () => {
    const { flags } = setUp();
    await flags.set("a", { enabled: true, percentage: 30, salt: "shared" });
    await flags.set("b", { enabled: true, percentage: 30, salt: "shared" });
    const of = (name: string) => Promise.all(users.map((user) => flags.isEnabled(name, user)));

    expect(await of("a")).toEqual(await of("b"));
  });

  it("reads the older allowedUsers as allowlist", async () => {
    const { flags, kv } = setUp();
    await kv.put("flag:f", '{"enabled":true,"percentage":0,"allowedUsers":["a"]}');

    expect(await flags.isEnabled("f", "a")).toBe(true);
    expect(await flags.get("f")).toEqual({ enabled: true, percentage: 0, allowlist: ["a"] });
  });

  it("lists names with their flags, with no reads but for flags too large for metadata", async () => {
    const { flags, kv } = setUp();
    const allowlist = Array.from({ length: 200 }, (_, i) => `user-${i}`);
    await flags.set("small", { enabled: true });
    await flags.set("large", { enabled: false, allowlist });
    await kv.put("flag:seeded", '{"enabled":true}');
    kv.resetCounts();

    expect((await flags.list()).map(({ name, flag }) => [name, flag.enabled])).toEqual([
      ["large", false],
      ["seeded", true],
      ["small", true],
    ]);
    expect(kv.counts).toMatchObject({ lists: 1, reads: 2, subrequests: 2 });
  });

  it("remembers flags for memoTtl, and sees its own changes at once", async () => {
    const { flags, kv, clock } = setUp();
    await flags.set("f", { enabled: true });
    kv.resetCounts();
    await kv.put("flag:f", '{"enabled":false}');
    expect(await flags.isEnabled("f")).toBe(true);
    expect(kv.counts.reads).toBe(0);
    clock.advance(30);
    expect(await flags.isEnabled("f")).toBe(false);
    await flags.patch("f", { enabled: true });
    expect(await flags.isEnabled("f")).toBe(true);
    await flags.delete("f");
    expect(await flags.isEnabled("f")).toBe(false);
  });

  it("patches what is stored and checks the result", async () => {
    const { flags } = setUp();
    await flags.set("f", { enabled: true, percentage: 10, allowlist: ["a"] });

    expect(await flags.patch("f", { percentage: 20 })).toMatchObject({ percentage: 20, allowlist: ["a"] });
    expect(await flags.patch("new", { percentage: 5 })).toMatchObject({ enabled: false, percentage: 5 });
    await expect(flags.patch("f", { percentage: 120 })).rejects.toMatchObject({ code: "INVALID_VALUE" });
  });

  it("never turns a flag on when KV fails, and keeps the last it knew", async () => {
    const { flags, kv, clock, errors } = setUp();
    await flags.set("on", { enabled: true });
    clock.advance(31);
    kv.fail("get", 503);

    expect(await flags.isEnabled("on")).toBe(true);
    expect(await flags.isEnabled("unknown")).toBe(false);
    expect(await flags.evaluate("unknown")).toEqual({ value: false, reason: "ERROR", errorCode: "GENERAL" });
    expect(errors.map(({ code }) => code)).toEqual(["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"]);
    const strict = new FeatureFlags(kv.at("here"), {
      now: clock,
      failure: "throw",
      onError: (error) => errors.push(error),
    });
    await expect(strict.evaluate("on")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await strict.isEnabled("on")).toBe(false);
    expect(errors.map(({ code }) => code)).toEqual(Array(5).fill("UNAVAILABLE"));
  });

  it("asks a KV that failed again after five seconds", async () => {
    const { flags, kv, clock } = setUp();
    await flags.set("on", { enabled: true });
    clock.advance(31);
    kv.fail("get", 503);
    kv.resetCounts();
    await flags.isEnabled("on");
    await flags.isEnabled("on");
    expect(kv.counts.reads).toBe(1);
    clock.advance(5);
    await flags.isEnabled("on");
    expect(kv.counts.reads).toBe(2);
  });

  it.each(["{", "null", '{"enabled":"yes"}', '{"enabled":true,"percentage":"50"}'])(
    "is off when %j is stored",
    async (text) => {
      const { flags, kv, errors } = setUp();
      await kv.put("flag:f", text);

      expect(await flags.evaluate("f", "a")).toEqual({ value: false, reason: "ERROR", errorCode: "PARSE_ERROR" });
      expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_VALUE"]);
      await expect(flags.get("f")).rejects.toMatchObject({ code: "CORRUPT_VALUE" });
    },
  );

  it("evaluates many with one subrequest for each hundred", async () => {
    const { flags, kv } = setUp();
    const names = Array.from({ length: 150 }, (_, i) => `f${i}`);
    await flags.set("f0", { enabled: true });
    const fresh = new FeatureFlags(kv.at("here"));
    kv.resetCounts();
    const all = await fresh.evaluateAll(names, "a");

    expect([all.f0?.value, all.f149?.errorCode]).toEqual([true, "FLAG_NOT_FOUND"]);
    expect(kv.counts.subrequests).toBe(2);
  });

  it("gives those who get a flag its variant, others the fallback", async () => {
    const { flags } = setUp();
    const variants = { big: "20px", small: "12px" };
    await flags.set("size", { enabled: true, denylist: ["b"], variants, defaultVariant: "big" });

    expect(await flags.evaluateVariant("size", "16px", "a")).toEqual({
      value: "20px",
      variant: "big",
      reason: "STATIC",
    });
    expect(await flags.evaluateVariant("size", "16px", "b")).toEqual({ value: "16px", reason: "TARGETING_MATCH" });
    expect(await flags.evaluateVariant("size", 16, "a")).toEqual({
      value: 16,
      reason: "ERROR",
      errorCode: "TYPE_MISMATCH",
    });
    expect(await flags.evaluateVariant("nope", 16, "a")).toMatchObject({ value: 16, errorCode: "FLAG_NOT_FOUND" });
  });

  it.each([
    [{ enabled: true, percentage: 101 }, "percentage must be a number from 0 to 100"],
    [{ enabled: true, percentage: Number.NaN }, "percentage must be a number from 0 to 100"],
    [{ enabled: "yes" }, "enabled must be true or false"],
    [{ enabled: true, allowlist: "a" }, "allowlist must be a list of user ids"],
    [{ enabled: true, denylist: [1] }, "denylist must be a list of user ids"],
    [{ enabled: true, defaultVariant: "x" }, "defaultVariant must be the name of one of variants"],
    [[], "a flag must be an object"],
  ])("refuses the flag %j", async (flag, message) => {
    const { flags, kv } = setUp();

    await expect(flags.set("f", flag as never)).rejects.toThrow(message);
    expect(kv.counts.writes).toBe(0);
  });

  it("refuses names with ':'", async () => {
    await expect(setUp().flags.set("a:b", { enabled: true })).rejects.toThrow("a flag's name must not contain ':'");
  });
});
