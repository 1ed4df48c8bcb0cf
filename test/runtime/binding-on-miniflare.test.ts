import { type KvError, type KvLike, KvStore, Preferences } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";
import { localWorker, secondsLeft } from "./support/local-kv.js";

/** What Workers do with a binding, on Miniflare's KV. */
describe("KvStore over a binding", () => {
  const local = localWorker();

  it("keys expire after the namespace's ttl_seconds, which the construct hands over; 0 is never", async () => {
    const kv = await local.kv();
    const env = (ttlSeconds: number) => ({ KV: kv, KV_DEFAULTS: JSON.stringify({ KV: { ttlSeconds } }) });
    await KvStore.fromEnv(env(300), "KV").set("a", 1);
    await KvStore.fromEnv(env(0), "KV").set("b", 1);

    expect(await secondsLeft(kv)).toEqual({ a: 300 });
  });

  it("gets, puts with a TTL and deletes", async () => {
    const kv = await local.kv();
    const store = new KvStore<string>(kv);
    await store.set("a", "1", { ttl: 3600 });
    expect([await store.get("a"), await secondsLeft(kv)]).toEqual(["1", { a: 3600 }]);
    await store.delete("a");
    expect(await store.get("a")).toBeNull();
  });

  it("takes keys with '/' and values that are no JSON", async () => {
    const kv = await local.kv();
    await kv.put("config/app_name", "MyApp");
    await kv.put("flags/dark_mode", "true");

    expect(await new KvStore<string>(kv, { prefix: "config/", codec: "text" }).get("app_name")).toBe("MyApp");
    expect(await new KvStore<boolean>(kv, { prefix: "flags/" }).get("dark_mode")).toBe(true);
  });

  it("gets text, gets JSON, puts with a TTL", async () => {
    const kv = await local.kv();
    await new KvStore<{ theme: string }>(kv).set("settings", { theme: "dark" }, { ttl: 300 });

    expect(await new KvStore<string>(kv, { codec: "text" }).get("settings")).toBe('{"theme":"dark"}');
    expect(await new KvStore<{ theme: string }>(kv).get("settings")).toEqual({ theme: "dark" });
    expect(await secondsLeft(kv)).toEqual({ settings: 300 });
  });

  it("names the binding that is missing, and how to add it", () => {
    const misused: object = { CONFIG: "text" };
    expect(() => KvStore.fromEnv({}, "CONFIG")).toThrow(/CONFIG.*bind/s);
    expect(() => KvStore.fromEnv(misused, "CONFIG")).toThrow(
      expect.objectContaining({ code: "BINDING_MISSING" }) as Error,
    );
  });

  it("tells a used-up daily quota from other failures", async () => {
    const kv = new MemoryKV();
    kv.fail("get", new Error("KV get() limit exceeded for the day."));

    await expect(new KvStore(kv).get("a")).rejects.toMatchObject({ code: "QUOTA", retryable: false });
  });

  it("holds to KV's characteristics: 512 bytes a key, 25 MiB a value, one write a second", async () => {
    const kv = await local.kv();
    const store = new KvStore<string>(kv, { codec: "text" });
    await store.set("é".repeat(256), "512 bytes");
    await store.set("large", "x".repeat(25 * 1024 * 1024));
    expect(await store.get("é".repeat(256))).toBe("512 bytes");
    expect(await store.has("large")).toBe(true);

    const hot = new KvStore(new MemoryKV({ clock: testClock(), writeLimit: true }));
    await hot.set("a", 1);
    await expect(hot.set("a", 2)).rejects.toMatchObject({ code: "RATE_LIMITED", retryable: true });
  });

  it("takes a namespace of an Env interface as it is typed", async () => {
    const env: { CACHE: KvLike } = { CACHE: await local.kv() };
    const store: KvStore<number> = KvStore.fromEnv<number>(env, "CACHE");
    await store.set("a", 1);

    expect(await store.get("a")).toBe(1);
  });

  it("reads text, JSON, bytes and a stream", async () => {
    const kv = await local.kv();
    await kv.put("json", "[1]");
    await kv.put("bytes", new Uint8Array([0, 255]));
    const bytes = new Response(await new KvStore(kv).stream("bytes")).arrayBuffer();

    expect(await new KvStore(kv, { codec: "text" }).get("json")).toBe("[1]");
    expect(await new KvStore(kv).get("json")).toEqual([1]);
    expect([...new Uint8Array(await bytes)]).toEqual([0, 255]);
  });

  it("gets a value with its typed metadata", async () => {
    const store = new KvStore<number, { version: number }>(await local.kv());
    await store.set("a", 1, { metadata: { version: 2 } });

    expect((await store.getEntry("a"))?.metadata?.version).toBe(2);
  });

  it("puts plainly, with a TTL, until a date, with metadata, as JSON", async () => {
    const kv = await local.kv();
    const store = new KvStore<unknown, { m: number }>(kv);
    await store.set("plain", "text");
    await store.set("ttl", 1, { ttl: 300 });
    await store.set("date", 1, { expiresAt: new Date(Date.now() + 600_000) });
    await store.set("metadata", { deep: [1] }, { metadata: { m: 1 } });

    expect(await secondsLeft(kv)).toEqual({ date: 600, ttl: 300 });
    expect(await store.getEntry("metadata")).toMatchObject({ value: { deep: [1] }, metadata: { m: 1 } });
  });

  it("deletes, also what is not there", async () => {
    const store = new KvStore(await local.kv());
    await store.set("a", 1);
    await store.delete("a");
    await store.delete("never there");

    expect(await store.has("a")).toBe(false);
  });

  it("lists all, by prefix, and over pages with metadata", async () => {
    const kv = await local.kv();
    for (const key of ["a1", "a2", "a3", "b1"]) await kv.put(key, "1", { metadata: { key } });
    const store = new KvStore<number, { key: string }>(kv);
    const seen: (string | undefined)[] = [];
    for await (const { metadata } of store.keys({ prefix: "a" })) seen.push(metadata?.key);
    const first = await store.list({ limit: 3 });

    expect(seen).toEqual(["a1", "a2", "a3"]);
    expect([first.keys.length, first.done]).toEqual([3, false]);
    expect(await store.list({ limit: 3, cursor: first.cursor ?? "" })).toMatchObject({
      keys: [{ name: "b1", metadata: { key: "b1" } }],
      done: true,
    });
  });

  it("gets many at once, null for the missing, also under numbers", async () => {
    const kv = await local.kv();
    for (const key of ["a", "42"]) await kv.put(key, `"${key}"`);

    expect([...(await new KvStore(kv).getMany(["a", "missing", "42"]))]).toEqual([
      ["a", "a"],
      ["missing", null],
      ["42", "42"],
    ]);
  });

  it("tells a read that failed from a key that is not there", async () => {
    const kv = new MemoryKV();
    kv.fail("get", 500);
    const told: KvError[] = [];
    const preferences = new Preferences(kv, { defaults: { theme: "light" }, onError: (error) => told.push(error) });

    await expect(new KvStore(kv).get("a")).rejects.toMatchObject({ code: "UNAVAILABLE", op: "get", key: "a" });
    expect(await preferences.get("ada")).toEqual({ theme: "light" });
    expect(told.map(({ code }) => code)).toEqual(["UNAVAILABLE"]);
  });
});
