import { agree, bytes, type Cases, fill, long } from "../support/agreement.js";

const utf8Long = "é".repeat(257);

const CASES: Cases = {
  "get of a missing key": (kv) => kv.get("a"),
  "get text": async (kv) => (await kv.put("a", "1"), kv.get("a")),
  "get text by type": async (kv) => (await kv.put("a", "1"), kv.get("a", "text")),
  "get text by option": async (kv) => (await kv.put("a", "1"), kv.get("a", { type: "text" })),
  "get json": async (kv) => (await kv.put("a", '{"b":1}'), kv.get("a", "json")),
  "get json of a missing key": (kv) => kv.get("a", "json"),
  "get json null": async (kv) => (await kv.put("a", "null"), kv.get("a", "json")),
  "get corrupt json": async (kv) => (await kv.put("a", "MyApp"), kv.get("a", "json")),
  "get arrayBuffer": async (kv) => (await kv.put("a", "é"), bytes(kv.get("a", "arrayBuffer"))),
  "get arrayBuffer of a missing key": (kv) => kv.get("a", "arrayBuffer"),
  "get stream": async (kv) => (await kv.put("a", "é"), new Response(await kv.get("a", "stream")).text()),
  "get stream of a missing key": (kv) => kv.get("a", "stream"),
  "get of an unknown type": async (kv) => (await kv.put("a", "1"), kv.get("a", "nope" as "text")),
  "get of an empty value": async (kv) => (await kv.put("a", ""), kv.get("a")),
  "get of binary as text": async (kv) => (await kv.put("a", new Uint8Array([0, 255, 1])), kv.get("a")),
  "get of the empty key": (kv) => kv.get(""),
  "get of .": (kv) => kv.get("."),
  "get of ..": (kv) => kv.get(".."),
  "get of a long key": (kv) => kv.get(long),
  "get of a key long in UTF-8": (kv) => kv.get(utf8Long),
  "get with cacheTtl 30": async (kv) => (await kv.put("a", "1"), kv.get("a", { cacheTtl: 30 })),
  "get with cacheTtl 29": (kv) => kv.get("a", { cacheTtl: 29 }),
  "get with cacheTtl 0": (kv) => kv.get("a", { cacheTtl: 0 }),
  "get with cacheTtl -1": (kv) => kv.get("a", { cacheTtl: -1 }),
  "get with cacheTtl NaN": (kv) => kv.get("a", { cacheTtl: Number.NaN }),
  "get with an empty object of options": async (kv) => (await kv.put("a", "1"), kv.get("a", {})),
  "get with null as options": async (kv) => (await kv.put("a", "1"), kv.get("a", null as never)),
  "get of undefined as type": async (kv) => (await kv.put("a", "1"), kv.get("a", { type: undefined as never })),
  "get of json that is empty": async (kv) => (await kv.put("a", ""), kv.get("a", "json")),
  "get of arrayBuffer that is empty": async (kv) => (await kv.put("a", ""), bytes(kv.get("a", "arrayBuffer"))),
  "get with cacheTtl 30.9": async (kv) => (await kv.put("a", "1"), kv.get("a", { cacheTtl: 30.9 })),
  "get with cacheTtl 29.9": (kv) => kv.get("a", { cacheTtl: 29.9 }),
  "get with cacheTtl Infinity": (kv) => kv.get("a", { cacheTtl: Number.POSITIVE_INFINITY }),
  "get with cacheTtl past 32 bits": (kv) => kv.get("a", { cacheTtl: 2 ** 31 }),
  "get of a text with a byte order mark": async (kv) => (await kv.put("a", "\ufeffx"), kv.get("a")),
  "get of a number as key": async (kv) => (await kv.put("42", "1"), kv.get(42 as never)),
  "get of json with a byte order mark": async (kv) => (await kv.put("a", "\ufeff1"), kv.get("a", "json")),
  "a key with a byte order mark": async (kv) => (await fill(kv, "\ufeffa"), [await kv.get("a"), await kv.list()]),
  "a key with a newline": async (kv) => (await kv.put("a\nb", "1"), [await kv.get("a\nb"), await kv.list()]),
  "a key with blanks at its ends": async (kv) => (await kv.put(" a ", "1"), [await kv.get(" a "), await kv.get("a")]),
  "a key with a query and a fragment": async (kv) => (
    await fill(kv, "a?b=1#c"),
    [await kv.get("a?b=1#c"), await kv.list()]
  ),
  "keys with dots": async (kv) => (await fill(kv, "...", "./a", "a/..", "../a"), kv.list()),
  "a key that looks encoded": async (kv) => (await kv.put("%41", "1"), [await kv.get("%41"), await kv.get("A")]),
};

describe("MemoryKV and Workers KV agree on reads", () => agree(CASES));
