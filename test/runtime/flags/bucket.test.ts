import fc from "fast-check";
import murmurhash from "murmurhash";
import { murmur3 } from "../../../src/runtime/flags/bucket.js";
import { bucket } from "../../../src/runtime/index.js";

const USERS = 100_000;

/** The users of a rollout of `percentage`. */
function reached(salt: string, percentage: number): Set<number> {
  const users = new Set<number>();
  for (let user = 0; user < USERS; user++) if (bucket(salt, `user-${user}`) < percentage * 100) users.add(user);
  return users;
}

describe("bucket", () => {
  it("is standard UTF-8 murmur3-32 on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(murmur3(text)).toBe(murmurhash.v3(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("never changes: golden vectors", () => {
    expect(["", "a", "ab", "abc", "abcd", "hello", "é😀漢字"].map((text) => murmur3(text).toString(16))).toEqual([
      "0",
      "3c2569b2",
      "9bbfd75f",
      "b3dd93fa",
      "43ed676a",
      "248bfa47",
      "9a6366f8",
    ]);
    expect([
      bucket("checkout-v2", "user-1"),
      bucket("checkout-v2", "user-2"),
      bucket("checkout-v3", "user-1"),
      bucket("", ""),
    ]).toEqual([7065, 1414, 3586, 1685]);
  });

  it("is uniform: chi-squared over 100 groups of buckets", () => {
    const counts = new Array<number>(100).fill(0);
    for (let user = 0; user < USERS; user++) {
      const group = Math.floor(bucket("checkout-v2", `user-${user}`) / 100);
      counts[group] = (counts[group] ?? 0) + 1;
    }
    const expected = USERS / 100;
    const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);

    // 99 degrees of freedom, p = 0.001.
    expect(chi2).toBeLessThan(149);
  });

  it.each([
    ["homepage-v3", "checkout-v2"],
    ["checkout-v3", "checkout-v2"],
    ["a", "b"],
  ])("is independent: 10 %% of the users of %s are in %s too", (first, second) => {
    const [a, b] = [reached(first, 10), reached(second, 10)];
    const both = [...a].filter((user) => b.has(user)).length;

    expect(Math.abs((100 * both) / a.size - 10)).toBeLessThan(1);
  });

  it("only adds users when the percentage rises", () => {
    const [ten, twenty] = [reached("checkout-v2", 10), reached("checkout-v2", 20)];

    expect([...ten].every((user) => twenty.has(user))).toBe(true);
    expect(twenty.size).toBeGreaterThan(ten.size);
  });
});
