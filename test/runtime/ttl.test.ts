import { checkedTtl, expirationOf } from "../../src/runtime/ttl.js";

const MAX = 2_147_483_647;

describe("checkedTtl", () => {
  it.each([0, 0.5, 59, 60, MAX])("takes %p seconds", (ttl) => {
    expect(checkedTtl(ttl)).toBe(ttl);
  });

  it.each([-1, -0.001, MAX + 1, Infinity, NaN, "60" as unknown as number])("refuses %p", (ttl) => {
    expect(() => checkedTtl(ttl, "refreshAfter")).toThrow(`refreshAfter must be 0 to ${MAX} seconds, got ${ttl}`);
  });
});

describe("expirationOf", () => {
  it.each([
    [1, 60],
    [60, 60],
    [60.1, 61],
    [61, 61],
    [MAX, MAX],
  ])("keeps a key that lives %p seconds for %p", (seconds, expirationTtl) => {
    expect(expirationOf(seconds)).toEqual({ expirationTtl });
  });

  it("lets a key that lives longer than KV can count stay", () => {
    expect(expirationOf(MAX + 1)).toEqual({});
    expect(expirationOf(Infinity)).toEqual({});
  });
});
