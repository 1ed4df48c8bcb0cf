import { ttlText } from "../../../src/cli/terminal/print-stacks.js";

describe("a TTL", () => {
  it.each([
    [0, "keys do not expire"],
    [60, "keys expire after 1 min"],
    [90, "keys expire after 90 s"],
    [3600, "keys expire after 1 h"],
    [5400, "keys expire after 90 min"],
    [86_400, "keys expire after 24 h"],
    [129_600, "keys expire after 36 h"],
    [604_800, "keys expire after 7 days"],
    [2_147_483_647, "keys expire after 2147483647 s"],
  ])("of %d seconds reads '%s'", (seconds, text) => {
    expect(ttlText(seconds)).toBe(text);
  });
});
