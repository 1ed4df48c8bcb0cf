import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  Cache,
  ConfigStore,
  KvStore,
  Preferences,
  SessionStore,
  type StandardSchemaV1,
} from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";

interface Profile {
  name: string;
  visits: number;
}

/** The same shape in each library, as its own users write it. */
const LIBRARIES: Record<string, StandardSchemaV1<Profile>> = {
  zod: z.object({ name: z.string().min(1), visits: z.number().min(0) }),
  valibot: v.object({ name: v.pipe(v.string(), v.minLength(1)), visits: v.pipe(v.number(), v.minValue(0)) }),
  arktype: type({ name: "string >= 1", visits: "number >= 0" }),
};

const ada: Profile = { name: "Ada", visits: 1 };
const bad: Profile = { name: "", visits: -1 };

describe.each(Object.entries(LIBRARIES))("a schema of %s", (_, schema) => {
  const errors: string[] = [];
  const options = { schema, onError: (error: Error) => void errors.push(error.message) };
  beforeEach(() => errors.splice(0));

  it("decides what a store reads", async () => {
    const kv = new MemoryKV();
    const store = new KvStore<Profile>(kv, options);
    await kv.put("ada", JSON.stringify(ada));
    await kv.put("bad", JSON.stringify(bad));

    expect([await store.get("ada"), await store.get("bad")]).toEqual([ada, null]);
    expect(errors).toEqual(["the stored value cannot be read"]);
  });

  it("decides what a cache loads, sets and serves", async () => {
    const kv = new MemoryKV();
    const cache = new Cache(kv, { onError: options.onError });
    expect(await cache.getOrSet("ada", () => ada, { schema })).toEqual(ada);
    await expect(cache.getOrSet("bad", () => bad, { schema })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    await expect(cache.set("bad", bad, { schema })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    await kv.put("ada", JSON.stringify(bad));

    expect(await cache.getOrSet("ada", () => ada, { schema })).toEqual(ada);
    expect(await kv.get("bad")).toBeNull();
  });

  it("decides what a session may be", async () => {
    const kv = new MemoryKV();
    const sessions = new SessionStore<Profile>(kv, options);
    const { token } = await sessions.create(ada);
    await expect(sessions.create(bad)).rejects.toMatchObject({ code: "INVALID_VALUE" });
    await expect(sessions.update(token, { visits: -1 })).rejects.toMatchObject({ code: "INVALID_VALUE" });

    expect((await sessions.get(token))?.data).toEqual(ada);
    expect((await kv.list()).keys).toHaveLength(1);
  });

  it("names the fields of a configuration that do not match, and replaces those alone", async () => {
    const kv = new MemoryKV();
    const config = new ConfigStore<Profile>(kv, { ...options, defaults: { name: "nobody", visits: 0 }, memoTtl: 0 });
    await kv.put("config:app", JSON.stringify({ ...ada, visits: -1 }));

    expect(await config.get()).toEqual({ name: "Ada", visits: 0 });
    expect(errors).toEqual(["stored fields do not match the schema: visits"]);
    await expect(config.set(bad)).rejects.toThrow("the configuration does not match its schema: name, visits");
  });

  it("decides what preferences may be", async () => {
    const kv = new MemoryKV();
    const preferences = new Preferences<Profile>(kv, { ...options, defaults: { name: "nobody", visits: 0 } });
    await expect(preferences.update("ada", { visits: -1 })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    expect(await preferences.update("ada", { visits: 1 })).toEqual({ name: "nobody", visits: 1 });
    await kv.put("prefs:ada", JSON.stringify(bad));

    expect(await preferences.get("ada")).toEqual({ name: "nobody", visits: 0 });
  });
});
