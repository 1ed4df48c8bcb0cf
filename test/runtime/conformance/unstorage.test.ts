import { createStorage, type Storage } from "unstorage";
import { MemoryKV } from "../../../src/runtime/testing.js";
import kvDriver from "../../../src/runtime/unstorage.js";
import { localWorker } from "../support/local-kv.js";

/** What unstorage asks of every driver, over Miniflare's KV. */
describe("kvDriver behind unstorage", () => {
  const local = localWorker();
  const start = async (): Promise<Storage> =>
    createStorage({ driver: kvDriver({ binding: await local.kv(), base: "unstorage" }) });

  it("refuses what cannot be stored as text", async () => {
    class Other {}
    await expect((await start()).setItem("a", new Other())).rejects.toThrow("Cannot stringify value!");
  });

  it("keeps a key for its ttl, at least KV's 60 seconds", async () => {
    const kv = new MemoryKV({ clock: () => 0 });
    const storage = createStorage({ driver: kvDriver({ binding: kv, ttl: 300 }) });
    await storage.setItem("default", "x");
    await storage.setItem("long", "x", { ttl: 3600 });
    await storage.setItem("short", "x", { ttl: 1 });

    expect((await kv.list()).keys.map(({ name, expiration }) => [name, expiration])).toEqual([
      ["default", 300],
      ["long", 3600],
      ["short", 60],
    ]);
  });

  it("finds a binding by its name once a request has come, and says which one is missing", async () => {
    const storage = createStorage({ driver: kvDriver({ binding: "SESSIONS_OF_TEST" }) });
    await expect(storage.getItem("a")).rejects.toMatchObject({ code: "BINDING_MISSING" });
    const scope = globalThis as { __env__?: object };
    scope.__env__ = { SESSIONS_OF_TEST: new MemoryKV() };
    try {
      await storage.setItem("a", "x");
      expect(await storage.getItem("a")).toBe("x");
    } finally {
      delete scope.__env__;
    }
  });

  it("reads a hundred items with one request, and clears more than one page", async () => {
    const kv = new MemoryKV();
    const storage = createStorage({ driver: kvDriver({ binding: kv }) });
    for (let index = 0; index < 1000; index++) await kv.put(`k${index}`, "x");
    kv.resetCounts();
    await storage.getItems(Array.from({ length: 100 }, (_, index) => `k${index}`));
    expect(kv.counts).toMatchObject({ reads: 100, subrequests: 1 });
    await storage.clear();
    expect((await kv.list()).keys).toEqual([]);
  });

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
