import { agree, type Cases, fill, long, warmUp } from "../support/agreement.js";

const CASES: Cases = {
  "bulk get": async (kv) => (await fill(kv, "a", "b"), kv.get(["b", "missing", "a"])),
  "bulk get of one key": async (kv) => (await fill(kv, "a"), kv.get(["a"])),
  "bulk get of the same key twice": async (kv) => (await fill(kv, "a"), kv.get(["a", "a"])),
  "bulk get of keys like array indices": async (kv) => {
    await fill(kv, "42", "0", "007", "-1", "1.5", "4294967294", "4294967295", "a");
    return kv.get(["42", "0", "007", "-1", "1.5", "4294967294", "4294967295", "a"]);
  },
  "bulk get of nothing": (kv) => kv.get([]),
  "bulk get of 100 keys": async (kv) => (await kv.get(Array.from({ length: 100 }, (_, i) => `k${i}`))).size,
  "bulk get of 101 keys": (kv) => kv.get(Array.from({ length: 101 }, (_, i) => `k${i}`)),
  "bulk get json": async (kv) => (await kv.put("a", "[1]"), kv.get(["a", "b"], "json")),
  "bulk get of corrupt json": async (kv) => (
    await kv.put("a", "MyApp"),
    await kv.put("b", "1"),
    kv.get(["a", "b"], "json")
  ),
  "bulk get of arrayBuffers": (kv) => kv.get(["a"], "arrayBuffer" as "text"),
  "bulk get of streams": (kv) => kv.get(["a"], "stream" as "text"),
  "bulk get with the empty key": (kv) => kv.get(["a", ""]),
  "bulk get with ..": (kv) => kv.get(["a", ".."]),
  "bulk get with a long key": (kv) => kv.get(["a", long]),
  "bulk get with cacheTtl 10": (kv) => kv.get(["a"], { cacheTtl: 10 }),
  "bulk get of more than 25 MiB": async (kv) => {
    await warmUp(kv);
    for (const key of ["a", "b"]) await kv.put(key, "x".repeat(13 * 1024 * 1024));
    return kv.get(["a", "b"]);
  },
  "bulk get of an empty value": async (kv) => (await kv.put("a", ""), kv.get(["a", "b"])),
  "bulk getWithMetadata": async (kv) => {
    await kv.put("a", "1", { metadata: { m: 1 } });
    await kv.put("b", "2");
    return kv.getWithMetadata(["a", "b", "missing"]);
  },
  "bulk getWithMetadata of an empty value": async (kv) => (
    await kv.put("a", "", { metadata: { m: 1 } }),
    kv.getWithMetadata(["a", "b"])
  ),
  "bulk get by option": async (kv) => (await fill(kv, "a"), kv.get(["a", "b"], { type: "text", cacheTtl: 60 })),
  "bulk get json null and falsy": async (kv) => {
    for (const [key, text] of Object.entries({ a: "null", b: "0", c: "false", d: '""' })) await kv.put(key, text);
    return kv.get(["a", "b", "c", "d", "missing"], "json");
  },
  "bulk get of an unknown type": (kv) => kv.get(["a"], "nope" as "text"),
  "bulk get with a long key in UTF-8": (kv) => kv.get(["é".repeat(257)]),
  "bulk get with cacheTtl 30": async (kv) => (await fill(kv, "a"), kv.get(["a"], { cacheTtl: 30 })),
  "bulk get of numbers": async (kv) => (await fill(kv, "1", "x"), kv.get([1, "x"] as never)),
  "bulk get of as much as 25 MiB": async (kv) => {
    await warmUp(kv);
    for (const key of ["a", "b"]) await kv.put(key, "x".repeat(12 * 1024 * 1024));
    return (await kv.get(["a", "b"])).size;
  },
  "bulk getWithMetadata of nothing": (kv) => kv.getWithMetadata([]),
  "bulk getWithMetadata of 101 keys": (kv) => kv.getWithMetadata(Array.from({ length: 101 }, (_, i) => `k${i}`)),
  "bulk getWithMetadata of keys like array indices": async (kv) => {
    await fill(kv, "42", "a");
    return kv.getWithMetadata(["42", "43", "a"]);
  },
  "bulk getWithMetadata json": async (kv) => {
    await kv.put("a", "[1]", { metadata: { m: 1 } });
    return kv.getWithMetadata(["a", "b"], "json" as "text");
  },
  "bulk getWithMetadata json of falsy values": async (kv) => {
    for (const [key, text] of Object.entries({ a: "null", b: "0", c: "false" }))
      await kv.put(key, text, { metadata: 1 });
    return kv.getWithMetadata(["a", "b", "c"], "json" as "text");
  },
  "bulk getWithMetadata of corrupt json": async (kv) => (
    await kv.put("a", "MyApp"),
    kv.getWithMetadata(["a", "b"], "json" as "text")
  ),
  "bulk getWithMetadata of arrayBuffers": (kv) => kv.getWithMetadata(["a"], "arrayBuffer" as "text"),
  "bulk getWithMetadata with the empty key": (kv) => kv.getWithMetadata(["a", ""]),
  "bulk getWithMetadata with cacheTtl 10": (kv) => kv.getWithMetadata(["a"], { cacheTtl: 10 }),
};

describe("MemoryKV and Workers KV agree on bulk reads", () => agree(CASES));
