import fc from "fast-check";
import { compactJson, jsonProblem, looksLikeJson, prettyJson } from "../../../../src/local/dev/explorer/json-text.js";

describe("JSON as the explorer shows it", () => {
  it("has one member a line", () => {
    expect(prettyJson('{"a":[1,{"b":null}],"c":{},"d":[]}')).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {},\n  "d": []\n}',
    );
  });

  it("is laid out as JSON.stringify does it, for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
        expect(compactJson(JSON.stringify(value, null, 3))).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each(['{"n":12345678901234567890}', '{"a":1,"a":2}', '["\\u0041\\"}{"]', "[1e400,-0.0,1E+2]"])(
    "keeps every character of %s but whitespace",
    (text) => {
      expect(compactJson(prettyJson(text))).toBe(text);
    },
  );

  it("says what is wrong, without the text", () => {
    expect(jsonProblem('{"a":1}')).toBeUndefined();
    expect(jsonProblem('{"a": x, "secret": "s3cret"}')).toMatch(/^Unexpected token/);
    expect(jsonProblem('{"a": x, "secret": "s3cret"}')).not.toContain("s3cret");
  });

  it("is meant by what begins as an object or a list", () => {
    expect(["{", " [1]", "\n{}"].map(looksLikeJson)).toEqual([true, true, true]);
    expect(["", "1", '"a"', "true", "a {"].map(looksLikeJson)).toEqual([false, false, false, false, false]);
  });
});
