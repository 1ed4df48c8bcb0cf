import { findReferences, parseReference, parseTemplate, soleReference } from "../../src/assembly/references.js";

describe("a Terraform template", () => {
  it("is text with its escapes undone, and expressions without their braces", () => {
    expect(parseTemplate("a $${x} 100%%{ ${ var.y }-${local.z}")).toEqual([
      { kind: "text", text: "a ${x} 100%{ " },
      { kind: "expression", expression: "var.y" },
      { kind: "text", text: "-" },
      { kind: "expression", expression: "local.z" },
    ]);
  });

  it("ends an expression at its own brace, not at one in a string or an object", () => {
    expect(parseTemplate('${jsonencode({ a = "}" })}!')).toEqual([
      { kind: "expression", expression: 'jsonencode({ a = "}" })' },
      { kind: "text", text: "!" },
    ]);
  });

  it.each([
    ["a quote that is escaped", String.raw`upper("\"}")`],
    ["a template inside a string", 'upper("${lower("}")} }")'],
    ["an escaped template inside a string", 'upper("$${ }")'],
    ["a directive inside a string", 'upper("%{ if var.x }}%{ endif }")'],
  ])("finds the end of an expression behind %s", (_, expression) => {
    expect(parseTemplate(`a\${${expression}}"b}`)).toEqual([
      { kind: "text", text: "a" },
      { kind: "expression", expression },
      { kind: "text", text: '"b}' },
    ]);
  });

  it.each(["", "{}", "$", "100%", "$ {x}", "a } b"])("leaves %j as it is", (text) => {
    expect(parseTemplate(text)).toEqual(text === "" ? [] : [{ kind: "text", text }]);
  });

  it("takes an expression that never ends as reaching to the end", () => {
    expect(parseTemplate("${var.x")).toEqual([{ kind: "expression", expression: "var.x" }]);
  });
});

describe("a reference", () => {
  it.each([
    ["cloudflare_workers_kv_namespace.Cache.id", "resource", "cloudflare_workers_kv_namespace", "Cache", ["id"]],
    [
      "data.cloudflare_workers_kv_namespaces.x.result[0].id",
      "data",
      "cloudflare_workers_kv_namespaces",
      "x",
      ["result", "0", "id"],
    ],
    ["var.API_KEY", "var", "", "API_KEY", []],
    ["local.names.first", "local", "", "names", ["first"]],
    [
      'data.terraform_remote_state.cross-stack-reference-input-net.outputs["a.b-c"]',
      "data",
      "terraform_remote_state",
      "cross-stack-reference-input-net",
      ["outputs", "a.b-c"],
    ],
  ])("reads %s", (expression, root, type, id, path) => {
    expect(parseReference(expression)).toEqual({ root, type, id, path });
  });

  it.each(["1 + 2", "upper(var.x)", "var.x + 1", "each", "!var.x", "var.x[each.key]"])("is not %s", (expression) => {
    expect(parseReference(expression)).toBeUndefined();
  });

  it("is found inside a larger expression", () => {
    const ids = findReferences('join("-", [var.a, local.b])').map(({ root, id }) => `${root}.${id}`);
    expect(ids).toEqual(["var.a", "local.b"]);
  });

  it("must be alone to be all there is to a string", () => {
    expect(soleReference("${var.x}")?.id).toBe("x");
    expect(soleReference("a-${var.x}")).toBeUndefined();
    expect(soleReference("$${var.x}")).toBeUndefined();
  });
});
