import { agree, type Cases, fill, long } from "../support/agreement.js";

const CASES: Cases = {
  "list of nothing": (kv) => kv.list(),
  "list in the order of UTF-8 bytes": async (kv) => {
    await fill(kv, "é", "z", "Z", "😀", "漢", "\uffee", "a/b", "a b", "a", "\u0000x", "%41", "42");
    return (await kv.list()).keys.map(({ name }) => name);
  },
  "list by prefix": async (kv) => (await fill(kv, "a1", "a2", "b1"), kv.list({ prefix: "a" })),
  "list by a prefix nothing has": async (kv) => (await fill(kv, "a1"), kv.list({ prefix: "c" })),
  "list by a long prefix": (kv) => kv.list({ prefix: long }),
  "list with metadata": async (kv) => (await kv.put("a", "1", { metadata: { m: 1 } }), kv.list()),
  "list in pages": async (kv) => {
    await fill(kv, "a", "b", "c", "é", "f");
    const pages: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await kv.list(cursor === undefined ? { limit: 2 } : { limit: 2, cursor });
      pages.push(page);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return pages;
  },
  "list in pages that end exactly": async (kv) => (await fill(kv, "a", "b"), kv.list({ limit: 2 })),
  "list on after a deleted key": async (kv) => {
    await fill(kv, "a", "b", "c");
    const { cursor = "" } = await kv.list({ limit: 2 });
    await kv.delete("b");
    return kv.list({ limit: 2, cursor });
  },
  "list with limit 0": async (kv) => (await fill(kv, "a"), kv.list({ limit: 0 })),
  "list with limit -1": async (kv) => (await fill(kv, "a"), kv.list({ limit: -1 })),
  "list with limit 1001": (kv) => kv.list({ limit: 1001 }),
  "list with a cursor that is none": async (kv) => (await fill(kv, "a"), kv.list({ cursor: "!!" })),
  "list by the empty prefix": async (kv) => (await fill(kv, "a", "b"), kv.list({ prefix: "" })),
  "list by a prefix in UTF-8": async (kv) => (await fill(kv, "é1", "é2", "e"), kv.list({ prefix: "é" })),
  "list by a prefix with signs of SQL": async (kv) => (
    await fill(kv, "a%b", "a_b", "axb", "a*b", "A%B"),
    [await kv.list({ prefix: "a%" }), await kv.list({ prefix: "a_" }), await kv.list({ prefix: "a*" })]
  ),
  "list by a prefix that is a key": async (kv) => (await fill(kv, "a", "ab"), kv.list({ prefix: "a" })),
  "list with undefined everywhere": async (kv) => (
    await fill(kv, "a"),
    kv.list({ prefix: undefined, limit: undefined, cursor: undefined } as never)
  ),
  "list with an empty cursor": async (kv) => (await fill(kv, "a", "b"), kv.list({ cursor: "" })),
  "list with limit 1000": async (kv) => (await fill(kv, "a"), kv.list({ limit: 1000 })),
  "list with limit 1.9": async (kv) => (await fill(kv, "a", "b"), kv.list({ limit: 1.9 })),
  "list with limit NaN": async (kv) => (await fill(kv, "a", "b"), kv.list({ limit: Number.NaN })),
  "list with limit Infinity": async (kv) => (await fill(kv, "a", "b"), kv.list({ limit: Number.POSITIVE_INFINITY })),
  "list with limit past 32 bits": (kv) => kv.list({ limit: 2 ** 31 }),
  "list with a cursor from another prefix": async (kv) => {
    await fill(kv, "a1", "a2", "b1", "b2");
    const { cursor = "" } = await kv.list({ prefix: "a", limit: 1 });
    return kv.list({ prefix: "b", cursor });
  },
  "list with a cursor and no prefix": async (kv) => {
    await fill(kv, "a1", "a2", "b1");
    const { cursor = "" } = await kv.list({ prefix: "a", limit: 1 });
    return kv.list({ cursor });
  },
  "list on when nothing is left": async (kv) => {
    await fill(kv, "a", "b", "c");
    const { cursor = "" } = await kv.list({ limit: 2 });
    await kv.delete("c");
    return kv.list({ limit: 2, cursor });
  },
  "list on over keys added behind and before": async (kv) => {
    await fill(kv, "b", "c");
    const { cursor = "" } = await kv.list({ limit: 1 });
    await fill(kv, "a", "bb", "d");
    return kv.list({ cursor });
  },
  "list in pages by prefix beyond ASCII": async (kv) => {
    await fill(kv, "é😀", "éa", "é漢", "é\uffee", "z");
    const first = await kv.list({ prefix: "é", limit: 2 });
    return [first, await kv.list({ prefix: "é", limit: 2, cursor: first.cursor ?? "" })];
  },
};

describe("MemoryKV and Workers KV agree on lists", () => agree(CASES));
