import { Cache, type KvError } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";

function setUp(settings: ConstructorParameters<typeof Cache>[1] = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const errors: KvError["code"][] = [];
  const onError = ({ code }: KvError) => errors.push(code);
  const cache = new Cache(kv, { now: clock, jitter: 0, earlyRefresh: 0, onError, ...settings });
  return { kv, clock, errors, cache };
}

const END = 4e12;

/** What others put beside a value means nothing to the cache. */
const THEIRS: unknown[] = [
  "text",
  7,
  [1, 2],
  { n: 3 },
  { n: 1, t: ["a"], d: 9 },
  { t: "a" },
  { c: 1 },
  { c: null, n: 2 },
];

describe("a value that somebody else stored", () => {
  it.each(THEIRS)("is served as it is beside the metadata %j", async (metadata) => {
    const { kv, cache, errors } = setUp();
    await kv.put("a", "[1]", { metadata });

    expect(await cache.getOrSet("a", () => "loaded")).toEqual([1]);
    expect(await cache.inspect("a")).toEqual({ value: [1], state: "fresh", createdAt: 0, tags: [] });
    expect(errors).toEqual([]);
  });

  it.each(["a", 1, null, {}, { 0: "a" }])("may have tags that are no list: %j", async (t) => {
    const { kv, cache } = setUp({ l1: { ttl: 60, max: 10 } });
    await kv.put("a", "1", { metadata: { c: [1, END, END], t } });

    expect(await cache.get("a")).toBe(1);
    await cache.invalidateTags("x");
    expect(await cache.get("a")).toBe(1);
  });

  it.each(["\ud800", "x".repeat(600)])("with a tag that no key can have is corrupt, and alone in that", async (tag) => {
    const { kv, cache, errors } = setUp({ onKvError: "throw" });
    await cache.set("good", 1, { tags: ["t"] });
    await kv.put("bad", "2", { metadata: { c: [1, END, END], t: [tag] } });
    const load = (missing: string[]) => Promise.resolve(new Map(missing.map((key) => [key, "loaded"])));
    const values = await cache.getOrSetMany<string | number>(["good", "bad"], load);

    expect([...values]).toEqual([
      ["good", 1],
      ["bad", "loaded"],
    ]);
    expect(errors).toEqual(["CORRUPT_VALUE"]);
  });

  it.each([
    ["cut off", '{"a":[1,'],
    ["empty", ""],
    ["not JSON", "\u0000\ufffd\ufffd"],
    ["a byte order mark", "\ufeff1"],
  ])("is loaded again when it is %s", async (_, text) => {
    const { kv, cache, errors } = setUp();
    await kv.put("a", text, { metadata: { c: [1, END, END], d: 1 } });

    expect(await cache.getOrSet("a", () => "loaded")).toBe("loaded");
    expect(await cache.getOrSet("a", () => "again")).toBe("loaded");
    expect(errors).toEqual(["CORRUPT_VALUE"]);
  });

  it.each([[["x", "y", "z"]], [[{}, {}, {}]], [[1]], [[]], [[END, -1, "never"]]])(
    "with the times %j is served or loaded, never an error",
    async (c) => {
      const { kv, cache } = setUp({ swr: 60, staleIfError: 60 });
      await kv.put("a", '"theirs"', { metadata: { c, d: "long" } });

      expect(["theirs", "loaded"]).toContain(await cache.getOrSet("a", () => "loaded"));
    },
  );

  it("keeps a field of the name __proto__ for itself", async () => {
    const { kv, cache } = setUp({ l1: { ttl: 60, max: 10 } });
    await kv.put("a", '{"__proto__":{"admin":true},"b":{"__proto__":{"admin":true}}}');
    for (let turn = 0; turn < 2; turn++) {
      const value = await cache.getOrSet<{ admin?: boolean; b: { admin?: boolean } }>("a", () => ({ b: {} }));
      expect([value.admin, value.b.admin, Object.getPrototypeOf(value)]).toEqual([
        undefined,
        undefined,
        Object.prototype,
      ]);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("a value that the schema refuses", () => {
  it("does not stand for the write before it, which KV makes wait", async () => {
    const kv = new MemoryKV({ writeLimit: true });
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => (typeof value === "number" ? { value } : { issues: [{ message: "no number" }] }),
      },
    };
    const cache = new Cache(kv, { onError: () => undefined, schema });
    await cache.set("a", 1);
    const results = await Promise.allSettled([cache.set("a", 2), cache.set("a", "three")]);

    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await kv.get("a")).toBe("2");
  });
});

describe("options that are undefined", () => {
  it("are those of the cache", async () => {
    const { cache, clock } = setUp({ ttl: 60 });
    const none = { ttl: undefined, swr: undefined, tags: undefined, jitter: undefined } as object;
    await cache.getOrSet("a", () => 1, none);
    clock.advance(59);
    expect(await cache.getOrSet("a", () => 2, none)).toBe(1);
    clock.advance(1);
    expect(await cache.getOrSet("a", () => 3, none)).toBe(3);
  });
});

describe("many keys at once where memory is on", () => {
  it("come from memory without a read", async () => {
    const { cache, kv } = setUp({ l1: { ttl: 60, max: 10 } });
    const load = (missing: string[]) => Promise.resolve(new Map(missing.map((key) => [key, key.toUpperCase()])));
    await cache.getOrSetMany(["a", "b"], load);
    const before = kv.counts.reads;
    expect([...(await cache.getOrSetMany(["a", "b"], load)).values()]).toEqual(["A", "B"]);
    expect(kv.counts.reads).toBe(before);
  });
});
