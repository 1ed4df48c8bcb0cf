import { byteSize } from "../../../../src/local/dev/explorer/byte-size.js";
import { exactDuration, relativeTime } from "../../../../src/local/dev/explorer/relative-time.js";
import { visibleParts, visibleText } from "../../../../src/local/dev/explorer/visible-text.js";

describe("what the explorer shows of", () => {
  it.each([
    ["session:1", "session:1"],
    ["a b", "a b"],
    [" a ", "·a·"],
    ["a\r\nb\tc", "a\\r\\nb\\tc"],
    ["\u0000\u001b\u007f", "\\u{0}\\u{1b}\\u{7f}"],
    ["admin\u202egpj", "admin\\u{202e}gpj"],
    ["a\u00a0b\u200bc", "a\\u{a0}b\\u{200b}c"],
    ["日本 é 🙂", "日本 é 🙂"],
  ])("the key %j is %s", (key, shown) => {
    expect(visibleText(key)).toBe(shown);
  });

  it("a key marks what stands for characters that cannot be seen", () => {
    expect(visibleParts(" a\nb")).toEqual([
      { text: "·", hidden: true },
      { text: "a", hidden: false },
      { text: "\\n", hidden: true },
      { text: "b", hidden: false },
    ]);
  });

  it.each([
    [0, "expired"],
    [0.4, "expired"],
    [1, "in 1 s"],
    [59, "in 59 s"],
    [60, "in 1 min"],
    [24 * 60 + 59, "in 24 min"],
    [3600, "in 1 hour"],
    [7200, "in 2 hours"],
    [86_399, "in 23 hours"],
    [86_400, "in 1 day"],
    [40 * 86_400, "in 40 days"],
    [-5, "expired"],
  ])("an expiration %d seconds ahead is '%s'", (ahead, shown) => {
    expect(relativeTime(1_800_000_000 + ahead, 1_800_000_000)).toBe(shown);
  });

  it.each([
    [60, "1 min"],
    [61, "61 s"],
    [5400, "90 min"],
    [3600, "1 hour"],
    [86_400, "1 day"],
    [90_000, "25 hours"],
    [604_800, "7 days"],
  ])("a TTL of %d seconds is '%s'", (seconds, shown) => {
    expect(exactDuration(seconds)).toBe(shown);
  });

  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1023 bytes"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [20_480, "20 KiB"],
    [25 * 1024 * 1024, "25 MiB"],
  ])("%d bytes is '%s'", (bytes, shown) => {
    expect(byteSize(bytes)).toBe(shown);
  });
});
