import { closest, didYouMean } from "../src/suggest.js";

const KNOWN = ["ttlSeconds", "description", "entries"];

describe("the nearest name", () => {
  it.each([
    ["ttlSecond", "ttlSeconds"],
    ["ttlseconds", "ttlSeconds"],
    ["TTLSECONDS", "ttlSeconds"],
    ["desciption", "description"],
    ["entrys", "entries"],
    ["ttl", undefined],
    ["colour", undefined],
    ["", undefined],
  ])("of '%s' is %s", (name, expected) => {
    expect(closest(name, KNOWN)).toBe(expected);
  });

  it("allows one wrong letter in a short name, not two", () => {
    expect(closest("kb", ["kv"])).toBe("kv");
    expect(closest("ab", ["kv"])).toBeUndefined();
  });

  it("takes two letters that changed places for one mistake", () => {
    expect(closest("CAHCE", ["CACHE"])).toBe("CACHE");
    expect(closest("TAGS", ["FLAGS"])).toBeUndefined();
  });

  it("is empty when nothing is known", () => {
    expect(closest("x", [])).toBeUndefined();
  });

  it("is written as the end of a message", () => {
    expect(didYouMean("entires", KNOWN)).toBe(" (did you mean 'entries'?)");
    expect(didYouMean("colour", KNOWN)).toBe("");
    expect(didYouMean("deb", new Map([["dev", 1]]).keys())).toBe(" (did you mean 'dev'?)");
  });
});
