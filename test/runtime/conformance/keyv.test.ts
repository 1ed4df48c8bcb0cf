import { type KvLike, KvStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { localWorker } from "../support/local-kv.js";
import { testClock } from "../support/clock.js";

/** A store as Keyv's users know it: undefined for a miss, milliseconds, lists of keys. */
function keyv(kv: KvLike, namespace: string, now?: () => number) {
  const store = new KvStore<unknown>(kv, { prefix: namespace, ...(now === undefined ? {} : { now }) });
  const get = async (key: string) => (await store.getEntry(key))?.value;
  return {
    get,
    getMany: async (keys: string[]) => {
      const found = await store.getManyEntries(keys);
      return keys.map((key) => found.get(key)?.value);
    },
    set: (key: string, value: unknown, ttl = 0) => store.set(key, value, { ttl: ttl / 1000 }),
    has: (key: string) => store.has(key),
    delete: async (...keys: string[]) => {
      const found = await store.getManyEntries(keys);
      await Promise.all(keys.map((key) => store.delete(key)));
      return [...found.values()].some((entry) => entry !== null);
    },
    clear: async () => {
      await store.deleteByPrefix("", { all: true });
    },
  };
}

/** What Keyv asks of every store, over Miniflare's KV. */
describe("KvStore behind Keyv's interface", () => {
  const local = localWorker();
  const start = async () => keyv(await local.kv(), "keyv");

  it.each<[string, unknown]>([
    ["true", true],
    ["false", false],
    ["null", null],
    ["an empty text", ""],
    ["a text", "test value"],
    ["quotes", `"single' and "double"`],
    ["0", 0],
    ["a number", -1.5],
    ["an object", { fizz: "buzz" }],
    ["a list", ["one", null, [2]]],
    ["text beyond ASCII", "😀 é 漢字 \u0000"],
    ["a colon and a prefix", ":base64:AA=="],
    ["a large text", "x".repeat(1_000_000)],
  ])("gives back %s", async (_, value) => {
    const store = await start();
    await store.set("key", value);

    expect([await store.get("key"), await store.has("key")]).toEqual([value, true]);
  });

  it("keeps nothing for undefined", async () => {
    const store = await start();

    await expect(store.set("key", undefined)).rejects.toMatchObject({ code: "INVALID_VALUE" });
    expect(await store.get("key")).toBeUndefined();
  });

  it.each(["a b", "a/b", "?x=1&y#z", "é", "42", "a:b", "%2F", "\\", "'\"`"])("takes the key %j", async (key) => {
    const store = await start();
    await store.set(key, "value");

    expect([await store.get(key), await store.getMany([key, "other"])]).toEqual(["value", ["value", undefined]]);
  });

  it("has undefined for a missing key, alone and among many", async () => {
    const store = await start();
    await store.set("foo", "bar");
    await store.set("foo2", "bar2");

    expect(await store.get("foo1")).toBeUndefined();
    expect(await store.getMany(["foo", "foo1", "foo2"])).toEqual(["bar", undefined, "bar2"]);
    expect(await store.getMany(["x", "y"])).toEqual([undefined, undefined]);
    expect(await store.has("foo1")).toBe(false);
  });

  it("deletes one or many, and says whether there were any", async () => {
    const store = await start();
    for (const key of ["a", "b", "c"]) await store.set(key, key);

    expect([await store.delete("a"), await store.get("a"), await store.delete("a")]).toEqual([true, undefined, false]);
    expect([await store.delete("b", "c"), await store.getMany(["b", "c"])]).toEqual([true, [undefined, undefined]]);
    expect(await store.delete("b", "c")).toBe(false);
  });

  it("expires", async () => {
    const clock = testClock();
    const store = keyv(new MemoryKV({ clock }), "keyv", clock);
    await store.set("foo", "bar", 90_000);
    expect(await store.get("foo")).toBe("bar");
    clock.advance(90);
    expect([await store.get("foo"), await store.getMany(["foo", "x"]), await store.has("foo")]).toEqual([
      undefined,
      [undefined, undefined],
      false,
    ]);
  });

  it("keeps namespaces apart when setting, deleting and clearing", async () => {
    const kv = await local.kv();
    const [one, two] = [keyv(kv, "keyv1"), keyv(kv, "keyv2")];
    for (const key of ["foo", "bar"]) {
      await one.set(key, "one");
      await two.set(key, "two");
    }
    expect(await one.delete("foo")).toBe(true);
    expect([await one.get("foo"), await two.get("foo")]).toEqual([undefined, "two"]);
    await one.clear();
    expect([await one.getMany(["foo", "bar"]), await two.getMany(["foo", "bar"])]).toEqual([
      [undefined, undefined],
      ["two", "two"],
    ]);
  });
});
