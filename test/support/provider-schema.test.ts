import { type Json, PROVIDER_VERSIONS, schemaProblems } from "./provider-schema.js";

const NAMESPACE = { account_id: "0".repeat(32), title: "shop-sessions" };
const SCRIPT = { account_id: "0".repeat(32), script_name: "api" };

function problemsOf(type: string, body: Json): string[] {
  return schemaProblems({ resource: { [type]: { X: body } } }, "5.22.0");
}

describe("a stack held against the provider's schema", () => {
  it.each(PROVIDER_VERSIONS)("passes when every block fits %s", (version) => {
    const stack = {
      "//": { metadata: { note: "${not evaluated" } },
      provider: { cloudflare: [{ base_url: "http://127.0.0.1:8787/client/v4", alias: "local" }] },
      variable: { API_KEY: { type: "string", sensitive: true } },
      data: { cloudflare_workers_kv_namespaces: { All: { account_id: "a", max_items: "1000" } } },
      resource: {
        cloudflare_workers_kv_namespace: {
          Sessions: { ...NAMESPACE, lifecycle: { create_before_destroy: true }, "//": { metadata: {} } },
        },
        cloudflare_workers_script: {
          Api: {
            ...SCRIPT,
            depends_on: ["cloudflare_workers_kv_namespace.Sessions"],
            logpush: "true",
            compatibility_flags: ["nodejs_compat"],
            observability: { enabled: true, head_sampling_rate: "0.5" },
            bindings: [
              { name: "S", type: "kv_namespace", namespace_id: "${cloudflare_workers_kv_namespace.Sessions.id}" },
              { name: "A", type: "secret_text", text: "${var.API_KEY}" },
              { name: "T", type: "plain_text", text: "an escaped $${x} and %%{y}" },
            ],
            tail_consumers: "${toset([])}",
          },
        },
      },
      output: { id: { value: "${data.cloudflare_workers_kv_namespaces.All.result[0].id}" } },
      import: [{ to: "cloudflare_workers_kv_namespace.Sessions", id: "a/b" }],
    };

    expect(schemaProblems(stack, version)).toEqual([]);
  });

  it.each<[string, Json, string[]]>([
    ["an unknown attribute", { ...NAMESPACE, titel: "x" }, ["titel does not exist"]],
    ["an attribute named like a method of objects", { ...NAMESPACE, constructor: 1 }, ["constructor does not exist"]],
    ["a missing attribute", { title: "x" }, ["account_id is required"]],
    ["a required attribute that is null", { ...NAMESPACE, title: null }, ["title is required"]],
    ["a computed attribute", { ...NAMESPACE, id: "x" }, ["id is computed, it cannot be set"]],
    ["an object for a string", { ...NAMESPACE, title: {} }, ["title must be a string, got {}"]],
    ["an unknown lifecycle rule", { ...NAMESPACE, lifecycle: { keep: true } }, ["lifecycle.keep does not exist"]],
  ])("fails on %s of a resource", (_, body, problems) => {
    expect(problemsOf("cloudflare_workers_kv_namespace", body)).toEqual(
      problems.map((problem) => `cloudflare_workers_kv_namespace.X: ${problem}`),
    );
  });

  it.each<[string, Json, string]>([
    ["a word for a truth", { logpush: "yes" }, 'logpush must be a bool, got "yes"'],
    ["a number for a truth", { logpush: 1 }, "logpush must be a bool, got 1"],
    [
      "a word for a number",
      { observability: { enabled: true, head_sampling_rate: "half" } },
      'observability.head_sampling_rate must be a number, got "half"',
    ],
    ["a text for a set", { compatibility_flags: "x" }, 'compatibility_flags must be a set, got "x"'],
    ["an object in a set of strings", { compatibility_flags: [{}] }, "compatibility_flags[0] must be a string, got {}"],
    ["an object for a list", { bindings: { name: "A" } }, 'bindings must be a list, got {"name":"A"}'],
    ["a text in a list of objects", { bindings: ["A"] }, 'bindings[0] must be an object, got "A"'],
    ["an unknown nested attribute", { limits: { cpu: 1 } }, "limits.cpu does not exist"],
    ["a missing nested attribute", { bindings: [{ name: "A" }] }, "bindings[0].type is required"],
    ["a list for an object", { placement: [] }, "placement must be an object, got []"],
  ])("fails on %s", (_, props, problem) => {
    expect(problemsOf("cloudflare_workers_script", { ...SCRIPT, ...props })).toEqual([
      `cloudflare_workers_script.X: ${problem}`,
    ]);
  });

  it("knows what only the newer provider has", () => {
    const body = { account_id: "a", name: "w", observability: { traces: { enabled: true } } };
    const stack = { resource: { cloudflare_worker: { W: body } } };

    expect(schemaProblems(stack, "5.22.0")).toEqual([]);
    expect(schemaProblems(stack, "5.16.0")).toEqual(["cloudflare_worker.W: observability.traces does not exist"]);
  });

  it("fails on a resource, a data source or a provider setting that does not exist", () => {
    const stack = {
      resource: { cloudflare_workers_kv_store: { S: {} } },
      data: { cloudflare_kv: { D: {} } },
      provider: { cloudflare: [{ token: "x" }] },
    };

    expect(schemaProblems(stack, "5.22.0")).toEqual([
      "cloudflare_workers_kv_store.S: the provider has no such resource",
      "data.cloudflare_kv.D: the provider has no such data source",
      "provider.cloudflare: token does not exist",
    ]);
  });

  it("leaves other providers alone", () => {
    expect(problemsOf("random_id", { byte_length: 4 })).toEqual([]);
  });
});

describe("references", () => {
  it.each([
    ["a resource that is not declared", "${cloudflare_worker.W.id}", "nothing is declared as cloudflare_worker.W"],
    [
      "an attribute that does not exist",
      "x-${cloudflare_workers_kv_namespace.X.uuid}",
      "cloudflare_workers_kv_namespace.X has no attribute 'uuid'",
    ],
    [
      "a data source that is not declared",
      "${data.cloudflare_workers.W.id}",
      "nothing is declared as data.cloudflare_workers.W",
    ],
    ["a variable that is not declared", "${var.KEY}", "no variable 'KEY' is declared"],
    ["a directive by mistake", "100%{x}", `'%{' is not escaped in "100%{x}"`],
    ["a template that does not end", "a ${b", `'\${' is not closed in "a \${b"`],
  ])("fail on %s", (_, title, problem) => {
    expect(problemsOf("cloudflare_workers_kv_namespace", { ...NAMESPACE, title })).toEqual([
      `resource.cloudflare_workers_kv_namespace.X.title: ${problem}`,
    ]);
  });

  it("fail on a dependency and an import without a target", () => {
    const stack = {
      resource: { cloudflare_workers_kv_namespace: { X: { ...NAMESPACE, depends_on: ["cloudflare_worker.W"] } } },
      import: [{ to: "cloudflare_workers_kv_namespace.Y", id: "a/b" }],
    };

    expect(schemaProblems(stack, "5.22.0")).toEqual([
      "cloudflare_workers_kv_namespace.X.depends_on: nothing is declared as cloudflare_worker.W",
      "import.to: nothing is declared as cloudflare_workers_kv_namespace.Y",
    ]);
  });

  it("are not looked for in quoted text", () => {
    const title = '${join("-", ["var.nothing", "cloudflare_worker.none.id"])}';

    expect(problemsOf("cloudflare_workers_kv_namespace", { ...NAMESPACE, title })).toEqual([]);
  });
});
