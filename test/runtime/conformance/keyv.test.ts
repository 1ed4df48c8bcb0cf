import Keyv from "keyv";
import type { KvLike } from "../../../src/runtime/index.js";
import { KvKeyv } from "../../../src/runtime/keyv.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { localWorker } from "../support/local-kv.js";
import { testClock } from "../support/clock.js";

/** Keyv itself over the adapter. A failure is thrown, not emitted. */
const keyv = (kv: KvLike, namespace: string) => new Keyv({ store: new KvKeyv(kv), namespace, throwOnErrors: true });

/** What Keyv asks of every store, over Miniflare's KV. */
describe("KvKeyv behind Keyv", () => {
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

    await store.set("key", undefined);

    expect(await store.get("key")).toBeUndefined();
  });

  it.each(["a b", "a/b", "?x=1&y#z", "é", "42", "a:b", "%2F", "\\", "'\"`"])("takes the key %j", async (key) => {
    const store = await start();
    await store.set(key, "value");

    expect([await store.get(key), await store.get([key, "other"])]).toEqual(["value", ["value", undefined]]);
  });

  it("has undefined for a missing key, alone and among many", async () => {
    const store = await start();
    await store.set("foo", "bar");
    await store.set("foo2", "bar2");

    expect(await store.get("foo1")).toBeUndefined();
    expect(await store.get(["foo", "foo1", "foo2"])).toEqual(["bar", undefined, "bar2"]);
    expect(await store.get(["x", "y"])).toEqual([undefined, undefined]);
    expect(await store.has("foo1")).toBe(false);
  });

  it("deletes one or many, and says whether there were any", async () => {
    const store = await start();
    for (const key of ["a", "b", "c"]) await store.set(key, key);

    expect([await store.delete("a"), await store.get("a"), await store.delete("a")]).toEqual([true, undefined, false]);
    expect([await store.delete(["b", "c"]), await store.get(["b", "c"])]).toEqual([true, [undefined, undefined]]);
    expect(await store.delete(["b", "c"])).toBe(false);
  });

  it("ends entries on time, although KV keeps them for 60 seconds", async () => {
    const clock = testClock(Date.now());
    const kv = new MemoryKV({ clock });
    const store = keyv(kv, "keyv");
    await store.set("foo", "bar", 90_000);
    await store.set("short", "bar", 1);
    const { keys } = await kv.list();

    expect(keys.map(({ expiration = 0 }) => Math.ceil(expiration - clock() / 1000))).toEqual([90, 60]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([await store.get("foo"), await store.get("short")]).toEqual(["bar", undefined]);
    clock.advance(90);
    expect(await store.get("foo")).toBeUndefined();
  });

  it("iterates over its own keys, and sets and reads many at once", async () => {
    const kv = await local.kv();
    const [one, two] = [keyv(kv, "one"), keyv(kv, "two")];
    await one.setMany([
      { key: "a", value: 1 },
      { key: "b", value: 2 },
    ]);
    await two.set("c", 3);
    const seen: unknown[] = [];
    for await (const pair of one.iterator?.("one") ?? []) seen.push(pair);

    expect(seen).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(await one.hasMany(["a", "c"])).toEqual([true, false]);
  });

  it("reports what could not be stored", async () => {
    const kv = new MemoryKV();
    kv.fail("put", 503);

    await expect(new KvKeyv(kv).setMany([{ key: "a", value: 1 }])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(keyv(kv, "keyv").set("a", 1)).rejects.toMatchObject({ code: "UNAVAILABLE" });
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
    expect([await one.get(["foo", "bar"]), await two.get(["foo", "bar"])]).toEqual([
      [undefined, undefined],
      ["two", "two"],
    ]);
  });
});
