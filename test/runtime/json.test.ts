import fc from "fast-check";
import { encodeJson } from "../../src/runtime/json.js";
import { copyOf, deepMerge } from "../../src/runtime/merge.js";

describe("encodeJson", () => {
  it("writes what JSON.stringify does, for everything JSON carries", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(encodeJson(value)).toBe(JSON.stringify(value))));
  });

  it.each<[unknown, string]>([
    [undefined, "undefined"],
    [[undefined], "undefined in an array"],
    [{ a: Infinity }, "Infinity"],
    [{ a: Symbol("s") }, "a symbol"],
    [() => 1, "a function"],
    [new Map(), "an object of class Map"],
    [{ deep: [new Uint8Array(1)] }, "an object of class Uint8Array"],
    [1n, "a circular structure or a BigInt"],
  ])("refuses %p", (value, what) => {
    expect(() => encodeJson(value, "k")).toThrow(
      expect.objectContaining({
        code: "INVALID_VALUE",
        message: `value must be plain JSON data, got ${what}`,
        key: "k",
      }) as Error,
    );
  });

  it("leaves out fields that are undefined, and takes what has a toJSON", () => {
    expect(encodeJson({ a: undefined, at: new Date(0), none: Object.create(null) as unknown })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","none":{}}',
    );
  });
});

describe("copyOf", () => {
  it("is equal and shares nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyOf(value);
        expect(copy).toEqual(value);
        if (typeof value === "object" && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it("keeps dates, and a field named __proto__ a field", () => {
    const at = new Date(0);
    expect(copyOf({ at }).at).toEqual(at);
    expect(copyOf({ at }).at).not.toBe(at);
    const copy = copyOf(JSON.parse('{"__proto__":{"a":1}}') as object);
    expect([Object.keys(copy), Object.getPrototypeOf(copy)]).toEqual([["__proto__"], Object.prototype]);
  });
});

describe("deepMerge", () => {
  it("shares nothing with what it merges", () => {
    const base = { list: [1], nested: { a: [1] } };
    const patch = { more: [{ b: 1 }] };
    const merged = deepMerge(base, patch) as typeof base & typeof patch;
    merged.list.push(2);
    merged.nested.a.push(2);
    (merged.more[0] as { b: number }).b = 2;

    expect([base, patch]).toEqual([{ list: [1], nested: { a: [1] } }, { more: [{ b: 1 }] }]);
  });
});
