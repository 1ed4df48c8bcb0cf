import { isObject } from "../../src/values/json.js";
import { byText, count, repeated } from "../../src/values/text.js";

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
