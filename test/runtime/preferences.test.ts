import { z } from "zod";
import { type KvError, type PreferenceOptions, Preferences } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";

const defaults = { theme: "light", language: "en", notifications: { email: true, push: false } };
type Prefs = typeof defaults;

function setUp(options: Partial<PreferenceOptions<Prefs>> = {}) {
  const kv = new MemoryKV();
  const errors: KvError[] = [];
  const onError = (error: KvError) => void errors.push(error);
  return { kv, errors, prefs: new Preferences<Prefs>(kv, { defaults, onError, ...options }) };
}

describe("Preferences", () => {
  it("gives the defaults to whoever never chose", async () => {
    expect(await setUp().prefs.get("ada")).toEqual(defaults);
  });

  it("stores only what a user chose, and returns all", async () => {
    const { prefs, kv } = setUp();

    expect(await prefs.update("ada", { theme: "dark" })).toEqual({ ...defaults, theme: "dark" });
    expect(await prefs.get("ada")).toEqual({ ...defaults, theme: "dark" });
    expect(await kv.get("prefs:ada", "json")).toEqual({ theme: "dark" });
  });

  it("lets a changed default reach who never chose otherwise", async () => {
    const { prefs, kv } = setUp();
    await prefs.update("ada", { theme: "dark" });
    const later = new Preferences(kv, { defaults: { ...defaults, language: "de" } });

    expect(await later.get("ada")).toEqual({ ...defaults, theme: "dark", language: "de" });
  });

  it("does not write when nothing changes", async () => {
    const { prefs, kv } = setUp();
    await prefs.update("ada", { theme: "dark" });
    await prefs.update("ada", { theme: "dark" });
    await prefs.update("bob", {});

    expect(kv.counts).toMatchObject({ reads: 3, writes: 1 });
  });

  it("goes back to a default by undefined, reset of a name, or reset of all", async () => {
    const { prefs, kv } = setUp();
    await prefs.update("ada", { theme: "dark", language: "de" });

    expect((await prefs.update("ada", { theme: undefined as never })).theme).toBe("light");
    expect(await prefs.reset("ada", "language")).toEqual(defaults);
    await prefs.update("ada", { theme: "dark" });
    expect(await prefs.reset("ada")).toEqual(defaults);
    expect(await kv.get("prefs:ada")).toBeNull();
  });

  it("updates by a function of what holds now", async () => {
    const { prefs } = setUp();
    const updated = await prefs.update("ada", ({ language }) => ({ language: `${language}-GB` }));

    expect(updated.language).toBe("en-GB");
  });

  it("replaces objects, or merges them with merge deep", async () => {
    const patch = { notifications: { push: true } } as Partial<Prefs>;

    expect((await setUp().prefs.update("ada", patch)).notifications).toEqual({ push: true });
    expect((await setUp({ merge: "deep" }).prefs.update("ada", patch)).notifications).toEqual({
      email: true,
      push: true,
    });
  });

  it("gets many users with one bulk read", async () => {
    const { prefs, kv } = setUp();
    await prefs.update("ada", { theme: "dark" });
    kv.resetCounts();
    const found = await prefs.getMany(["bob", "ada"]);

    expect([...found].map(([user, { theme }]) => [user, theme])).toEqual([
      ["bob", "light"],
      ["ada", "dark"],
    ]);
    expect(kv.counts.subrequests).toBe(1);
  });

  it("gives the defaults when KV cannot be read, but changes nothing unseen", async () => {
    const { prefs, kv, errors } = setUp();
    kv.fail("get", 503);

    expect(await prefs.get("ada")).toEqual(defaults);
    expect((await prefs.getMany(["ada"])).get("ada")).toEqual(defaults);
    await expect(prefs.update("ada", { theme: "dark" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(kv.counts.writes).toBe(0);
    expect(errors).toHaveLength(2);
  });

  it("gives the defaults for what it cannot read, and refuses what does not match its schema", async () => {
    const schema = z.object({
      theme: z.enum(["light", "dark"]),
      language: z.string(),
      notifications: z.object({ email: z.boolean(), push: z.boolean() }),
    }) as unknown as NonNullable<PreferenceOptions<Prefs>["schema"]>;
    const { prefs, kv, errors } = setUp({ schema });
    await kv.put("prefs:a", "MyApp");
    await kv.put("prefs:b", '{"theme":"pink"}');

    expect([await prefs.get("a"), await prefs.get("b")]).toEqual([defaults, defaults]);
    expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_VALUE", "CORRUPT_VALUE"]);
    await expect(prefs.update("c", { theme: "pink" })).rejects.toMatchObject({ code: "INVALID_VALUE" });
  });

  it("keeps users apart whatever their ids hold", async () => {
    const { prefs, kv } = setUp();
    await prefs.update("a:b", { theme: "dark" });

    expect(await kv.get("prefs:a%3Ab", "json")).toEqual({ theme: "dark" });
  });
});
