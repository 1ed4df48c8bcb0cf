import { mismatch, sameJson } from "../../src/data/compare.js";

const now = 1_800_000_000;
const key = "k";

describe("an entry and what is stored", () => {
  it("are the same whatever the value is written as", () => {
    expect(mismatch({ key, value: "é" }, { key, value: "w6k=", base64: true }, now)).toBeUndefined();
    expect(mismatch({ key, value: "AP8=", base64: true }, { key, value: "AP8=", base64: true }, now)).toBeUndefined();
    expect(mismatch({ key, value: "AP8=", base64: true }, { key, value: "AP8=" }, now)).toBe("value");
  });

  it("are the same when the stored one has the wanted expiry", () => {
    const expiring = (wanted: object, expiration?: number) =>
      mismatch({ key, value: "", ...wanted }, { key, value: "", ...(expiration && { expiration }) }, now);

    expect(expiring({ expiration: now + 90 }, now + 90)).toBeUndefined();
    expect(expiring({ expiration: now + 90 }, now + 91)).toBe("expiration");
    expect(expiring({}, now + 90)).toBe("expiration");
    expect(expiring({ expirationTtl: 90 })).toBe("expiration");
    expect(expiring({ expirationTtl: 90 }, now + 10)).toBeUndefined();
    expect(expiring({ expirationTtl: 90 }, now + 90 + 3601)).toBe("expiration");
  });

  it("differ by metadata", () => {
    expect(mismatch({ key, value: "", metadata: { a: 1 } }, { key, value: "" }, now)).toBe("metadata");
    expect(mismatch({ key, value: "" }, { key, value: "", metadata: null }, now)).toBeUndefined();
  });
});

describe("JSON", () => {
  it.each<[boolean, unknown, unknown]>([
    [true, { a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }],
    [true, JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
    [false, JSON.parse('{"__proto__":1}'), {}],
    [false, [], {}],
    [false, [1], [1, 2]],
    [false, { a: 1 }, { b: 1 }],
    [false, null, {}],
    [false, 1, "1"],
  ])("is the same: %s for %j and %j", (same, a, b) => {
    expect([sameJson(a, b), sameJson(b, a)]).toEqual([same, same]);
  });
});
