import { Fn, type TerraformStack, TerraformVariable } from "cdktf";
import { literal } from "../../src/constructs/literal.js";
import { expectFitsProvider, synthToJson, testStack } from "../support/synth.js";
import { bindingsOf, namespaceOf, onlyResource, workerOf } from "./samples.js";

/** The local values of the stack. */
function localsOf(stack: TerraformStack): unknown {
  return (synthToJson(stack) as { locals?: unknown }).locals;
}

describe("a literal text", () => {
  it.each([
    ["${x}", "$${x}"],
    ["%{x}", "%%{x}"],
    ["$${x}", "$$${x}"],
    ["%%{x}", "%%%{x}"],
    ["$%{x}%${y}", "$%%{x}%$${y}"],
    ["$x {y} 100% $ %", "$x {y} 100% $ %"],
    ["${", "$${"],
    ["", ""],
  ])("%j is written as %j", (text, written) => {
    expect(literal(text)).toBe(written);
  });
});

describe("a string with a reference in it", () => {
  it("keeps the reference, and everything beside it stays text", () => {
    const stack = testStack();
    const name = new TerraformVariable(stack, "name", { type: "string" }).stringValue;
    workerOf(stack, {
      vars: {
        ALONE: name,
        BESIDE: `\${x} ${name} %{y}`,
        DOLLAR: `$${name} and $$${name}`,
        DEEP: { id: name, text: "${x} %{y}" },
      },
    });

    expect(bindingsOf(stack)).toMatchObject({
      ALONE: { text: "${var.name}" },
      BESIDE: { text: "$${x} ${var.name} %%{y}" },
      DOLLAR: { text: '${"$"}${var.name} and ${"$$"}${var.name}' },
      DEEP: { json: "${jsonencode(local.Api_Var-DEEP_7ED6E5F5)}" },
    });
    expect(localsOf(stack)).toEqual({ "Api_Var-DEEP_7ED6E5F5": { id: "${var.name}", text: "$${x} %%{y}" } });
    expectFitsProvider(stack);
  });

  it("may be a key, a value or metadata", () => {
    const stack = testStack();
    const name = new TerraformVariable(stack, "name", { type: "string" }).stringValue;
    const count = new TerraformVariable(stack, "count", { type: "number" }).numberValue;
    const entry = { key: `\${a}${name}`, value: `%{b}${name}`, metadata: { c: `\${d}${name}`, count } };
    namespaceOf(stack, "Config", { entries: [entry] });

    expect(onlyResource(stack, "cloudflare_workers_kv")).toMatchObject({
      key_name: "$${a}${var.name}",
      value: "%%{b}${var.name}",
      metadata: "${jsonencode(local.Config_Metadata-c3accf97e06f_670D8249)}",
    });
    expect(localsOf(stack)).toEqual({
      "Config_Metadata-c3accf97e06f_670D8249": { c: "$${d}${var.name}", count: "${var.count}" },
    });
    expectFitsProvider(stack);
  });

  it("may be the result of a function as a whole", () => {
    const stack = testStack();
    const name = new TerraformVariable(stack, "name", { type: "string" }).stringValue;
    workerOf(stack, { vars: { UPPER: Fn.upper(name), LIST: Fn.split(",", name) } });

    expect(bindingsOf(stack)).toMatchObject({
      UPPER: { type: "plain_text", text: "${upper(var.name)}" },
      LIST: { type: "json", json: '${jsonencode(split(",", var.name))}' },
    });
    expectFitsProvider(stack);
  });
});
