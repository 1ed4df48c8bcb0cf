import { ttlText } from "../../../src/cli/terminal/print-stacks.js";

describe("a TTL", () => {
  it.each([
    [0, "keys do not expire"],
    [60, "keys live 1 min"],
    [90, "keys live 90 s"],
    [3600, "keys live 1 h"],
    [5400, "keys live 90 min"],
    [86_400, "keys live 24 h"],
    [129_600, "keys live 36 h"],
    [604_800, "keys live 7 days"],
    [2_147_483_647, "keys live 2147483647 s"],
  ])("of %d seconds reads '%s'", (seconds, text) => {
    expect(ttlText(seconds)).toBe(text);
  });
});
