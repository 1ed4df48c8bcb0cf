import { createStorage, defineDriver, type Storage } from "unstorage";
import { type KvLike, KvStore } from "../../../src/runtime/index.js";
import { localWorker } from "../support/local-kv.js";

/** A KvStore as a driver of unstorage, which does its own encoding. */
const driver = defineDriver((kv: KvLike) => {
  const store = new KvStore<string>(kv, { prefix: "unstorage", codec: "text" });
  return {
    name: "kv-store",
    hasItem: (key) => store.has(key),
    getItem: (key) => store.get(key),
    getItems: async (items) => {
      const found = await store.getMany(items.map(({ key }) => key));
      return items.map(({ key }) => ({ key, value: found.get(key) ?? null }));
    },
    setItem: (key, value) => store.set(key, value),
    removeItem: (key) => store.delete(key),
    getKeys: async (base: string | undefined) => {
      const names: string[] = [];
      for await (const { name } of store.keys({ prefix: base ?? "" })) names.push(name);
      return names;
    },
    clear: async (base: string | undefined) => {
      await store.deleteByPrefix(base ?? "", { all: true });
    },
  };
});

/** What unstorage asks of every driver, over Miniflare's KV. */
describe("KvStore as a driver of unstorage", () => {
  const local = localWorker();
  const start = async (): Promise<Storage> => createStorage({ driver: driver(await local.kv()) });

  it("has nothing to begin with", async () => {
    const storage = await start();

    expect([await storage.hasItem("s:a"), await storage.getItem("s:a"), await storage.getKeys()]).toEqual([
      false,
      null,
      [],
    ]);
  });

  it.each<[string, string | number | boolean | object]>([
    ["text", "test_data"],
    ["an object", { json: "works", deep: [1, null] }],
    ["true", true],
    ["false", false],
    ["zero", 0],
    ["empty text", ""],
    ["text that looks encoded", "%41&amp;\\n"],
    ["text beyond ASCII", "é😀漢字"],
  ])("gives back %s", async (_, value) => {
    const storage = await start();
    await storage.setItem("data:value", value);

    expect(await storage.hasItem("data:value")).toBe(true);
    expect(await storage.getItem("data:value")).toEqual(value);
  });

  it("stores what toJSON gives", async () => {
    const storage = await start();
    await storage.setItem("a", { toJSON: () => ({ serialized: "works" }) });

    expect(await storage.getItem("a")).toEqual({ serialized: "works" });
  });

  it("gives back bytes", async () => {
    const storage = await start();
    const bytes = new Uint8Array([0, 1, 127, 128, 255]);
    await storage.setItemRaw("raw.bin", bytes);

    expect([...((await storage.getItemRaw<Uint8Array>("raw.bin")) ?? [])]).toEqual([...bytes]);
  });

  it("lists keys, by base and depth", async () => {
    const storage = await start();
    for (const key of ["s1:a", "s2:a", "s1:b:c", "top"]) await storage.setItem(key, "x");

    expect((await storage.getKeys()).sort()).toEqual(["s1:a", "s1:b:c", "s2:a", "top"]);
    expect((await storage.getKeys("s1")).sort()).toEqual(["s1:a", "s1:b:c"]);
    expect(await storage.getKeys(undefined, { maxDepth: 0 })).toEqual(["top"]);
    expect((await storage.getKeys(undefined, { maxDepth: 1 })).sort()).toEqual(["s1:a", "s2:a", "top"]);
  });

  it("sets and gets many, null for the missing", async () => {
    const storage = await start();
    await storage.setItems(["t:1", "t:2", "42"].map((key) => ({ key, value: `value of ${key}` })));

    expect(await storage.getItems(["t:2", "t:none", { key: "t:1" }, "42"])).toEqual([
      { key: "t:2", value: "value of t:2" },
      { key: "t:none", value: null },
      { key: "t:1", value: "value of t:1" },
      { key: "42", value: "value of 42" },
    ]);
  });

  it("removes one and clears all, also when there is nothing", async () => {
    const storage = await start();
    await storage.setItem("s:a", "x");
    await storage.setItem("t:a", "x");
    await storage.removeItem("s:a");
    expect([await storage.hasItem("s:a"), await storage.hasItem("t:a")]).toEqual([false, true]);
    await storage.clear();
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
  });
});
