import fc from "fast-check";
import { boundedKey, defineKeys, joinKey, keys, parseKey } from "../../src/runtime/index.js";

const part = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", ":", "%", "%3A", "%25", "a:b"));
const parts = fc.array(part, { minLength: 1, maxLength: 4 });
const join = (all: string[]) => joinKey(...(all as [string, ...string[]]));

describe("joinKey", () => {
  it("joins with ':' and escapes it within parts", () => {
    expect(joinKey("user", 42, "a:b%")).toBe("user:42:a%3Ab%25");
  });

  it("is undone by parseKey, so different parts never give the same key", () => {
    fc.assert(fc.property(parts, (all) => expect(parseKey(join(all))).toEqual(all)));
  });
});

describe("defineKeys", () => {
  it("makes one function a template, with an argument for each name", () => {
    const made = defineKeys({ product: "product:{id}", cache: "cache:{resource}:{id}", all: "all" });

    expect([made.product(7), made.cache("user", "a:b"), made.all()]).toEqual(["product:7", "cache:user:a%3Ab", "all"]);
  });

  it("has the keys of the seeds", () => {
    expect([
      keys.user("1"),
      keys.session("t"),
      keys.cache("product", 1),
      keys.config("app"),
      keys.flag("new-ui"),
      keys.prefs("1"),
      keys.rateLimit("api", "1.2.3.4"),
    ]).toEqual(["user:1", "session:t", "cache:product:1", "config:app", "flag:new-ui", "prefs:1", "rl:api:1.2.3.4"]);
  });
});

describe("boundedKey", () => {
  it("leaves keys that KV takes, and shortens others without ever giving two the same", async () => {
    const long = "é".repeat(300);
    const short = await boundedKey(long);

    expect(await boundedKey("user:1")).toBe("user:1");
    expect(new TextEncoder().encode(short).byteLength).toBeLessThanOrEqual(512);
    expect(short).toMatch(/^é+~[\w-]{43}$/);
    expect(await boundedKey(`${long}x`)).not.toBe(short);
    expect(await boundedKey(short)).not.toBe(short);
  });
});

describe("defineKeys and separators", () => {
  it("escapes the separators of a template in its arguments, so that different arguments never give the same key", () => {
    const { file, range, item } = defineKeys({ file: "file/{folder}/{name}", range: "{from}-{to}", item: "item:{id}" });

    expect([file("a/b", "c"), file("a", "b/c")]).toEqual(["file/a%2Fb/c", "file/a/b%2Fc"]);
    expect([range("1-2", 3), range(1, "2-3")]).toEqual(["1%2D2-3", "1-2%2D3"]);
    expect(item("a/b-c")).toBe("item:a/b-c");
    expect(parseKey(item("100%:"))).toEqual(["item", "100%:"]);
  });
});
