import { hexIdProblem } from "../../src/kv/ids.js";
import { isBuiltInName, isIdentifier, isSlug } from "../../src/kv/names.js";

it.each(["SESSIONS", "$", "_a1", "été", "a‌b"])("reads '%s' as an identifier", (name) => {
  expect(isIdentifier(name)).toBe(true);
});

it.each(["", "1a", "a-b", "a b", "a.b", "😀"])("does not read '%s' as an identifier", (name) => {
  expect(isIdentifier(name)).toBe(false);
});

it("joins the words of a slug by single dashes inside it", () => {
  expect(["shop", "edge-store", "a1-2"].every(isSlug)).toBe(true);
  expect(["", "-a", "a-", "a--b", "A", "a_b", "a\n"].some(isSlug)).toBe(false);
});

it("knows the names that every object has", () => {
  expect(["toString", "constructor", "__proto__"].every(isBuiltInName)).toBe(true);
  expect(isBuiltInName("SESSIONS")).toBe(false);
});

it("names the field and the form of an invalid id", () => {
  expect(hexIdProblem("zoneId", "0123456789abcdef0123456789abcdef")).toBeUndefined();
  expect(hexIdProblem("zoneId", "0123456789ABCDEF0123456789ABCDEF")).toBe(
    "zoneId must be 32 lower-case hexadecimal digits, got '0123456789ABCDEF0123456789ABCDEF'",
  );
});
