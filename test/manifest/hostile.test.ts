import fc from "fast-check";
import { codesOf, namespaceYaml, readText } from "./read-text.js";
import type { ManifestSet } from "../../src/manifest/index.js";

const VALID = namespaceYaml('namespaceName: shop\nttl_seconds: 300\ndescription: "a cache"', {
  metadata: "metadata:\n  name: shop\n  labels: {team: a}",
});

/** CPU time since the start: what other processes do meanwhile does not count. */
function cpuMilliseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** Reads a text, which must not take long; what is too slow here would be far too slow in a larger file. */
function readQuickly(text: string | Uint8Array): ManifestSet {
  const start = process.cpuUsage();
  const set = readText(text);
  expect(cpuMilliseconds(start)).toBeLessThan(1_000);
  return set;
}

describe("a hostile file", () => {
  it.each([
    [
      "an alias bomb",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi".replace(
        /./g,
        (c, i: number) =>
          `${c}: &${c} [${Array(9)
            .fill(`*${"abcdefgh"[i] ?? ""}`)
            .join(",")}]\n`,
      )}`,
      "ALIAS_LIMIT",
    ],
    ["an alias to itself", "a: &a [*a]\n", "UNKNOWN_ANCHOR"],
    [
      "1,000 levels of blocks",
      Array.from({ length: 1_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      "DEPTH_LIMIT",
    ],
    ["100,000 levels of lists", "- ".repeat(100_000), "DEPTH_LIMIT"],
    ["100,000 open brackets", "[".repeat(100_000), "DEPTH_LIMIT"],
    ["100,000 open braces", "{a: ".repeat(100_000), "DEPTH_LIMIT"],
    ["a doubled key", `${VALID}spec: {}\n`, "DUPLICATE_KEY"],
    ["tabs for blanks", VALID.replaceAll("  ", "\t"), "YAML_SYNTAX"],
    ["a NUL", "apiVersion: \u0000\n", "MISSING_KIND"],
    ["no mapping at all", "hello\n", "NOT_A_MAPPING"],
    ["nothing", "", "NO_DOCUMENT"],
    ["blanks", "\n\n  \n", "NO_DOCUMENT"],
    ["comments and empty documents", "---\n# a\n---\n...\n", "NO_DOCUMENT"],
    ["__proto__", VALID.replace("{team: a}", "{__proto__: {polluted: yes}}"), "INVALID_KEY"],
    ["20,000 fields", Array.from({ length: 20_000 }, (_, index) => `k${index}: v`).join("\n"), "MISSING_KIND"],
    ["5,000 anchors", `a: ${"&a ".repeat(5_000)}x`, "YAML_SYNTAX"],
    ["an unclosed quote", VALID.replace('"a cache"', '"a cache'), "YAML_SYNTAX"],
    ["a tag that would run code", VALID.replace('"a cache"', '!!python/object/apply:os.system ["id"]'), "UNKNOWN_TAG"],
  ])("with %s ends in a problem, fast", (_, text, code) => {
    const set = readQuickly(text);
    expect(set.isValid()).toBe(false);
    expect(set.problems.map((problem) => problem.code)).toContain(code);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  it.each([
    ["a byte-order mark", `\uFEFF${VALID}`],
    ["Windows line ends", VALID.replaceAll("\n", "\r\n")],
    ["leading empty documents", `---\n# nothing\n---\n${VALID}`],
    ["a merge key", VALID.replace("  ttl_seconds: 300", "  <<: {ttl_seconds: 300}")],
    [
      "an alias",
      VALID.replace("name: shop", "name: &name shop").replace("namespaceName: shop", "namespaceName: *name"),
    ],
    [
      "JSON",
      JSON.stringify({
        apiVersion: "cloudflare.project-planton.org/v1",
        kind: "CloudflareKvNamespace",
        metadata: {},
        spec: { namespaceName: "x" },
      }),
    ],
  ])("with %s is read", (_, text) => {
    expect(codesOf(readQuickly(text))).toEqual([]);
  });

  it("refuses a merge of a key that is there by keeping the one that is written", () => {
    const set = readText(VALID.replace("  ttl_seconds: 300", "  <<: {ttl_seconds: 5}\n  ttl_seconds: 300"));
    expect(codesOf(set)).toEqual([]);
  });

  it("points at the byte that is no UTF-8, and knows UTF-16 when it sees it", () => {
    const broken = readText(Buffer.concat([Buffer.from("a: b\nc: d"), Buffer.from([0xc3, 0x28])]));
    expect(broken.problems).toMatchObject([{ code: "INVALID_UTF8", line: 2, column: 5, document: 0 }]);
    const utf16 = readText(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(VALID, "utf16le")]));
    expect(utf16.problems[0]?.message).toBe("the file must be UTF-8 text, it looks like UTF-16: save it as UTF-8");
  });

  it("shows control characters of a file as what they are, never to a terminal", () => {
    const text = readText(
      VALID.replace("shop\n", 'shop\n  "\\e[31m": "\\e]0;x\\a"\n').replace("team", "\u202eteam"),
    ).render();
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).toContain("\\u{1b}[31m");
  });

  it("shows at most a part of a line without end", () => {
    const text = readText(`kind: ${"x".repeat(1_000_000)}\n`).render();
    expect(text.length).toBeLessThan(700);
  });
});

describe("10,000 mutations of valid documents", () => {
  const documents = [
    VALID,
    "apiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata: {name: c}\nspec:\n  api_token: ${T}\n",
    "project_name: shop\narchitecture_type: workers_kv\nresources:\n  - {id: a, type: cloudflare_worker, name: a, config: {main: a.ts}}\n  - {id: b, type: cloudflare_kv, name: b, config: {binding: B}}\n",
    "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: s}\nspec:\n  namespaces: {A: {ttlSeconds: 60}}\n  environments: {dev: {developers: [al]}, prod: }\n",
    "kind: Kustomization\nresources: [x.yaml]\nlabels: [{pairs: {a: b}}]\npatches:\n  - target: {kind: X}\n    patch: |\n      - {op: add, path: /a, value: 1}\n",
  ];
  const pieces = [
    "\n",
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">",
    "? ",
    "#",
    "---\n",
    "null",
    "-1",
    "\u0000",
    "🔥",
    "__proto__: 1\n",
    "<<: *a\n",
    "%Y\n",
    "\\",
  ];

  it("never crash, never hang, and every rejection has a position", () => {
    const mutation = fc.record({ at: fc.nat(), remove: fc.nat(12), insert: fc.constantFrom("", ...pieces) });
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (document, mutations) => {
          const mutated = mutations.reduce((text, { at, remove, insert }) => {
            const start = at % (text.length + 1);
            return text.slice(0, start) + insert + text.slice(start + remove);
          }, document);
          const start = process.cpuUsage();
          const set = readText(mutated);
          const text = set.render();
          expect(cpuMilliseconds(start)).toBeLessThan(1_000);
          expect(text === "").toBe(set.problems.length === 0);
          const lines = mutated.split("\n").length;
          for (const { line, column, code, message } of set.problems) {
            expect({ code, message, ok: line >= 1 && line <= lines + 1 && column >= 1 }).toEqual({
              code,
              message,
              ok: true,
            });
          }
        },
      ),
      { numRuns: 10_000, seed: 20261121 },
    );
  });
});
