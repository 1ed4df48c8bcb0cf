import fc from "fast-check";
import { CONVENTIONAL_KEYS, exampleKey, keyPattern, keyPatternProblem } from "../../src/kv/key-pattern.js";

describe("a pattern of keys", () => {
  it.each([
    ["session:{token}", "session:abc", true],
    ["session:{token}", "session:", false],
    ["session:{token}", "sessions:abc", false],
    ["session:{token}", "session:a:b", true],
    ["cache:{resource}:{id}", "cache:post:456", true],
    ["cache:{resource}:{id}", "cache:post:", false],
    ["cache:{resource}:{id}", "cache::456", false],
    ["config:app", "config:app", true],
    ["config:app", "config:app2", false],
    ["{id}", "anything", true],
    ["{locale}/prefs", "日本語/prefs", true],
    ["{locale}/prefs", "/prefs", false],
  ])("%s matches %s: %s", (pattern, key, expected) => expect(keyPattern(pattern).matches(key)).toBe(expected));

  it("matches the example that reports show for it", () => {
    for (const pattern of Object.keys(CONVENTIONAL_KEYS)) {
      expect([pattern, keyPattern(pattern).matches(exampleKey(pattern))]).toEqual([pattern, true]);
    }
  });

  it("matches whatever stands for its names, and takes no longer for a hostile key", () => {
    const name = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(fc.property(name, name, (a, b) => keyPattern("x:{a}:{b}").matches(`x:${a}:${b}`)));
    expect(keyPattern("{a}a{b}a{c}a{d}b").matches("a".repeat(100_000))).toBe(false);
  });

  it.each(["session:{token}", "config:app", "{a}{b}", "prefs:{user-id}"])("may be '%s'", (pattern) =>
    expect(keyPatternProblem(pattern)).toBeUndefined(),
  );

  it.each([
    ["", "keys must not have an empty pattern"],
    ["a:{}", "pattern 'a:{}' must have names of letters, digits, '-' and '_' in its braces, got '{}'"],
    ["a:{b", "pattern 'a:{b' has a brace without its counterpart"],
    ["a:b}", "pattern 'a:b}' has a brace without its counterpart"],
    ["a\nb", "a pattern of keys must not contain control characters"],
  ])("must not be '%s'", (pattern, problem) => expect(keyPatternProblem(pattern)).toBe(problem));

  it("must leave room for a key", () => {
    expect(keyPatternProblem("é".repeat(257))).toContain("512 UTF-8 bytes, its text has 514");
  });
});
