import { codesOf, namespaceYaml, readText, specOf } from "../read-text.js";

const NAME = "namespaceName: shop";

describe("ttlSeconds", () => {
  it.each([
    ["0", 0],
    ["60", 60],
    ["2147483647", 2_147_483_647],
    ['"300"', 300],
    ["'300'", 300],
    ["300.0", 300],
    ["3e2", 300],
    ['"3e2"', 300],
    ["0x12c", 300],
    ["0454", 300],
    ["3_00", 300],
    ["+300", 300],
    ["!!int '300'", 300],
  ])("takes %s", (text, seconds) => {
    expect(specOf(namespaceYaml(`${NAME}\nttlSeconds: ${text}`))).toEqual({
      namespaceName: "shop",
      ttlSeconds: seconds,
    });
  });

  it.each(["", "null", "~"])("is unset by '%s'", (text) => {
    expect(specOf(namespaceYaml(`${NAME}\nttlSeconds: ${text}`))).toEqual({ namespaceName: "shop" });
  });

  it.each([
    ["-1", "TTL_OUT_OF_RANGE", "ttlSeconds must be 0 or at least 60 seconds, got -1"],
    ["1", "TTL_TOO_SHORT", "ttlSeconds must be 0 or at least 60 seconds, got 1"],
    ["59", "TTL_TOO_SHORT", "ttlSeconds must be 0 or at least 60 seconds, got 59"],
    ["2147483648", "TTL_OUT_OF_RANGE", "ttlSeconds must be at most 2147483647 seconds, got 2147483648"],
    ["0.5", "WRONG_TYPE", "ttlSeconds must be a whole number, got the number 0.5"],
    ["5m", "WRONG_TYPE", "ttlSeconds must be a whole number, got '5m'"],
    ['"0300"', "WRONG_TYPE", "ttlSeconds must be a whole number, got '0300'"],
    ['" 300"', "WRONG_TYPE", "ttlSeconds must be a whole number, got ' 300'"],
    ["yes", "WRONG_TYPE", "ttlSeconds must be a whole number, got the boolean yes"],
    [".inf", "WRONG_TYPE", "ttlSeconds must be a whole number, got the number .inf"],
    ["[60]", "WRONG_TYPE", "ttlSeconds must be a whole number, got a list"],
    ["2026-01-15", "WRONG_TYPE", "ttlSeconds must be a whole number, got '2026-01-15'"],
  ])("refuses %s", (text, code, message) => {
    const [problem, ...others] = readText(namespaceYaml(`${NAME}\nttlSeconds: ${text}`)).problems;
    expect(problem).toMatchObject({ severity: "error", code, message, path: "spec.ttlSeconds", line: 7, document: 1 });
    expect(others).toEqual([]);
  });
});

describe("namespaceName", () => {
  it.each([
    ["64 letters", "n".repeat(64)],
    ["64 emoji, which are 256 bytes", "🔥".repeat(64)],
    ["inner blanks and a slash", "My NS / x"],
  ])("takes %s", (_, name) => {
    expect(specOf(namespaceYaml(`namespaceName: "${name}"`))).toEqual({ namespaceName: name });
  });

  it.each([
    ["65 letters", `"${"n".repeat(65)}"`, "TOO_LONG", "namespaceName must have at most 64 characters, got 65"],
    ["65 emoji", `"${"🔥".repeat(65)}"`, "TOO_LONG", "namespaceName must have at most 64 characters, got 65"],
    ["nothing", '""', "INVALID_NAME", "namespaceName must not be empty"],
    ["blanks", '"   "', "INVALID_NAME", "namespaceName must not be empty"],
    ["a padded name", '" x "', "INVALID_NAME", "namespaceName must not begin or end with whitespace, got ' x '"],
    ["a control character", '"a\\u0007b"', "INVALID_NAME", "namespaceName must not contain control characters"],
    ["a number", "123", "WRONG_TYPE", 'namespaceName must be a string, got the number 123: write "123"'],
    ["a boolean of YAML 1.1", "on", "WRONG_TYPE", 'namespaceName must be a string, got the boolean on: write "on"'],
    ["null", "null", "MISSING_FIELD", "namespaceName is required in spec"],
  ])("refuses %s", (_, name, code, message) => {
    const { problems } = readText(namespaceYaml(`namespaceName: ${name}`));
    expect(problems).toEqual([expect.objectContaining({ code, message, path: "spec.namespaceName", line: 6 })]);
  });

  it("stays a string when it looks like a date, as Planton's -f reads it", () => {
    expect(specOf(namespaceYaml("namespaceName: 2026-01-15"))).toEqual({ namespaceName: "2026-01-15" });
  });
});

describe("description", () => {
  it.each([
    ["nothing", ""],
    ["256 letters", "d".repeat(256)],
    ["256 emoji", "🔥".repeat(256)],
    ["what Terraform would take for a template", "uses ${env} and %{if}"],
  ])("takes %s", (_, description) => {
    expect(specOf(namespaceYaml(`${NAME}\ndescription: "${description}"`))).toEqual({
      namespaceName: "shop",
      description,
    });
  });

  it.each(["d", "🔥"])("refuses 257 times '%s'", (character) => {
    const { problems } = readText(namespaceYaml(`${NAME}\ndescription: "${character.repeat(257)}"`));
    expect(problems).toMatchObject([
      { code: "TOO_LONG", message: "description must have at most 256 characters, got 257" },
    ]);
  });
});

describe("a document of Planton's", () => {
  it("may spell fields either way, but not both at once", () => {
    expect(specOf(namespaceYaml("namespace_name: shop\nttlSeconds: 60"))).toEqual({
      namespaceName: "shop",
      ttlSeconds: 60,
    });
    const { problems } = readText(namespaceYaml(`${NAME}\nnamespace_name: shop`));
    expect(problems).toMatchObject([
      { code: "DOUBLED_FIELD", message: "namespaceName is set twice, as 'namespaceName' and as 'namespace_name'" },
    ]);
  });

  it("may have empty metadata, but must have it", () => {
    expect(codesOf(readText(namespaceYaml(NAME, { metadata: "metadata: {}" })))).toEqual([]);
    expect(codesOf(readText(namespaceYaml(NAME, { metadata: "metadata:" })))).toEqual(["MISSING_FIELD metadata"]);
    expect(codesOf(readText(namespaceYaml(NAME, { metadata: "" })))).toEqual(["MISSING_FIELD"]);
  });

  it("may have a name of any length, with blanks in it", () => {
    const metadata = `metadata:\n  name: ${"a name ".repeat(50).trim()}`;
    expect(codesOf(readText(namespaceYaml(NAME, { metadata })))).toEqual([]);
  });

  it("may have every field of its metadata, and no other", () => {
    const fields = "slug: s, id: i, org: o, env: e, group: g, tags: [t], labels: {a.b/c: d}, annotations: {e: f}";
    expect(codesOf(readText(namespaceYaml(NAME, { metadata: `metadata: {${fields}}` })))).toEqual([]);
    // It was there once, and is a decoding error in Planton today.
    expect(codesOf(readText(namespaceYaml(NAME, { metadata: "metadata: {version: 1}" })))).toEqual([
      "UNKNOWN_FIELD metadata.version",
    ]);
  });

  it("must give a label a string, and a relationship its required fields", () => {
    const metadata = "metadata: {labels: {x: 1, y: }, relationships: [{name: api, type: depends_on}]}";
    expect(codesOf(readText(namespaceYaml(NAME, { metadata })))).toEqual([
      "WRONG_TYPE metadata.labels.x",
      "WRONG_TYPE metadata.labels.y",
      "MISSING_FIELD metadata.relationships[0]",
    ]);
  });

  it("must have a spec", () => {
    const text = "apiVersion: cloudflare.project-planton.org/v1\nkind: CloudflareKvNamespace\nmetadata: {}\n";
    expect(codesOf(readText(text))).toEqual(["MISSING_FIELD"]);
    expect(codesOf(readText(`${text}spec:\n`))).toEqual(["MISSING_FIELD spec"]);
    expect(codesOf(readText(`${text}spec: {}\n`))).toEqual(["MISSING_FIELD spec"]);
  });

  it("may have a status, which does nothing", () => {
    const after = "status: {outputs: {namespace_id: abc}}\n";
    expect(codesOf(readText(namespaceYaml(NAME, { after })))).toEqual(["warning HAS_NO_EFFECT status"]);
  });

  it("is validated to its end, however wrong its first lines are", () => {
    const head = "apiVersion: cloudflare.project-planton.org/v2\nkind: cloudflare_kv_namespace";
    expect(codesOf(readText(namespaceYaml("ttl_seconds: 1", { head })))).toEqual([
      "WRONG_API_VERSION apiVersion",
      "UNKNOWN_KIND kind",
      "MISSING_FIELD spec",
      "TTL_TOO_SHORT spec.ttl_seconds",
    ]);
  });
});

describe("--compat planton", () => {
  it("takes a TTL below KV's minimum with a warning, and nothing else that is wrong", () => {
    const text = namespaceYaml('namespaceName: " x"\nttlSeconds: 30');
    const set = readText(text, { compat: "planton" });
    expect(codesOf(set)).toEqual(["INVALID_NAME spec.namespaceName", "warning TTL_TOO_SHORT spec.ttlSeconds"]);
    expect(set.problems[1]?.message).toBe(
      "ttlSeconds must be 0 or at least 60 seconds, got 30; 60 is used, as KV refuses less",
    );
  });
});
