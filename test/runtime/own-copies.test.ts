import { bucket, ConfigStore, FeatureFlags, Preferences } from "../../src/runtime/index.js";
import { KvFlagProvider } from "../../src/runtime/openfeature.js";
import { MemoryKV } from "../../src/runtime/testing.js";

describe("what leaves the library is the caller's own", () => {
  const defaults = { theme: "light", pinned: [] as string[] };

  it("in preferences, defaults included", async () => {
    const preferences = new Preferences(new MemoryKV(), { defaults });
    (await preferences.get("alice")).pinned.push("alice's");
    (await preferences.reset("alice")).pinned.push("alice's");
    (await preferences.getMany(["alice"])).get("alice")?.pinned.push("alice's");

    expect(await preferences.get("bob")).toEqual({ theme: "light", pinned: [] });
  });

  it("in configurations, remembered ones included", async () => {
    const config = new ConfigStore(new MemoryKV(), { defaults });
    for (let turn = 0; turn < 2; turn++) (await config.get()).pinned.push("mine");
    (await config.patch({ theme: "dark" })).pinned.push("mine");

    expect(await config.get()).toEqual({ theme: "dark", pinned: [] });
  });

  it("in flags: definitions, metadata and variants", async () => {
    const flags = new FeatureFlags(new MemoryKV());
    const variants = { big: { size: [20] } };
    const stored = await flags.set("f", { enabled: true, metadata: { a: 1 }, variants, defaultVariant: "big" });
    stored.enabled = false;
    variants.big.size.push(1);
    const { metadata = {} } = await flags.evaluate("f");
    metadata.a = 2;
    (await flags.evaluateVariant("f", { size: [0] })).value.size.push(2);

    expect(await flags.evaluateVariant("f", { size: [0] })).toMatchObject({
      value: { size: [20] },
      metadata: { a: 1 },
    });
  });
});

describe("batches", () => {
  it("keep one bad name or id to itself", async () => {
    const quiet = { onError: () => undefined };
    const flags = new FeatureFlags(new MemoryKV(), quiet);
    await flags.set("good", { enabled: true });
    const all = await flags.evaluateAll(["good", "bad:name", "x".repeat(600)]);
    const preferences = new Preferences(new MemoryKV(), { defaults: { a: 1 }, ...quiet });
    await preferences.update("ada", { a: 2 });
    const found = await preferences.getMany(["ada", "x".repeat(600), 5 as never]);

    expect(Object.values(all).map(({ value }) => value)).toEqual([true, false, false]);
    expect([...found.values()].map(({ a }) => a)).toEqual([2, 1, 1]);
    await expect(preferences.get(5 as never)).rejects.toMatchObject({ code: "INVALID_KEY" });
  });
});

describe("FeatureFlags", () => {
  it("keeps flags in memory however many names without a flag are asked for", async () => {
    const kv = new MemoryKV();
    const flags = new FeatureFlags(kv);
    await flags.set("real", { enabled: true });
    for (let index = 0; index < 1100; index++) await flags.isEnabled(`random-${index}`);
    kv.resetCounts();

    expect([await flags.isEnabled("real"), kv.counts.reads]).toEqual([true, 0]);
  });

  it("has a disabled flag off natively and through OpenFeature alike", async () => {
    const flags = new FeatureFlags(new MemoryKV());
    await flags.set("off", { enabled: false });
    const provided = await new KvFlagProvider(flags).resolveBooleanEvaluation("off", true, {});

    expect([await flags.isEnabled("off", "ada", true), provided.value, provided.reason]).toEqual([
      false,
      false,
      "DISABLED",
    ]);
  });

  it("takes exactly the percentage, and __proto__ as a variant's name but no inherited one", async () => {
    const flags = new FeatureFlags(new MemoryKV());
    const variants = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    await flags.set("f", { enabled: true, variants, defaultVariant: "__proto__" });

    expect((await flags.evaluateVariant("f", "y")).value).toBe("x");
    await expect(flags.set("g", { enabled: true, variants: {}, defaultVariant: "toString" })).rejects.toMatchObject({
      code: "INVALID_VALUE",
    });
    // 0.07 * 100 is 7.000000000000001: users in bucket 7 stay out.
    await flags.set("p", { enabled: true, percentage: 0.07, salt: "s" });
    const users = Array.from({ length: 40_000 }, (_, index) => `u${index}`).filter((user) => bucket("s", user) === 7);
    expect(users.length).toBeGreaterThan(0);
    for (const user of users) expect(await flags.isEnabled("p", user)).toBe(false);
  });
});
