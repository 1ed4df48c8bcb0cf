import { readdirSync, readFileSync } from "node:fs";

/** What the seed documents ask of the runtime, by row of the checklist made of them: first and last of each run. */
const ROWS: readonly (readonly [number, number])[] = [
  [3, 3],
  [13, 13],
  [31, 31],
  [33, 33],
  [37, 37],
  [39, 39],
  [44, 68],
  [70, 73],
  [76, 76],
  [78, 78],
  [80, 102],
  [104, 104],
  [106, 107],
  [110, 111],
  [113, 117],
  [121, 121],
  [124, 124],
  [126, 142],
];

/** Rows about plans, prices and tools, which lie between. */
const NOT_RUNTIME = new Set([69, 79]);

describe("the checklist", () => {
  it("has one test for each row about the runtime, and none for another", () => {
    const folder = import.meta.dirname;
    const tested = readdirSync(folder)
      .flatMap((file) => [...readFileSync(`${folder}/${file}`, "utf8").matchAll(/^ {2}it\("R(\d+): /gm)])
      .map(([, row]) => Number(row))
      .sort((a, b) => a - b);
    const rows = ROWS.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));

    expect(tested).toEqual(rows.filter((row) => !NOT_RUNTIME.has(row)));
  });
});
