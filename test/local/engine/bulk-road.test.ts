import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BulkRoad } from "../../../src/local/engine/bulk-road.js";
import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import type { MiniflareModule } from "../../../src/local/engine/load-miniflare.js";
import type { EngineStore } from "../../../src/local/engine/store.js";

jest.setTimeout(60_000);

/** 2100-01-01, which 32 bits cannot count. */
const FAR = 4_102_444_800;

let folder: string;
let engine: Engine;
let store: EngineStore;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfkv-bulk-"));
  engine = await startEngine({ dataFolder: folder, owner: "test" });
  await engine.apply({ namespaces: [{ id: "ns" }], workers: [] });
  store = engine.store("ns");
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true });
});

const text = async (key: string) => new TextDecoder().decode((await store.get(key))?.body);

it("writes what the binding reads: text, bytes, metadata, expirations, the last of a key that comes twice", async () => {
  const soon = Math.floor(Date.now() / 1000) + 1000;
  const filler = Array.from({ length: 200 }, (_, n) => ({ key: `fill-${n}`, value: "v" }));
  const failed = await store.putAll([
    { key: "é/日本 %2F", value: "ü" },
    { key: "bytes", value: Buffer.from([0, 255, 13]).toString("base64"), base64: true },
    { key: "twice", value: "first" },
    { key: "meta", value: "", metadata: { a: ["é", null] }, expiration: soon },
    ...filler,
    { key: "twice", value: "last" },
  ]);
  const kv = await engine.kv("ns");

  expect(failed).toEqual([]);
  expect(await text("é/日本 %2F")).toBe("ü");
  expect([...((await store.get("bytes"))?.body ?? [])]).toEqual([0, 255, 13]);
  expect(await kv.get("twice")).toBe("last");
  expect(await kv.getWithMetadata("meta")).toMatchObject({ value: "", metadata: { a: ["é", null] } });
  expect((await store.list({ prefix: "meta" })).keys).toEqual([
    { name: "meta", expiration: soon, metadata: { a: ["é", null] } },
  ]);
});

it("keeps expirations after 2038, one by one and in bulk, by time and by TTL", async () => {
  await store.put("far", "v", { expiration: FAR, metadata: 1 });
  await store.put("far-ttl", "v", { expirationTtl: 2 ** 31 - 1 });
  await store.putAll([{ key: "far-bulk", value: "v", expiration: FAR }]);
  const { keys } = await store.list({ prefix: "far" });

  expect(keys.map(({ name }) => name)).toEqual(["far", "far-bulk", "far-ttl"]);
  expect(keys[0]).toEqual({ name: "far", expiration: FAR, metadata: 1 });
  expect(keys[1]?.expiration).toBe(FAR);
  expect(keys[2]?.expiration).toBeGreaterThan(2 ** 31);
  expect(await text("far")).toBe("v");
});

it("reports the entries that KV refuses, and writes the others", async () => {
  const entries = Array.from({ length: 100 }, (_, n) => ({ key: n === 40 ? "" : `mixed-${n}`, value: "v" }));

  expect(await store.putAll(entries)).toEqual([40]);
  expect((await store.list({ prefix: "mixed-" })).keys).toHaveLength(99);
});

it("leaves one file for each value that is stored", async () => {
  const isolated = mkdtempSync(join(tmpdir(), "cfkv-bulk-"));
  const other = await startEngine({ dataFolder: isolated, owner: "test" });
  await other.apply({ namespaces: [{ id: "ns" }], workers: [] });
  await other.store("ns").putAll(Array.from({ length: 100 }, (_, n) => ({ key: `k${n}`, value: `${n}` })));
  const files = readdirSync(join(isolated, "kv", "ns", "blobs"));
  await other.dispose();

  expect(files).toHaveLength(100);
  rmSync(isolated, { recursive: true });
});

describe("with a Miniflare that is built differently", () => {
  const sent: { action: string; query: Record<string, string>; body: string }[] = [];
  const call = (action: string, query: Record<string, string>, body: Uint8Array | string = ""): Promise<Response> => {
    sent.push({ action, query, body: Buffer.from(body).toString() });
    return Promise.resolve(Response.json([]));
  };
  const road = new BulkRoad({} as MiniflareModule, tmpdir());

  it("sends everything through the binding, expirations after 2038 as the latest it can take", async () => {
    const entries = [...Array.from({ length: 60 }, (_, n) => ({ key: `k${n}`, value: "v" }))];
    await road.call("ns", call, "putAll", {}, JSON.stringify(entries));
    await road.call("ns", call, "putAll", {}, JSON.stringify([{ key: "far", value: "v", expiration: FAR }]));
    await road.call("ns", call, "put", { key: "far", expirationTtl: "2147483647" }, "v");

    expect(sent.map(({ action }) => action)).toEqual(["putAll", "putAll", "put"]);
    expect(JSON.parse(sent[0]?.body ?? "")).toEqual(entries);
    expect(JSON.parse(sent[1]?.body ?? "")).toEqual([{ key: "far", value: "v", expiration: 2 ** 31 - 1 }]);
    expect(sent[2]?.query).toEqual({ key: "far", expiration: String(2 ** 31 - 1) });
  });
});
