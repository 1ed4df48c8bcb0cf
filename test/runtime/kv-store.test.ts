import { KvError, KvStore } from "../../src/runtime/index.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

function setUp() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  return { clock, kv };
}

async function failure(work: Promise<unknown>): Promise<KvError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof KvError) return error;
  throw new Error("expected a KvError", { cause: error });
}

describe("KvStore", () => {
  it("prefixes its keys with prefix and ':'", async () => {
    const { kv } = setUp();
    await new KvStore(kv, { prefix: "user" }).set("1", "Ada");
    await new KvStore(kv).set("1", "Bob");

    expect(await kv.get("user:1", "json")).toBe("Ada");
    expect(await kv.get("1", "json")).toBe("Bob");
  });

  it("takes keys with '/' and a prefix that ends in one as they are", async () => {
    const { kv } = setUp();
    await kv.put("config/app_name", "MyApp");
    const config = new KvStore<string>(kv, { prefix: "config/", codec: "text" });

    expect(await config.get("app_name")).toBe("MyApp");
  });

  it("gets JSON, and null for a key that is not there", async () => {
    const { kv } = setUp();
    const store = new KvStore<{ name: string }>(kv);
    await store.set("a", { name: "Ada" });

    expect(await store.get("a")).toEqual({ name: "Ada" });
    expect(await store.get("b")).toBeNull();
  });

  it("gets a value with its metadata", async () => {
    const { kv } = setUp();
    const store = new KvStore<number, { by: string }>(kv);
    await store.set("a", 1, { metadata: { by: "Ada" } });

    expect(await store.getEntry("a")).toEqual({ value: 1, metadata: { by: "Ada" }, cacheStatus: null });
    expect(await store.getEntry("b")).toBeNull();
  });

  it("sets with a TTL, an absolute expiry and metadata", async () => {
    const { kv, clock } = setUp();
    const store = new KvStore(kv, { now: clock });
    const now = clock() / 1000;
    await store.set("ttl", 1, { ttl: 300, metadata: { a: 1 } });
    await store.set("date", 1, { expiresAt: new Date(clock() + 3_600_000) });
    await store.set("soon", 1, { expiresAt: clock() + 5_000 });
    await store.set("ever", 1);

    expect((await kv.list()).keys).toEqual([
      { name: "date", expiration: now + 3600 },
      { name: "ever" },
      { name: "soon", expiration: now + 60 },
      { name: "ttl", expiration: now + 300, metadata: { a: 1 } },
    ]);
  });

  it("keeps keys for the store's ttl; null and 0 mean until they are deleted", async () => {
    const { kv, clock } = setUp();
    const store = new KvStore(kv, { ttl: 120 });
    await store.set("a", 1);
    await store.set("b", 1, { ttl: null });
    await store.set("c", 1, { ttl: 0 });
    clock.advance(121);

    expect((await kv.list()).keys).toEqual([{ name: "b" }, { name: "c" }]);
  });

  it("turns a time below KV's 60 seconds into 60, or refuses it", async () => {
    const { kv, clock } = setUp();
    await new KvStore(kv, { ttl: 5 }).set("a", 1);
    const strict = new KvStore(kv, { shortTtl: "throw" });

    expect((await kv.list()).keys).toEqual([{ name: "a", expiration: clock() / 1000 + 60 }]);
    expect(await failure(strict.set("a", 1, { ttl: 59 }))).toMatchObject({
      code: "INVALID_TTL",
      message: "ttl must be 0 or at least 60 seconds, got 59",
    });
    expect(() => new KvStore(kv, { ttl: Number.NaN })).toThrow("ttl must be 0 to 2147483647 seconds, got NaN");
  });

  it("deletes", async () => {
    const { kv } = setUp();
    const store = new KvStore(kv);
    await store.set("a", 1);
    await store.delete("a");
    await store.delete("never there");

    expect(await store.get("a")).toBeNull();
  });

  it("says whether a key exists without downloading it", async () => {
    const { kv } = setUp();
    await kv.put("a", "not JSON");
    const store = new KvStore(kv);

    expect([await store.has("a"), await store.has("b")]).toEqual([true, false]);
  });

  it("gives the stored bytes as a stream", async () => {
    const { kv } = setUp();
    await kv.put("a", new Uint8Array([0, 255]));
    const store = new KvStore(kv);
    const bytes = await new Response(await store.stream("a")).arrayBuffer();

    expect([...new Uint8Array(bytes)]).toEqual([0, 255]);
    expect(await store.stream("b")).toBeNull();
  });

  it("lists one page within its prefix, which it strips", async () => {
    const { kv } = setUp();
    const store = new KvStore<number, { n: number }>(kv, { prefix: "p" });
    for (const name of ["a1", "a2", "a3", "b1"]) await store.set(name, 1, { metadata: { n: 1 } });
    await kv.put("outside", "1");

    const first = await store.list({ prefix: "a", limit: 2 });
    expect(first).toEqual({
      keys: [
        { name: "a1", metadata: { n: 1 } },
        { name: "a2", metadata: { n: 1 } },
      ],
      done: false,
      cursor: expect.any(String) as string,
    });
    expect(await store.list({ prefix: "a", limit: 2, cursor: first.cursor ?? "" })).toEqual({
      keys: [{ name: "a3", metadata: { n: 1 } }],
      done: true,
    });
    await expect(store.list({ limit: 0 })).rejects.toThrow("limit must be 1 to 1000, got 0");
    await expect(store.list({ limit: 1001 })).rejects.toThrow("limit must be 1 to 1000, got 1001");
  });

  it("walks over all pages", async () => {
    const { kv } = setUp();
    const store = new KvStore(kv, { prefix: "p" });
    for (let i = 0; i < 2001; i++) await kv.put(`p:${String(i).padStart(4, "0")}`, "1");
    const names: string[] = [];
    for await (const { name } of store.keys()) names.push(name);

    expect([names.length, names[0], names.at(-1)]).toEqual([2001, "0000", "2000"]);
    expect(kv.counts.lists).toBe(3);
  });

  it("stops after max keys", async () => {
    const { kv } = setUp();
    for (let i = 0; i < 10; i++) await kv.put(`k${i}`, "1");
    const names: string[] = [];
    for await (const { name } of new KvStore(kv).keys({ max: 3 })) names.push(name);

    expect(names).toEqual(["k0", "k1", "k2"]);
  });

  it("walks over keys with their values", async () => {
    const { kv } = setUp();
    const store = new KvStore<number>(kv, { prefix: "p" });
    for (let i = 0; i < 250; i++) await store.set(String(i), i);
    let sum = 0;
    for await (const [, value] of store.entries()) sum += value;

    expect(sum).toBe((249 * 250) / 2);
  });

  it("gets many keys at once: one Map, null for the missing, in the order asked for", async () => {
    const { kv } = setUp();
    const store = new KvStore<number>(kv);
    await store.set("b", 2);
    await store.set("a", 1);

    expect([...(await store.getMany(["b", "x", "a", "b"]))]).toEqual([
      ["b", 2],
      ["x", null],
      ["a", 1],
    ]);
    expect(kv.counts.subrequests - 2).toBe(1);
  });

  it("finds keys that look like array indices, which workerd drops from bulk answers", async () => {
    const { kv } = setUp();
    const store = new KvStore<string>(kv);
    await store.set("42", "answer");
    await store.set("a", "A");

    expect([...(await store.getMany(["42", "43", "a"]))]).toEqual([
      ["42", "answer"],
      ["43", null],
      ["a", "A"],
    ]);
  });

  it("asks for less when an answer would be larger than 25 MiB", async () => {
    const { kv } = setUp();
    const big = "x".repeat(20 * 1024 * 1024);
    for (const key of ["a", "b", "c"]) await kv.put(key, big);
    const found = await new KvStore<string>(kv, { codec: "text" }).getMany(["a", "b", "c"]);

    expect([...found.values()].map((value) => value?.length)).toEqual([big.length, big.length, big.length]);
  });

  it("does not let one corrupt value spoil the others", async () => {
    const { kv } = setUp();
    const errors: string[] = [];
    await kv.put("a", "1");
    await kv.put("bad", "MyApp");
    const store = new KvStore<number>(kv, { onError: (error) => errors.push(`${error.code} ${error.message}`) });

    expect([...(await store.getMany(["a", "bad"])).values()]).toEqual([1, null]);
    expect(errors).toEqual(["CORRUPT_VALUE the stored value cannot be read"]);
    await expect(new KvStore(kv, { onCorrupt: "throw" }).get("bad")).rejects.toMatchObject({ code: "CORRUPT_VALUE" });
  });

  it("reads empty texts one by one and in bulk", async () => {
    const { kv } = setUp();
    const store = new KvStore<string>(kv, { codec: "text" });
    await store.set("empty", "", { metadata: { a: 1 } });
    await store.set("full", "x");

    expect(await store.get("empty")).toBe("");
    expect((await store.getManyEntries(["empty", "full"])).get("empty")).toMatchObject({
      value: "",
      metadata: { a: 1 },
    });
  });

  it("stores null but never undefined, which KV would keep as a string", async () => {
    const { kv } = setUp();
    const store = new KvStore(kv);
    await store.set("null", null);

    expect(await store.getEntry("null")).toMatchObject({ value: null });
    expect(await failure(store.set("a", undefined))).toMatchObject({ code: "INVALID_VALUE" });
    expect(kv.counts.writes).toBe(1);
  });

  it("writes many, each key once, and says what failed", async () => {
    const { kv } = setUp();
    const store = new KvStore<number>(kv);
    const { written, failed } = await store.setMany([
      ["a", 1],
      ["a", 2],
      ["b", 3],
      ["", 4],
    ]);

    expect([written, failed.map(([key, { code }]) => [key, code])]).toEqual([2, [["", "INVALID_KEY"]]]);
    expect(await store.get("a")).toBe(2);
    expect(kv.counts.writes).toBe(2);
  });

  it("writes at most 900 keys in one call", async () => {
    const { kv } = setUp();
    const items = Array.from({ length: 901 }, (_, i): [string, number] => [`k${i}`, i]);
    const { written, failed } = await new KvStore<number>(kv).setMany(items);

    expect([written, failed.map(([key, { code }]) => [key, code])]).toEqual([900, [["k900", "OP_BUDGET"]]]);
  });

  it("deletes by prefix within its budget and goes on from where it stopped", async () => {
    const { kv } = setUp();
    const store = new KvStore(kv, { prefix: "p" });
    for (let i = 0; i < 25; i++) await store.set(`a${i}`, 1);
    await store.set("b", 1);
    const first = await store.deleteByPrefix("a", { maxOps: 21 });
    const second = await store.deleteByPrefix("a", first.cursor === undefined ? {} : { cursor: first.cursor });

    expect([first.deleted, first.done, second.deleted, second.done]).toEqual([20, false, 5, true]);
    expect((await store.list()).keys).toEqual([{ name: "b" }]);
  });

  it("refuses to delete everything by an empty prefix unless all is true", async () => {
    const { kv } = setUp();
    const store = new KvStore(kv);
    await store.set("a", 1);

    expect(await failure(store.deleteByPrefix(""))).toMatchObject({
      code: "INVALID_KEY",
      message: "prefix must not be empty: pass { all: true } to delete every key",
    });
    expect(await store.deleteByPrefix("", { all: true })).toMatchObject({ deleted: 1, done: true });
  });

  it("opens a store under a further prefix", async () => {
    const { kv } = setUp();
    await new KvStore(kv, { prefix: "a" }).sub("b").set("c", 1);

    expect((await kv.list()).keys).toEqual([{ name: "a:b:c" }]);
  });

  it("holds values against a schema", async () => {
    const { kv } = setUp();
    await kv.put("a", '"text"');
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) =>
          typeof value === "number" ? { value } : { issues: [{ message: "must be a number" }] },
      },
    };

    expect(await new KvStore<number>(kv, { schema, onError: () => undefined }).get("a")).toBeNull();
  });

  it.each([
    ["", "INVALID_KEY", "key must not be empty"],
    [".", "INVALID_KEY", "key must not be '.': Cloudflare reads it as a path"],
    ["\ud800", "INVALID_KEY", "key must be well-formed Unicode, got a lone surrogate"],
    ["é".repeat(257), "KEY_TOO_LARGE", "key must have at most 512 UTF-8 bytes, got 514"],
    ["x".repeat(513), "KEY_TOO_LARGE", "key must have at most 512 UTF-8 bytes, got 513"],
  ])("refuses the key %j before the network", async (key, code, message) => {
    const { kv } = setUp();

    expect(await failure(new KvStore(kv).get(key))).toMatchObject({ code, message });
    expect(kv.counts.subrequests).toBe(0);
  });

  it("refuses oversized values and metadata before the network", async () => {
    const { kv } = setUp();
    const store = new KvStore<string>(kv, { codec: "text" });
    const large = "x".repeat(25 * 1024 * 1024 + 1);

    expect(await failure(store.set("a", large))).toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(await failure(store.set("a", "", { metadata: { m: "x".repeat(1020) } }))).toMatchObject({
      code: "METADATA_TOO_LARGE",
    });
    expect(kv.counts.subrequests).toBe(0);
  });

  it.each([
    [503, "UNAVAILABLE", true],
    [429, "RATE_LIMITED", true],
    [new Error("KV get() limit exceeded for the day."), "QUOTA", false],
    [new Error("Daily read limit exceeded"), "QUOTA", false],
    [new Error("Too many API requests by single worker invocation."), "OP_BUDGET", false],
  ])("names what Workers KV answers: %p is %s", async (fault, code, retryable) => {
    const { kv } = setUp();
    kv.fail("get", fault);

    expect(await failure(new KvStore(kv).get("secret-user-id"))).toMatchObject({
      code,
      retryable,
      op: "get",
      key: "secret-user-id",
      message: expect.not.stringContaining("secret") as string,
    });
  });
});
