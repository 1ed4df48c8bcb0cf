import { isObject } from "../../src/values/json.js";
import { byText, count, printable, repeated } from "../../src/values/text.js";

it("orders strings by their characters, whatever the locale says", () => {
  expect(["b", "a", "B", "ä", "a"].sort(byText)).toEqual(["B", "a", "a", "b", "ä"]);
});

it("finds what occurs more than once, each once, in the order of the second occurrence", () => {
  expect(repeated(["a", "b", "b", "a", "b", "c"])).toEqual(["b", "a"]);
});

it("counts one thing in the singular and any other number in the plural", () => {
  expect([count(0, "item"), count(1, "item"), count(2, "item"), count(2, "entry", "entries")]).toEqual([
    "0 items",
    "1 item",
    "2 items",
    "2 entries",
  ]);
});

it("takes neither null nor a list for an object", () => {
  expect([{}, null, [], "", undefined, new Map()].map(isObject)).toEqual([true, false, false, false, false, true]);
});

it("makes what steers a terminal visible, and leaves joined emoji as they are", () => {
  const family = "\u{1F469}\u{1F3FD}\u200D\u{1F469}\u200D\u{1F467}";
  const flag = "\u{1F3F3}\uFE0F\u200D\u{1F308}";
  expect(printable(`shop ${family} ${flag}`)).toBe(`shop ${family} ${flag}`);
  expect(printable("a\u200Db \u{1F469}\u200D b\u202Ec\u001b[2J")).toBe(
    "a\\u{200d}b \u{1F469}\\u{200d} b\\u{202e}c\\u{1b}[2J",
  );
});
