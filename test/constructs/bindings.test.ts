import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { PROVIDER_VERSION } from "../../src/constructs/defaults.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { schemaProblems } from "../support/provider-schema.js";
import { expectFitsProvider, readable, synthToJson, testStack } from "../support/synth.js";
import { bindingsOf, namespaceOf, onlyResource, problemsOf, untyped, workerOf } from "./samples.js";

const UUID = "0f2ac74b-498b-4802-8cb6-8387c421e279";
const VERSION_PATH = "terraform.required_providers.cloudflare.version";

function versionOf(stack: Parameters<typeof synthToJson>[0]): unknown {
  const { required_providers: providers } = synthToJson(stack).terraform as {
    required_providers: { cloudflare: { version: string } };
  };
  return providers.cloudflare.version;
}

describe("the bindings of a Worker", () => {
  it("are in the order of their names, whatever kind they are of", () => {
    const stack = testStack();
    workerOf(stack, {
      kv: { Z_KV: namespaceOf(stack, "Sessions"), A_KV: namespaceOf(stack, "Cache", { ttlSeconds: 60 }) },
      vars: { b: "text", B: { deep: [1, null, "x"] }, Y: 5 },
      secrets: ["SECRET"],
      d1: { ORDERS: { databaseName: "orders" }, OLD: { databaseId: UUID } },
      services: { AUTH: "auth-worker" },
      bindings: [{ name: "AI", type: "ai" }],
    });
    const list = onlyResource(stack, "cloudflare_workers_script")["bindings"] as { name: string }[];

    expect(list).toMatchInlineSnapshot(`
     [
       {
         "name": "AI",
         "type": "ai",
       },
       {
         "name": "AUTH",
         "service": "auth-worker",
         "type": "service",
       },
       {
         "name": "A_KV",
         "namespace_id": "\${cloudflare_workers_kv_namespace.Cache_18F6EE16.id}",
         "type": "kv_namespace",
       },
       {
         "json": "{"deep":[1,null,"x"]}",
         "name": "B",
         "type": "json",
       },
       {
         "name": "KV_DEFAULTS",
         "text": "{"A_KV":{"ttlSeconds":60}}",
         "type": "plain_text",
       },
       {
         "id": "0f2ac74b-498b-4802-8cb6-8387c421e279",
         "name": "OLD",
         "type": "d1",
       },
       {
         "id": "\${cloudflare_d1_database.Api_D1-ORDERS_88EEC732.id}",
         "name": "ORDERS",
         "type": "d1",
       },
       {
         "name": "SECRET",
         "text": "\${var.api_secret}",
         "type": "secret_text",
       },
       {
         "json": "5",
         "name": "Y",
         "type": "json",
       },
       {
         "name": "Z_KV",
         "namespace_id": "\${cloudflare_workers_kv_namespace.Sessions_8896A56D.id}",
         "type": "kv_namespace",
       },
       {
         "name": "b",
         "text": "text",
         "type": "plain_text",
       },
     ]
    `);
    expect(list.map(({ name }) => name)).toEqual(list.map(({ name }) => name).sort());
    expectFitsProvider(stack);
  });

  it("do not follow the order they are given in", () => {
    const given = (names: string[]) => {
      const stack = testStack();
      workerOf(stack, { kv: Object.fromEntries(names.map((name) => [name, namespaceOf(stack, name)])) });
      return onlyResource(stack, "cloudflare_workers_script")["bindings"];
    };

    expect(given(["C", "A", "B"])).toEqual(given(["A", "B", "C"]));
  });

  it.each(["env", "_x", "$", "été", "A1", "SESSIONS"])("may be called '%s'", (name) => {
    expect(() => workerOf(testStack(), { vars: { [name]: "x" } })).not.toThrow();
  });

  it.each(["", "1A", "a-b", "a b", "a.b", "${x}", "a'"])("cannot be called '%s'", (name) => {
    expect(problemsOf(() => workerOf(testStack(), { vars: { [name]: "x" } }))).toEqual([
      `binding names must be JavaScript identifiers, got '${name}' (vars)`,
    ]);
  });

  it("have names of their own over all kinds", () => {
    const stack = testStack();
    const props = {
      kv: { A: namespaceOf(stack, "Sessions") },
      vars: { A: 1 },
      secrets: ["A"],
      d1: { A: { databaseId: UUID } },
      services: { A: "b" },
      rateLimits: { A: { limit: 1, period: 10 as const } },
      assets: { directory: "src", binding: "A" },
      bindings: [{ name: "A", type: "ai" }],
    };

    expect(problemsOf(() => workerOf(stack, props))).toEqual(
      ["secrets", "d1", "services", "rateLimits", "assets", "bindings", "kv"].map(
        (kind) => `binding 'A' is defined twice: by vars and by ${kind}`,
      ),
    );
  });
});

describe("vars", () => {
  it("are texts or JSON, and stay what they are in Terraform", () => {
    const stack = testStack();
    workerOf(stack, {
      vars: { TEXT: "a ${b} %{c}", NUMBER: 5, TRUTH: false, NULL: null, JSON: { d: "e ${f} %{g}" }, LIST: ["%{h}"] },
    });

    expect(bindingsOf(stack)).toEqual({
      TEXT: { name: "TEXT", type: "plain_text", text: "a $${b} %%{c}" },
      NUMBER: { name: "NUMBER", type: "json", json: "5" },
      TRUTH: { name: "TRUTH", type: "json", json: "false" },
      NULL: { name: "NULL", type: "json", json: "null" },
      JSON: { name: "JSON", type: "json", json: '{"d":"e $${f} %%{g}"}' },
      LIST: { name: "LIST", type: "json", json: '["%%{h}"]' },
    });
    expectFitsProvider(stack);
  });
});

describe("secrets", () => {
  it("become sensitive variables that can be typed, and no value is anywhere", () => {
    const stack = testStack();
    workerOf(stack, { secrets: ["STRIPE_KEY", "JWT$SEED"] });
    const { variable, "//": notes } = readable(synthToJson(stack));

    expect({ variable, "//": notes }).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "namespaces": {},
           "version": 1,
           "workers": {
             "Api_F70053CD": {
               "secrets": {
                 "JWT$SEED": "api_jwt_seed",
                 "STRIPE_KEY": "api_stripe_key",
               },
             },
           },
         },
       },
       "variable": {
         "api_jwt_seed": {
           "description": "secret JWT$SEED of the Worker 'dev/Api'",
           "sensitive": true,
           "type": "string",
         },
         "api_stripe_key": {
           "description": "secret STRIPE_KEY of the Worker 'dev/Api'",
           "sensitive": true,
           "type": "string",
         },
       },
     }
    `);
    expect(bindingsOf(stack)).toEqual({
      JWT$SEED: { name: "JWT$SEED", type: "secret_text", text: "${var.api_jwt_seed}" },
      STRIPE_KEY: { name: "STRIPE_KEY", type: "secret_text", text: "${var.api_stripe_key}" },
    });
    expectFitsProvider(stack);
  });

  it("of Workers whose paths read alike have variables of their own", () => {
    const stack = testStack();
    workerOf(stack, { secrets: ["KEY"] }, "Api");
    workerOf(stack, { secrets: ["KEY"], workerName: "b" }, "API");
    const { variable = {} } = synthToJson(stack);

    expect(Object.keys(variable)).toEqual([expect.stringMatching(/^API_Secret-KEY_/), "api_key"]);
    expectFitsProvider(stack);
  });

  it("have names that Terraform takes, wherever the Worker is", () => {
    const stack = testStack();
    const scope = new Construct(stack, "2nd shop");
    workerOf(scope as never, { secrets: ["KEY"] });

    expect(Object.keys(synthToJson(stack).variable ?? {})).toEqual(["_2nd_shop_api_key"]);
    expectFitsProvider(stack);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["secret_text", { type: "secret_text", text: "hunter2" }, 'use secrets: ["KEY"]'],
    ["secret_text in capitals", { type: "SECRET_TEXT", text: "hunter2" }, 'use secrets: ["KEY"]'],
    ["an empty secret_text", { type: "secret_text", text: "" }, 'use secrets: ["KEY"]'],
    ["a key in base64", { type: "secret_key", keyBase64: "aHVudGVyMg==" }, "use a sensitive TerraformVariable"],
    ["a key as JWK", { type: "secret_key", keyJwk: '{"k":"hunter2"}' }, "use a sensitive TerraformVariable"],
  ])("cannot be given as values in bindings: %s", (_, binding, instead) => {
    const define = () => workerOf(testStack(), { bindings: [untyped({ name: "KEY", ...binding })] });

    expect(problemsOf(define)).toEqual([
      `binding 'KEY' holds a secret's value, which would end up in cdktf.out: ${instead}`,
    ]);
  });

  it("may be references in bindings", () => {
    const stack = testStack();
    const key = new TerraformVariable(stack, "key", { type: "string", sensitive: true }).stringValue;
    workerOf(stack, { bindings: [{ name: "KEY", type: "secret_text", text: key }] });

    expect(bindingsOf(stack)["KEY"]).toEqual({ name: "KEY", type: "secret_text", text: "${var.key}" });
  });

  it("may be secrets that the Worker has already", () => {
    const stack = testStack();
    workerOf(stack, { bindings: [{ name: "KEY", type: "inherit" }] });

    expect(bindingsOf(stack)["KEY"]).toEqual({ name: "KEY", type: "inherit" });
    expectFitsProvider(stack);
  });
});

describe("bindings in the provider's own form", () => {
  it("reach the provider with every field", () => {
    const stack = testStack();
    workerOf(stack, {
      bindings: [
        { name: "BUCKET", type: "r2_bucket", bucketName: "files", jurisdiction: "eu" },
        { name: "KEY", type: "secret_key", format: "raw", usages: ["sign"], algorithm: "HMAC" },
      ],
    });

    expect(bindingsOf(stack)).toEqual({
      BUCKET: { name: "BUCKET", type: "r2_bucket", bucket_name: "files", jurisdiction: "eu" },
      KEY: { name: "KEY", type: "secret_key", format: "raw", usages: ["sign"], algorithm: "HMAC" },
    });
    expectFitsProvider(stack);
  });

  it("leave out what is null", () => {
    const stack = testStack();
    workerOf(stack, {
      bindings: [untyped({ name: "A", type: "plain_text", text: "a", databaseId: null, simple: null })],
    });

    expect(bindingsOf(stack)).toEqual({ A: { name: "A", type: "plain_text", text: "a" } });
  });

  it.each<[string, object, string]>([
    [
      "a field in Terraform's case",
      { name: "A", type: "r2_bucket", bucket_name: "files" },
      "bindings[0] has no field 'bucket_name' (did you mean 'bucketName'?)",
    ],
    [
      "what JSON cannot hold",
      { name: "A", type: "x", json: 1n },
      "bindings[0]: json must be a JSON value, got a bigint",
    ],
    ["no type", { name: "A" }, "bindings[0]: type is required"],
    ["no name", { type: "ai" }, "bindings[0]: name is required"],
  ])("cannot have %s", (_, binding, problem) => {
    expect(problemsOf(() => workerOf(testStack(), { bindings: [untyped(binding)] }))).toEqual([problem]);
  });
});

describe("d1", () => {
  it("makes databases that are protected, and always say how they are replicated", () => {
    const stack = testStack();
    workerOf(stack, {
      d1: {
        PLAIN: { databaseName: "plain ${x}" },
        NEAR: { databaseName: "near", readReplication: "auto", preventDestroy: false },
      },
    });

    expect(readable(synthToJson(stack)).resource?.["cloudflare_d1_database"]).toMatchInlineSnapshot(`
     {
       "Api_D1-NEAR_C4152BCF": {
         "account_id": "0123456789abcdef0123456789abcdef",
         "lifecycle": {
           "prevent_destroy": false,
         },
         "name": "near",
         "read_replication": {
           "mode": "auto",
         },
       },
       "Api_D1-PLAIN_41B85B9A": {
         "account_id": "0123456789abcdef0123456789abcdef",
         "lifecycle": {
           "prevent_destroy": true,
         },
         "name": "plain $\${x}",
         "read_replication": {
           "mode": "disabled",
         },
       },
     }
    `);
    expect(bindingsOf(stack)["PLAIN"]).toEqual({
      name: "PLAIN",
      type: "d1",
      id: "${cloudflare_d1_database.Api_D1-PLAIN_41B85B9A.id}",
    });
    expectFitsProvider(stack);
  });

  it.each<[string, object, string]>([
    [
      "both",
      { databaseName: "a", databaseId: UUID },
      "d1 'DB' must have either a databaseName to create or a databaseId to bind",
    ],
    ["neither", {}, "d1 'DB' must have either a databaseName to create or a databaseId to bind"],
    ["an empty name", { databaseName: " " }, "d1 'DB': databaseName must not be empty"],
    ["no UUID", { databaseId: "7" }, "d1 'DB': databaseId must be a UUID, got '7'"],
    [
      "what only a new database has",
      { databaseId: UUID, preventDestroy: true },
      "d1 'DB': readReplication and preventDestroy apply only to databases that are created here",
    ],
    [
      "a misspelt field",
      { databaseId: UUID, database: "x" },
      "d1 'DB' has no field 'database' (did you mean 'databaseId'?)",
    ],
    [
      "another mode",
      { databaseName: "a", readReplication: "on" },
      "d1 'DB': readReplication must be 'auto' or 'disabled', got 'on'",
    ],
  ])("refuses %s", (_, database, problem) => {
    expect(problemsOf(() => workerOf(testStack(), { d1: { DB: database } }))).toEqual([problem]);
  });
});

describe("rateLimits", () => {
  it("ask for the first provider that knows them", () => {
    const stack = testStack();
    workerOf(stack, {
      rateLimits: { LOGIN: { limit: 5, period: 60 }, API: { limit: 100, period: 10, namespaceId: "7" } },
    });

    expect(bindingsOf(stack)).toEqual({
      API: { name: "API", type: "ratelimit", namespace_id: "7", simple: { limit: 100, period: 10 } },
      LOGIN: { name: "LOGIN", type: "ratelimit", namespace_id: "1", simple: { limit: 5, period: 60 } },
    });
    expect(versionOf(stack)).toBe(">= 5.19.0, < 6.0.0");
    expect(schemaProblems(synthToJson(stack), "5.22.0")).toEqual([]);
    expect(schemaProblems(synthToJson(stack), "5.16.0")).not.toEqual([]);
  });

  it("require no newer provider when there are none", () => {
    const stack = testStack();
    workerOf(stack, { rateLimits: {} });

    expect(versionOf(stack)).toBe(PROVIDER_VERSION);
  });
});

describe("the provider asked for", () => {
  it("is the range this library is tested with", () => {
    const stack = testStack();
    namespaceOf(stack, "Sessions");

    expect(versionOf(stack)).toBe(">= 5.16.0, < 6.0.0");
  });

  it.each(["before", "after"])("may be chosen %s the first construct, also with rate limits", (when) => {
    const stack = testStack();
    if (when === "before") stack.addOverride(VERSION_PATH, "5.22.0");
    workerOf(stack, { rateLimits: { LOGIN: { limit: 5, period: 60 } } });
    if (when === "after") stack.addOverride(VERSION_PATH, "5.22.0");

    expect(versionOf(stack)).toBe("5.22.0");
  });
});

describe("the namespaces of a gradual rollout", () => {
  it("never leave an empty list of bindings", () => {
    const stack = testStack();
    workerOf(stack, { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) });

    expect(onlyResource(stack, "cloudflare_worker_version")).not.toHaveProperty("bindings");
    expectFitsProvider(stack);
  });
});
