import { agree, type AnyKv, type Cases, fill, long } from "../support/agreement.js";

const CASES: Cases = {
  "getWithMetadata of a missing key": (kv) => kv.getWithMetadata("a"),
  "getWithMetadata without any": async (kv) => (await kv.put("a", "1"), kv.getWithMetadata("a")),
  "getWithMetadata json": async (kv) => (
    await kv.put("a", "[1]", { metadata: { m: [1, null, "é"] } }),
    kv.getWithMetadata("a", "json")
  ),
  "null as metadata": async (kv) => (
    await kv.put("a", "1", { metadata: null }),
    [await kv.getWithMetadata("a"), await kv.list()]
  ),
  "text as metadata": async (kv) => (
    await kv.put("a", "1", { metadata: "m" }),
    [await kv.getWithMetadata("a"), await kv.list()]
  ),
  ...Object.fromEntries(
    [0, false, "", [], {}, [1, null], { deep: { list: ["é", 1.5, null] } }, "😀"].map((metadata) => [
      `${JSON.stringify(metadata)} as metadata`,
      async (kv: AnyKv) => (
        await kv.put("a", "1", { metadata }),
        [await kv.getWithMetadata("a"), await kv.getWithMetadata(["a"]), await kv.list()]
      ),
    ]),
  ),
  "metadata that JSON changes": async (kv) => {
    await kv.put("a", "1", { metadata: { at: new Date(0), nothing: undefined, nan: Number.NaN, list: [undefined] } });
    return [await kv.getWithMetadata("a"), await kv.list()];
  },
  "metadata of a big integer": (kv) => kv.put("a", "1", { metadata: 1n }),
  "getWithMetadata arrayBuffer": async (kv) => {
    await kv.put("a", "é", { metadata: 1 });
    const { value, metadata } = await kv.getWithMetadata("a", "arrayBuffer" as "text");
    return [[...new Uint8Array(value as unknown as ArrayBuffer)], metadata];
  },
  "getWithMetadata stream": async (kv) => {
    await kv.put("a", "é", { metadata: 1 });
    const { value, metadata } = await kv.getWithMetadata("a", "stream" as "text");
    return [await new Response(value).text(), metadata];
  },
  "getWithMetadata of corrupt json": async (kv) => (await kv.put("a", "MyApp"), kv.getWithMetadata("a", "json")),
  "getWithMetadata of an empty value": async (kv) => (await kv.put("a", "", { metadata: 1 }), kv.getWithMetadata("a")),
  "getWithMetadata of the empty key": (kv) => kv.getWithMetadata(""),
  "getWithMetadata of a long key": (kv) => kv.getWithMetadata(long),
  "getWithMetadata with cacheTtl 10": (kv) => kv.getWithMetadata("a", { cacheTtl: 10 }),
  "getWithMetadata of an unknown type": async (kv) => (
    await kv.put("a", "1"),
    kv.getWithMetadata("a", "nope" as "text")
  ),

  "delete of a missing key": (kv) => kv.delete("a"),
  "delete of a key": async (kv) => (await kv.put("a", "1"), await kv.delete("a"), kv.get("a")),
  "delete of the empty key": (kv) => kv.delete(""),
  "delete of ..": (kv) => kv.delete(".."),
  "delete of a long key": (kv) => kv.delete(long),
  "delete of .": (kv) => kv.delete("."),
  "delete of a key with metadata": async (kv) => {
    await kv.put("a", "1", { metadata: 1, expirationTtl: 60 });
    await kv.delete("a");
    await kv.put("a", "2");
    return [await kv.getWithMetadata("a"), await kv.list()];
  },
  "delete of one key leaves those that begin with it": async (kv) => (
    await fill(kv, "a", "ab", "a/b"),
    await kv.delete("a"),
    kv.list()
  ),
};

describe("MemoryKV and Workers KV agree on metadata and deletes", () => agree(CASES));
