import { z } from "zod";
import { type ConfigOptions, ConfigStore, type KvError } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

const defaults = {
  featureFlags: { newUi: false },
  rateLimits: { requests: 100, window: 60 },
  maintenanceMode: false,
  hosts: ["a"],
  banner: null as string | null,
};
type AppConfig = typeof defaults;

function setUp(options: Partial<ConfigOptions<AppConfig>> = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const errors: KvError[] = [];
  const onError = (error: KvError) => void errors.push(error);
  return { clock, kv, errors, config: new ConfigStore(kv, { now: clock, onError, defaults, ...options }) };
}

describe("ConfigStore", () => {
  it("gives the defaults when nothing is stored", async () => {
    const { config } = setUp();

    expect(await config.get()).toEqual(defaults);
    expect(config.source).toBe("defaults");
  });

  it("lays a partial document over the defaults", async () => {
    const { config, kv } = setUp();
    await kv.put("config:app", '{"maintenanceMode":true,"rateLimits":{"requests":5},"hosts":["b","c"]}');

    expect(await config.get()).toEqual({
      ...defaults,
      maintenanceMode: true,
      rateLimits: { requests: 5, window: 60 },
      hosts: ["b", "c"],
    });
    expect(config.source).toBe("kv");
  });

  it("reads once for memoTtl", async () => {
    const { config, kv, clock } = setUp();
    await config.get();
    await config.get();
    expect([kv.counts.reads, config.source]).toEqual([1, "memo"]);
    clock.advance(30);
    await config.get();
    expect(kv.counts.reads).toBe(2);
  });

  it("keeps serving the last configuration, else the defaults, when KV fails", async () => {
    const { config, kv, clock, errors } = setUp();
    kv.fail("get", 503);
    expect(await config.get()).toEqual(defaults);
    expect(config.source).toBe("defaults");
    kv.heal();
    await config.set({ ...defaults, maintenanceMode: true });
    clock.advance(31);
    kv.fail("get", 503);
    expect((await config.get()).maintenanceMode).toBe(true);
    expect(config.source).toBe("stale");
    expect(errors.map(({ code }) => code)).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
  });

  it.each(["{", "[]", "null", '"text"'])("gives the defaults when %j is stored, and tells", async (text) => {
    const { config, kv, errors } = setUp();
    await kv.put("config:app", text);

    expect(await config.get()).toEqual(defaults);
    expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_VALUE"]);
  });

  it("replaces stored fields of another type by their defaults", async () => {
    const { config, kv, errors } = setUp();
    await kv.put("config:app", '{"maintenanceMode":"yes","hosts":{},"rateLimits":7,"banner":"hello","extra":1}');

    expect(await config.get()).toEqual({ ...defaults, banner: "hello", extra: 1 });
    expect(errors).toHaveLength(3);
  });

  it("replaces what a schema refuses, and refuses to store it", async () => {
    const schema = z.object({
      featureFlags: z.object({ newUi: z.boolean() }),
      rateLimits: z.object({ requests: z.number().positive(), window: z.number() }),
      maintenanceMode: z.boolean(),
      hosts: z.array(z.string()),
      banner: z.string().nullable(),
    });
    const { config, kv, errors } = setUp({ schema });
    await kv.put("config:app", '{"maintenanceMode":true,"rateLimits":{"requests":-1}}');

    expect(await config.get()).toEqual({ ...defaults, maintenanceMode: true });
    expect(errors.map(({ message }) => message)).toEqual(["stored fields do not match the schema: rateLimits"]);
    await expect(config.patch({ rateLimits: { requests: -5 } })).rejects.toThrow(
      "the configuration does not match its schema: rateLimits",
    );
  });

  it("patches at any depth, stores only what was set, and sees it at once", async () => {
    const { config, kv } = setUp();

    expect(await config.patch({ rateLimits: { requests: 5 } })).toMatchObject({
      rateLimits: { requests: 5, window: 60 },
    });
    expect(await kv.get("config:app", "json")).toEqual({ rateLimits: { requests: 5 } });
    expect((await config.get()).rateLimits.requests).toBe(5);
  });

  it("does not patch what it cannot read", async () => {
    const { config, kv } = setUp();
    kv.fail("get", 503);

    await expect(config.patch({ maintenanceMode: true })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(kv.counts.writes).toBe(0);
  });

  it("keeps apart what an isolate remembers for other defaults", async () => {
    const { config, kv } = setUp();
    await config.get();
    const other = new ConfigStore(kv, { defaults: { greeting: "hello" } });

    expect(await other.get()).toEqual({ greeting: "hello" });
  });

  it("resets to the defaults", async () => {
    const { config, kv } = setUp();
    await config.patch({ maintenanceMode: true });
    await config.reset();

    expect(await config.get()).toEqual(defaults);
    expect(await kv.get("config:app")).toBeNull();
  });

  it("is not fooled by __proto__", async () => {
    const { config, kv } = setUp();
    await kv.put("config:app", '{"__proto__":{"polluted":1},"featureFlags":{"constructor":1}}');
    const read = await config.get();

    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((read as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.hasOwn(read.featureFlags, "constructor")).toBe(false);
  });
});
