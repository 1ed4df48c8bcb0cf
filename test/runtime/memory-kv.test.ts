import { Miniflare } from "miniflare";
import { MemoryKV } from "../../src/runtime/testing.js";

/** The methods both have; Miniflare's types are workers' own. */
type AnyKv = Pick<MemoryKV, "get" | "getWithMetadata" | "put" | "delete" | "list">;

const long = "x".repeat(513);
const utf8Long = "é".repeat(257);
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const bytes = async (work: Promise<ArrayBuffer | null>) => [...new Uint8Array((await work) ?? new ArrayBuffer(0))];

/** Each case runs in an empty namespace: what it returns, or the error, must be the same in both. */
const CASES: Record<string, (kv: AnyKv) => Promise<unknown>> = {
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

  "put ArrayBuffer": async (kv) => (
    await kv.put("a", new Uint8Array([1, 2]).buffer),
    bytes(kv.get("a", "arrayBuffer"))
  ),
  "put of a view of a part": async (kv) => (
    await kv.put("a", new Uint8Array([1, 2, 3]).subarray(1, 2)),
    bytes(kv.get("a", "arrayBuffer"))
  ),
  "put stream": async (kv) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("streamed"));
        controller.close();
      },
    });
    await kv.put("a", body);
    return kv.get("a");
  },
  "put undefined": async (kv) => (await kv.put("a", undefined as never), kv.get("a")),
  "put null": async (kv) => (await kv.put("a", null as never), kv.get("a")),
  "put a number": async (kv) => (await kv.put("a", 3 as never), kv.get("a")),
  "put an object": (kv) => kv.put("a", {} as never),
  "put to the empty key": (kv) => kv.put("", "1"),
  "put to .": (kv) => kv.put(".", "1"),
  "put to ..": (kv) => kv.put("..", "1"),
  "put to a long key": (kv) => kv.put(long, "1"),
  "put to a key of 512 bytes": async (kv) => (await kv.put("é".repeat(256), "1"), kv.get("é".repeat(256))),
  "put a large value": (kv) => kv.put("a", "x".repeat(25 * 1024 * 1024 + 1)),
  "put large metadata": (kv) => kv.put("a", "1", { metadata: "x".repeat(1023) }),
  "put the largest metadata": async (kv) => (
    await kv.put("a", "1", { metadata: "x".repeat(1022) }),
    kv.getWithMetadata("a")
  ),
  "put over a key drops its metadata": async (kv) => {
    await kv.put("a", "1", { metadata: { m: 1 }, expirationTtl: 60 });
    await kv.put("a", "2");
    return [await kv.getWithMetadata("a"), await kv.list()];
  },
  ...Object.fromEntries(
    [59, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 31 - 1].map((expirationTtl) => [
      `put with expirationTtl ${expirationTtl}`,
      (kv: AnyKv) => kv.put("a", "1", { expirationTtl }),
    ]),
  ),
  ...Object.fromEntries(
    [100, 0, -1, Number.NaN].map((expiration) => [
      `put with expiration ${expiration}`,
      (kv: AnyKv) => kv.put("a", "1", { expiration }),
    ]),
  ),
  "put with an expiration in an hour": async (kv) => {
    await kv.put("a", "1", { expiration: inAnHour() });
    return round(await kv.list());
  },
  "put with a fraction of a second": async (kv) => (
    await kv.put("a", "1", { expirationTtl: 90.9 }),
    round(await kv.list())
  ),
  "put with expiration and expirationTtl": async (kv) => {
    await kv.put("a", "1", { expiration: inAnHour(), expirationTtl: 120 });
    return round(await kv.list());
  },

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

  "delete of a missing key": (kv) => kv.delete("a"),
  "delete of a key": async (kv) => (await kv.put("a", "1"), await kv.delete("a"), kv.get("a")),
  "delete of the empty key": (kv) => kv.delete(""),
  "delete of ..": (kv) => kv.delete(".."),
  "delete of a long key": (kv) => kv.delete(long),

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
  "a key with a lone surrogate": async (kv) => {
    await kv.put("a\ud800", "1");
    return [await kv.get("a\ud800"), (await kv.list()).keys.map(({ name }) => name)];
  },
  "a key that looks encoded": async (kv) => (await kv.put("%41", "1"), [await kv.get("%41"), await kv.get("A")]),
};

async function fill(kv: AnyKv, ...keys: string[]): Promise<void> {
  for (const key of keys) await kv.put(key, key);
}

/** Expirations to ten seconds: the two namespaces are written one after the other. */
function round({ keys, ...page }: Awaited<ReturnType<AnyKv["list"]>>): unknown {
  const rounded = keys.map(({ expiration, ...key }) => ({
    ...key,
    expiration: expiration === undefined ? undefined : Math.round((expiration - Date.now() / 1000) / 10),
  }));
  return { keys: rounded, ...page };
}

/** The outcome in a form that can be compared. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    const value = await work();
    return { value: value instanceof Map ? [...(value as Map<unknown, unknown>)] : value };
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

// The largest cases move 26 MB through workerd, on a machine that may be busy.
jest.setTimeout(60_000);

describe("MemoryKV and Workers KV", () => {
  const names = Object.keys(CASES);
  let miniflare: Miniflare;

  beforeAll(() => {
    miniflare = new Miniflare({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2025-09-01",
      kvNamespaces: Object.fromEntries(names.map((_, index) => [`KV${index}`, `namespace-${index}`])),
    });
  });
  afterAll(() => miniflare.dispose());

  it.each(names)("agree on: %s", async (name) => {
    const run = CASES[name] ?? (() => Promise.reject(new Error("no such case")));
    const real = (await miniflare.getKVNamespace(`KV${names.indexOf(name)}`)) as unknown as AnyKv;
    const memory = new MemoryKV();

    expect(await outcome(() => run(memory))).toEqual(await outcome(() => run(real)));
  });
});

describe("MemoryKV", () => {
  it("expires keys on its clock", async () => {
    let now = 0;
    const kv = new MemoryKV({ clock: () => now });
    await kv.put("a", "1", { expirationTtl: 60 });
    now = 59_999;
    expect(await kv.get("a")).toBe("1");
    now = 60_000;
    expect([await kv.get("a"), (await kv.list()).keys]).toEqual([null, []]);
  });

  it("lets another location see an old value, or none, for cacheTtl", async () => {
    let now = 0;
    const here = new MemoryKV({ clock: () => now, eventual: true });
    const there = here.at("there");
    expect(await there.get("a")).toBeNull();
    await here.put("a", "1");
    expect([await here.get("a"), await there.get("a")]).toEqual(["1", null]);
    now = 30_000;
    expect(await there.get("a", { cacheTtl: 30 })).toBe("1");
    await here.delete("a");
    expect(await there.get("a")).toBe("1");
    now = 90_000;
    expect(await there.get("a")).toBeNull();
  });

  it("takes one write a second per key with writeLimit", async () => {
    let now = 0;
    const kv = new MemoryKV({ clock: () => now, writeLimit: true });
    await kv.put("a", "1");
    await expect(kv.put("a", "2")).rejects.toThrow("KV PUT failed: 429 Too Many Requests");
    await kv.put("b", "1");
    now = 1000;
    await kv.put("a", "2");
    expect(await kv.get("a")).toBe("2");
  });

  it("fails as told, for as long as told", async () => {
    const kv = new MemoryKV();
    kv.fail("get", 503, 1);
    await expect(kv.get("a")).rejects.toThrow("KV GET failed: 503");
    expect(await kv.get("a")).toBeNull();
    kv.fail("list", new Error("mine"));
    await expect(kv.list()).rejects.toThrow("mine");
    kv.heal();
    await expect(kv.list()).resolves.toMatchObject({ keys: [] });
  });

  it("counts what Cloudflare bills, and runs a hook before each operation", async () => {
    const seen: string[] = [];
    const kv = new MemoryKV({ before: ({ op, keys, location }) => void seen.push(`${location} ${op} ${keys.join()}`) });
    await kv.put("a", "1");
    await kv.at("there").get(["a", "b"]);
    await kv.delete("a");
    await kv.list();

    expect(kv.counts).toEqual({ reads: 2, writes: 1, deletes: 1, lists: 1, subrequests: 4 });
    expect(seen).toEqual(["here put a", "there get a,b", "here delete a", "here list "]);
  });
});
