import fc from "fast-check";
import { readConfig } from "../../../src/wrangler/import/read-config.js";
import { toDiagnostic } from "../../../src/manifest/findings/render.js";
import { tempDirs } from "../../support/temp-dir.js";

const { path, write } = tempDirs();

/** What is wrong with a text, as `line:column code path`. */
function problemsOf(text: string | Uint8Array, file = "wrangler.jsonc"): string[] {
  write(file, text);
  return readConfig(path(), file).findings.all.map((finding) => {
    const { line, column, code, path: where } = toDiagnostic(finding);
    return `${line}:${column} ${code} ${where}`.trimEnd();
  });
}

describe("a configuration that is broken", () => {
  it.each([
    ["an unfinished object", '{\n  "name": "shop",\n  "vars": {', ["3:12 JSON_SYNTAX"]],
    ["a missing comma", '{\n  "name": "shop"\n  "main": "a.ts"\n}', ["3:3 JSON_SYNTAX"]],
    ["single quotes", "{ 'name': 1 }", ["1:3 JSON_SYNTAX"]],
    ["nothing", "", ["1:1 JSON_SYNTAX"]],
    ["a list", "[]", ["1:1 WRONG_TYPE"]],
    ["a NUL in a string", '{ "name": "a\0b" }', ["1:11 JSON_SYNTAX"]],
    ["a NUL between values", '{ \0 "name": "a" }', ["1:3 JSON_SYNTAX"]],
    ["a key twice", '{ "name": "a", "name": "b" }', ["1:16 DUPLICATE_KEY"]],
    ["__proto__", '{ "vars": { "__proto__": { "polluted": true } } }', ["1:13 INVALID_KEY vars"]],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), ["1:2 INVALID_UTF8"]],
    ["brackets without end", "[".repeat(100_000), ["1:101 DEPTH_LIMIT"]],
    ["brackets without end in a var", `{ "vars": { "A": ${"[".repeat(50_000)}`, ["1:116 DEPTH_LIMIT"]],
    ["more than 8 MiB", `{ "name": "${"x".repeat(9_000_000)}" }`, ["1:1 FILE_TOO_LARGE"]],
  ])("as JSON with %s is reported with its position", (_, text, expected) => {
    expect(problemsOf(text).slice(0, 1)).toEqual(expected);
  });

  it.each([
    ["a value without an end", 'name = "shop\n', ["1:13 TOML_SYNTAX"]],
    ["a key twice", 'name = "a"\nname = "b"\n', ["2:1 TOML_SYNTAX"]],
    ["a table twice", "[vars]\n[vars]\n", ["2:2 TOML_SYNTAX"]],
    ["a missing value", "a = [1,,2]", ["1:8 TOML_SYNTAX"]],
    ["an escape that does not exist", 'a = "\\q"', ["1:7 TOML_SYNTAX"]],
    ["__proto__", "[vars.__proto__]\npolluted = true\n", ["1:7 INVALID_KEY vars"]],
    ["brackets without end", `a = ${"[".repeat(100_000)}`, ["1:105 DEPTH_LIMIT"]],
    ["control characters", 'a = "\u0001"', ["1:6 TOML_SYNTAX"]],
  ])("as TOML with %s is reported with its position", (_, text, expected) => {
    expect(problemsOf(text, "wrangler.toml").slice(0, 1)).toEqual(expected);
  });

  it.each([
    ['{ "name": 5 }', ["1:11 WRONG_TYPE name"]],
    ['{ "name": "Shop" }', ["1:11 INVALID_NAME name"]],
    ['{ "kv_namespaces": {} }', ["1:3 WRONG_TYPE kv_namespaces"]],
    [
      '{ "kv_namespaces": [{ "id": "x" }] }',
      ["1:29 INVALID_ID kv_namespaces[0].id", "1:21 MISSING_FIELD kv_namespaces[0]"],
    ],
    ['{ "kv_namespaces": [{ "binding": "NOT-A-NAME" }] }', ["1:34 INVALID_BINDING kv_namespaces[0].binding"]],
    ['{ "d1_databases": [{ "binding": "DB", "database_id": "1" }] }', ["1:54 INVALID_ID d1_databases[0].database_id"]],
    ['{ "account_id": "mine" }', ["1:17 INVALID_ID account_id"]],
    ['{ "workers_dev": "yes" }', ["1:18 WRONG_TYPE workers_dev"]],
    ['{ "env": { "a": { "routes": [5] } } }', ["1:30 WRONG_TYPE env.a.routes[0]"]],
    ['{ "assets": { "html_handling": "no" } }', ["1:32 INVALID_VALUE assets.html_handling"]],
    ['{ "vars": { "A": 1e999 } }', ["1:18 WRONG_TYPE vars.A"]],
    ['{ "vars": { "A": "TfToken[1]" } }', ["1:18 INVALID_VALUE vars.A"]],
    ['{ "vars": { "A": 1 }, "ai": { "binding": "A" } }', ["1:42 DUPLICATE_BINDING ai.binding"]],
    ['{ "nmae": "shop" }', ["1:3 UNKNOWN_FIELD nmae"]],
  ])("as %s is reported with its position and path", (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("is read with a byte order mark, as editors on Windows write it", () => {
    expect(problemsOf('\uFEFF{ "name": "shop" }')).toEqual([]);
    expect(problemsOf('\uFEFFname = "shop"\r\nmain = "a.ts"\r\n', "wrangler.toml")).toEqual([]);
  });

  it("never ends the process, whatever the text is", () => {
    const piece = fc.constantFrom(
      ...Array.from("{}[]\",:'#=\n\\/*"),
      "env",
      "vars",
      "[[kv_namespaces]]",
      "binding",
      "\u0000",
      "1e9",
      "true",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 60 }),
        (parts) => {
          for (const file of ["wrangler.jsonc", "wrangler.toml"]) {
            const { findings } = (write(file, parts.join("")), readConfig(path(), file));
            expect(findings.all.every(({ span }) => span !== undefined)).toBe(true);
          }
        },
      ),
      { numRuns: 400, seed: 20261127 },
    );
  });

  it("does not overcount brackets in strings and comments", () => {
    const brackets = "[".repeat(500);
    expect(problemsOf(`// ${brackets}\n{ "vars": { "A": "${brackets}" } /* ${brackets} */ }`)).toEqual([]);
    expect(problemsOf(`# ${brackets}\n[vars]\nA = '${brackets}'\n`, "wrangler.toml")).toEqual([]);
    expect(problemsOf(`[vars]\nA = """\n${brackets}\n"""\n`, "wrangler.toml")).toEqual([]);
  });
});
