import { looksSecret } from "../../src/constructs/secret-forms.js";
import { isTemporaryEnvironment } from "../../src/constructs/environment-names.js";
import { plainJson } from "../../src/values/json.js";
import { resourcesOf, testStack } from "../support/synth.js";
import { bindingsOf, namespaceOf, onlyResource, problemsOf, workerOf } from "./samples.js";

const DECOMPOSED = "cafe\u0301";
const NFC = "must be in Unicode's composed form (NFC), into which Terraform would change it";

describe("text that Terraform would change", () => {
  it("is composed in names and descriptions, which count as taken in that form", () => {
    const stack = testStack();
    const namespace = namespaceOf(stack, "A", { namespaceName: DECOMPOSED, description: DECOMPOSED });
    workerOf(stack, { d1: { DB: { databaseName: DECOMPOSED } } });

    expect(namespace.namespaceName).toBe("café");
    expect(onlyResource(stack, "cloudflare_workers_kv_namespace")["title"]).toBe("café");
    expect(onlyResource(stack, "cloudflare_d1_database")["name"]).toBe("café");
    expect(problemsOf(() => namespaceOf(stack, "B", { namespaceName: "café" }))).toEqual([
      "namespaceName must be unique in the account, 'café' is taken by 'dev/A'",
    ]);
  });

  it.each([
    ["as a string", DECOMPOSED, NFC],
    ["inside JSON", { a: [DECOMPOSED] }, NFC],
    ["as a name inside JSON", { [DECOMPOSED]: 1 }, NFC],
    ["with a byte order mark", "\uFEFFa", "must not start with a byte order mark (U+FEFF), which Terraform drops"],
    ["with half a surrogate pair", "\uD800", "must be well-formed Unicode, got a lone surrogate"],
  ])("is refused in vars and metadata %s", (_, value, problem) => {
    expect(problemsOf(() => workerOf(testStack(), { vars: { A: value } }))).toEqual([
      `vars 'A' ${problem}: write it in that form, or store it in KV`,
    ]);
    const entries = [{ key: "k", value: "v", metadata: value }];
    expect(problemsOf(() => namespaceOf(testStack(), "A", { entries }))[0]).toContain(`entry 'k': metadata ${problem}`);
  });

  it("is refused in the name of a binding", () => {
    expect(problemsOf(() => workerOf(testStack(), { vars: { ["e\u0301"]: "x" } }))).toEqual([
      `binding 'e\u0301' (vars) ${NFC}`,
    ]);
  });
});

it.each(["toString", "constructor"])("refuses the binding '%s', which every object has, of every kind", (name) => {
  const stack = testStack();
  const problem = (kind: string) => [
    `binding '${name}' (${kind}) must have another name: every JavaScript object has a member of that name`,
  ];
  expect(problemsOf(() => workerOf(stack, { vars: { [name]: "x" } }))).toEqual(problem("vars"));
  expect(problemsOf(() => workerOf(stack, { kv: { [name]: namespaceOf(stack, "A") } }, "B"))).toContain(
    problem("kv")[0],
  );
  expect(problemsOf(() => workerOf(stack, { secrets: [name] }, "C"))).toContain(problem("secrets")[0]);
});

it.each([
  [1e21, "1000000000000000000000"],
  [-1.5e22, "-15000000000000000000000"],
  [1e-7, "0.0000001"],
  [1.25e-8, "0.0000000125"],
  [0.1, "0.1"],
  ['1e21 "1e-7', '"1e21 \\"1e-7"'],
  [{ a: [1e21, "1e21"] }, '{"a":[1000000000000000000000,"1e21"]}'],
])("writes the numbers of %j in full", (value, text) => {
  expect(plainJson(value)).toBe(text);
  expect(JSON.parse(plainJson(value))).toEqual(value);
});

it("writes the numbers of metadata and vars in full, as the provider reads them back", () => {
  const stack = testStack();
  namespaceOf(stack, "A", { entries: [{ key: "k", value: "v", metadata: { n: 1e21 } }] });
  workerOf(stack, { vars: { N: 1e-7 } });
  expect(onlyResource(stack, "cloudflare_workers_kv")["metadata"]).toBe('{"n":1000000000000000000000}');
  expect(bindingsOf(stack)["N"]?.["json"]).toBe("0.0000001");
});

it("writes crons in one order and turns workers.dev off when asked to", () => {
  const stack = testStack();
  workerOf(stack, { crons: ["5 * * * *", "*/2 * * * *"], workersDev: false });
  expect(onlyResource(stack, "cloudflare_workers_cron_trigger")["schedules"]).toEqual([
    { cron: "*/2 * * * *" },
    { cron: "5 * * * *" },
  ]);
  expect(onlyResource(stack, "cloudflare_workers_script_subdomain")).toMatchObject({ enabled: false });

  const silent = testStack();
  workerOf(silent);
  expect(resourcesOf(silent, "cloudflare_workers_script_subdomain")).toEqual({});
});

it.each([
  ["API_TOKEN", "x", true],
  ["dbPassword", "x", true],
  ["AWS_SECRET_ACCESS_KEY", "x", true],
  ["SETTINGS", { stripe: { apiKey: "x" } }, true],
  ["DATABASE", "postgres://app:hunter2@db.example.com/shop", true],
  ["CI", `ghp_${"a".repeat(36)}`, true],
  ["API_TOKEN", "", false],
  ["MAX_TOKENS", 100, false],
  ["TOKEN_TTL", "60", false],
  ["TOKENIZER", "x", false],
  ["SITE", "https://shop.example.com:8080/a@b", false],
])("the var %s with %j reads like a secret: %s", (name, value, expected) => {
  expect(looksSecret(name, value)).toBe(expected);
});

it.each([
  ["dev", true],
  ["dev2", true],
  ["dev-alice", true],
  ["development-eu", true],
  ["preview-12", true],
  ["pr-12", true],
  ["pr12", true],
  ["devices", false],
  ["previewer", false],
  ["prod", false],
  ["eu-dev", false],
])("the environment %s comes and goes: %s", (name, expected) => {
  expect(isTemporaryEnvironment(name)).toBe(expected);
});
