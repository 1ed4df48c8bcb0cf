import { isHexId, isUuid } from "../../src/kv/ids.js";
import * as KV_LIMITS from "../../src/kv/limits.js";
import {
  codePoints,
  descriptionProblem,
  keyProblem,
  metadataProblem,
  namespaceNameProblem,
  ttlSecondsProblem,
  utf8Length,
  valueSizeProblem,
} from "../../src/kv/rules.js";

const LONE = "\ud83d";
const FACE = "😀";

describe("lengths", () => {
  it("counts bytes as UTF-8 does and characters as code points", () => {
    expect([utf8Length(""), utf8Length("a"), utf8Length("é"), utf8Length("日"), utf8Length(FACE)]).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect([codePoints(""), codePoints("é"), codePoints(FACE), codePoints(`${FACE}a`)]).toEqual([0, 1, 1, 2]);
  });
});

describe("the rule for a TTL", () => {
  it.each([0, 60, 61, 86_400, 2 ** 31 - 1])("takes %d seconds", (ttlSeconds) => {
    expect(ttlSecondsProblem(ttlSeconds)).toBeUndefined();
  });

  it.each([
    [1, "ttlSeconds must be 0 or at least 60 seconds, got 1"],
    [59, "ttlSeconds must be 0 or at least 60 seconds, got 59"],
    [-1, "ttlSeconds must be 0 or at least 60 seconds, got -1"],
    [-60, "ttlSeconds must be 0 or at least 60 seconds, got -60"],
    [2 ** 31, "ttlSeconds must be at most 2147483647 seconds, got 2147483648"],
    [0.5, "ttlSeconds must be a whole number of seconds, got 0.5"],
    [60.5, "ttlSeconds must be a whole number of seconds, got 60.5"],
    [Number.NaN, "ttlSeconds must be a whole number of seconds, got NaN"],
    [Number.POSITIVE_INFINITY, "ttlSeconds must be a whole number of seconds, got Infinity"],
  ])("refuses %d seconds", (ttlSeconds, problem) => {
    expect(ttlSecondsProblem(ttlSeconds)).toBe(problem);
  });
});

describe("the rule for a namespace's name", () => {
  it.each([
    ["one character", "a"],
    ["64 characters", "a".repeat(64)],
    ["64 emoji, which are 128 UTF-16 units", FACE.repeat(64)],
    ["blanks inside", "shop sessions dev"],
    ["any script", "обувь-日本-é"],
    ["a template of Terraform", "${x} %{y}"],
  ])("takes %s", (_, name) => {
    expect(namespaceNameProblem(name)).toBeUndefined();
  });

  it.each([
    ["nothing", "", "namespaceName must not be empty"],
    ["blanks only", " \t\u00a0", "namespaceName must not be empty"],
    ["a blank in front", " a", "namespaceName must not begin or end with whitespace, got ' a'"],
    ["a blank behind", "a ", "namespaceName must not begin or end with whitespace, got 'a '"],
    ["a line break inside", "a\nb", "namespaceName must not contain control characters"],
    ["a NUL", "a\u0000b", "namespaceName must not contain control characters"],
    ["a DEL", "a\u007fb", "namespaceName must not contain control characters"],
    ["65 characters", "a".repeat(65), "namespaceName must have at most 64 characters, got 65"],
    ["65 emoji", FACE.repeat(65), "namespaceName must have at most 64 characters, got 65"],
    ["half an emoji", `a${LONE}`, "namespaceName must be well-formed Unicode, got a lone surrogate"],
  ])("refuses %s", (_, name, problem) => {
    expect(namespaceNameProblem(name)).toBe(problem);
  });
});

describe("the rule for a description", () => {
  it.each([
    ["nothing", ""],
    ["256 characters", "a".repeat(256)],
    ["256 emoji", FACE.repeat(256)],
    ["several lines", "who is\nlogged in"],
  ])("takes %s", (_, description) => {
    expect(descriptionProblem(description)).toBeUndefined();
  });

  it.each([
    ["257 characters", "a".repeat(257), "description must have at most 256 characters, got 257"],
    ["257 emoji", FACE.repeat(257), "description must have at most 256 characters, got 257"],
    ["half an emoji", LONE, "description must be well-formed Unicode, got a lone surrogate"],
  ])("refuses %s", (_, description, problem) => {
    expect(descriptionProblem(description)).toBe(problem);
  });
});

describe("the rule for a key", () => {
  it.each([
    ["one byte", "a"],
    ["512 bytes", "a".repeat(512)],
    ["512 bytes in 128 emoji", FACE.repeat(128)],
    ["slashes and dots", "a/../b"],
    ["three dots", "..."],
    ["control characters", "a\u0000\n\u007f"],
    ["a blank", " "],
  ])("takes %s", (_, key) => {
    expect(keyProblem(key)).toBeUndefined();
  });

  it.each([
    ["nothing", "", "key must not be empty"],
    ["a dot", ".", "key must not be '.': Cloudflare reads it as a path"],
    ["two dots", "..", "key must not be '..': Cloudflare reads it as a path"],
    ["513 bytes", "a".repeat(513), "key must have at most 512 UTF-8 bytes, got 513"],
    ["513 bytes in 129 characters", `${FACE.repeat(128)}a`, "key must have at most 512 UTF-8 bytes, got 513"],
    ["257 characters of 2 bytes", "é".repeat(257), "key must have at most 512 UTF-8 bytes, got 514"],
    ["a high surrogate alone", `a${LONE}b`, "key must be well-formed Unicode, got a lone surrogate"],
    ["a low surrogate alone", "\ude00", "key must be well-formed Unicode, got a lone surrogate"],
    ["surrogates in the wrong order", "\ude00\ud83d", "key must be well-formed Unicode, got a lone surrogate"],
  ])("refuses %s", (_, key, problem) => {
    expect(keyProblem(key)).toBe(problem);
  });
});

describe("the rule for metadata", () => {
  it.each([
    ["null", null],
    ["a number", 0],
    ["an object", { a: [1, "é"] }],
    ["1024 bytes with the quotes", "a".repeat(1022)],
    ["1024 bytes in 2-byte characters", "é".repeat(511)],
  ])("takes %s", (_, metadata) => {
    expect(metadataProblem(metadata)).toBeUndefined();
  });

  it.each([
    ["1025 bytes", "a".repeat(1023), "metadata must have at most 1024 bytes as JSON, got 1025"],
    ["1026 bytes in 2-byte characters", "é".repeat(512), "metadata must have at most 1024 bytes as JSON, got 1026"],
    ["what JSON cannot hold", () => 1, "metadata must be a JSON value"],
  ])("refuses %s", (_, metadata, problem) => {
    expect(metadataProblem(metadata)).toBe(problem);
  });
});

describe("the rule for a value's size", () => {
  it("takes 25 MiB and not a byte more", () => {
    expect(valueSizeProblem(0)).toBeUndefined();
    expect(valueSizeProblem(KV_LIMITS.maxValueBytes)).toBeUndefined();
    expect(valueSizeProblem(KV_LIMITS.maxValueBytes + 1)).toBe(
      "value must have at most 26214400 bytes (25 MiB), got 26214401",
    );
  });
});

describe("ids", () => {
  const HEX = "0123456789abcdef0123456789abcdef";
  const UUID = "0f2ac74b-498b-4802-8cb6-8387c421e279";

  it.each([
    [HEX, true],
    [HEX.toUpperCase(), false],
    [HEX.slice(1), false],
    [`${HEX}0`, false],
    [`${HEX}\n`, false],
    [HEX.replace("0", "g"), false],
    ["", false],
  ])("%j is a hexadecimal id: %s", (id, expected) => {
    expect(isHexId(id)).toBe(expected);
  });

  it.each([
    [UUID, true],
    [UUID.toUpperCase(), false],
    [UUID.replaceAll("-", ""), false],
    [`${UUID} `, false],
    ["", false],
  ])("%j is a UUID: %s", (id, expected) => {
    expect(isUuid(id)).toBe(expected);
  });
});
