import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { LocalBackend, TerraformOutput, type TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { EnvironmentSetProps } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { r2Backend } from "../../src/constructs/state.js";
import { CodedError } from "../../src/errors.js";
import { expectFitsProvider, readable, resourcesOf, synthToJson, testApp, testStack } from "../support/synth.js";
import { ACCOUNT, CODE, onlyResource, problemsOf, stackBeside, workerOf } from "./samples.js";
import { define, only } from "./environment-samples.js";

describe("a set of environments", () => {
  it("is one stack for each, that is deployed alone", () => {
    const set = define({
      namespaces: {
        SESSIONS: { purpose: "session", ttlSeconds: 1800, description: "Who is logged in" },
        CACHE: { ttlSeconds: 3600 },
      },
      worker: { code: CODE, workersDev: true, workersDevSubdomain: "me" },
      environments: { dev: { developers: ["alice"] }, prod: { namespaces: { CACHE: { ttlSeconds: 600 } } } },
    });

    expect(readable(synthToJson(set.environment("dev", "alice").stack))).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "app": "shop",
           "developer": "alice",
           "environment": "dev",
           "namespaces": {
             "CACHE_B8EACA83": {
               "binding": "CACHE",
               "ttlSeconds": 3600,
             },
             "SESSIONS_442F9B14": {
               "binding": "SESSIONS",
               "description": "Who is logged in",
               "ttlSeconds": 1800,
             },
           },
           "protected": false,
           "version": 1,
           "workers": {
             "Worker_11F36D0F": {},
           },
         },
       },
       "output": {
         "cache_namespace_id": {
           "value": "\${cloudflare_workers_kv_namespace.CACHE_B8EACA83.id}",
         },
         "namespace_ids": {
           "value": {
             "CACHE": "\${cloudflare_workers_kv_namespace.CACHE_B8EACA83.id}",
             "SESSIONS": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
           },
         },
         "sessions_namespace_id": {
           "value": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
         },
         "worker_name": {
           "value": "\${cloudflare_workers_script.Worker_11F36D0F.script_name}",
         },
         "worker_urls": {
           "value": [
             "https://shop-dev-alice.me.workers.dev",
           ],
         },
       },
       "provider": {
         "cloudflare": [
           {},
         ],
       },
       "resource": {
         "cloudflare_workers_kv_namespace": {
           "CACHE_B8EACA83": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "lifecycle": {
               "create_before_destroy": true,
               "prevent_destroy": false,
             },
             "title": "shop-cache-dev-alice",
           },
           "SESSIONS_442F9B14": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "lifecycle": {
               "create_before_destroy": true,
               "prevent_destroy": false,
             },
             "title": "shop-session-dev-alice",
           },
         },
         "cloudflare_workers_script": {
           "Worker_11F36D0F": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "bindings": [
               {
                 "name": "CACHE",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.CACHE_B8EACA83.id}",
                 "type": "kv_namespace",
               },
               {
                 "name": "KV_DEFAULTS",
                 "text": "{"CACHE":{"ttlSeconds":3600},"SESSIONS":{"ttlSeconds":1800,"description":"Who is logged in"}}",
                 "type": "plain_text",
               },
               {
                 "name": "SESSIONS",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
                 "type": "kv_namespace",
               },
             ],
             "compatibility_date": "2026-04-01",
             "content_file": "assets/Worker_Code_C58FCB35/553f5b6e09a1f14046b6c0cec5de535793f07e5887b31d2e05a6e1beb9224449/index.js",
             "content_sha256": "553f5b6e09a1f14046b6c0cec5de535793f07e5887b31d2e05a6e1beb9224449",
             "logpush": false,
             "main_module": "index.js",
             "observability": {
               "enabled": true,
               "head_sampling_rate": 1,
               "logs": {
                 "enabled": true,
                 "head_sampling_rate": 1,
                 "invocation_logs": true,
               },
             },
             "script_name": "shop-dev-alice",
           },
         },
         "cloudflare_workers_script_subdomain": {
           "Worker_WorkersDev_49CAF4BF": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "enabled": true,
             "previews_enabled": false,
             "script_name": "\${cloudflare_workers_script.Worker_11F36D0F.script_name}",
           },
         },
       },
       "terraform": {
         "backend": {
           "local": {
             "path": "../../../terraform.shop-dev-alice.tfstate",
           },
         },
         "required_providers": {
           "cloudflare": {
             "source": "cloudflare/cloudflare",
             "version": ">= 5.16.0, < 6.0.0",
           },
         },
       },
     }
    `);
    expect(readable(synthToJson(set.environment("prod").stack))["//"]).toMatchInlineSnapshot(`
     {
       "cfkv": {
         "app": "shop",
         "environment": "prod",
         "namespaces": {
           "CACHE_B8EACA83": {
             "binding": "CACHE",
             "ttlSeconds": 600,
           },
           "SESSIONS_442F9B14": {
             "binding": "SESSIONS",
             "description": "Who is logged in",
             "ttlSeconds": 1800,
           },
         },
         "protected": true,
         "version": 1,
         "workers": {
           "Worker_11F36D0F": {},
         },
       },
     }
    `);
    for (const { stack } of set.environments) expectFitsProvider(stack);
  });

  it("has outputs for each namespace, for all, and for the only one", () => {
    const outputsOf = (props: Partial<EnvironmentSetProps>) => synthToJson(only(props).stack).output;

    expect(outputsOf({ namespaces: { SESSIONS: {} } })).toMatchInlineSnapshot(`
     {
       "namespace_id": {
         "value": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
       },
       "namespace_ids": {
         "value": {
           "SESSIONS": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
         },
       },
       "sessions_namespace_id": {
         "value": "\${cloudflare_workers_kv_namespace.SESSIONS_442F9B14.id}",
       },
     }
    `);
    expect(outputsOf({ namespaces: { B: {}, A: {} }, worker: { code: CODE } })).toMatchInlineSnapshot(`
     {
       "a_namespace_id": {
         "value": "\${cloudflare_workers_kv_namespace.A_CCC8ACD5.id}",
       },
       "b_namespace_id": {
         "value": "\${cloudflare_workers_kv_namespace.B_08E7C7AF.id}",
       },
       "namespace_ids": {
         "value": {
           "A": "\${cloudflare_workers_kv_namespace.A_CCC8ACD5.id}",
           "B": "\${cloudflare_workers_kv_namespace.B_08E7C7AF.id}",
         },
       },
       "worker_name": {
         "value": "\${cloudflare_workers_script.Worker_11F36D0F.script_name}",
       },
       "worker_urls": {
         "value": [],
       },
     }
    `);
    expect(outputsOf({ namespaces: {} })).toEqual({ namespace_ids: { value: {} } });
  });
});

describe("the stacks of a set", () => {
  it("keep their state in a file named by a relative path", () => {
    const set = define();

    expect(set.environments.map(({ stack }) => synthToJson(stack).terraform?.["backend"])).toEqual([
      { local: { path: "../../../terraform.shop-dev.tfstate" } },
      { local: { path: "../../../terraform.shop-prod.tfstate" } },
    ]);
  });

  it("may keep it elsewhere, each in its own way", () => {
    const seen: string[] = [];
    const set = define({
      backend: (stack, environment) => {
        seen.push(environment.name);
        return environment.isProtected
          ? r2Backend({ bucket: "states", accountId: ACCOUNT })(stack)
          : new LocalBackend(stack, { path: "here.tfstate" });
      },
    });

    expect(seen).toEqual(["dev", "prod"]);
    expect(synthToJson(set.environment("dev").stack).terraform?.["backend"]).toEqual({
      local: { path: "here.tfstate" },
    });
    expect(synthToJson(set.environment("prod").stack).terraform?.["backend"]).toMatchObject({
      s3: { bucket: "states", key: "shop-prod.tfstate" },
    });
  });

  it("may have more in them, beside all parts of the environment", () => {
    const set = define({
      worker: { code: CODE },
      configure: (stack, { name, namespaces, worker }) => {
        const value = [name, ...Object.keys(namespaces), worker?.workerName];
        new TerraformOutput(stack, "parts", { value });
      },
    });

    expect(synthToJson(set.environment("prod").stack).output?.["parts"]).toEqual({
      value: ["prod", "SESSIONS", "CACHE", "${cloudflare_workers_script.Worker_11F36D0F.script_name}"],
    });
  });

  it("use the provider version that is passed to them", () => {
    const versionOf = (props: Partial<EnvironmentSetProps>) => synthToJson(only(props).stack).terraform;

    expect(versionOf({})).toMatchObject({ required_providers: { cloudflare: { version: ">= 5.16.0, < 6.0.0" } } });
    expect(versionOf({ providerVersion: "5.22.0" })).toMatchObject({
      required_providers: { cloudflare: { version: "5.22.0" } },
    });
  });

  it("may use a namespace of another, as any stack of the app may", () => {
    const app = testApp();
    const set = new EnvironmentSet(app, "set", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: { CACHE: {} },
      environments: { prod: {} },
    });
    const reader = stackBeside(set.environment("prod").stack, "reader");
    workerOf(reader, { kv: { CACHE: set.environment("prod").namespace("CACHE") } });
    const json = synthToJson(reader);

    expect(json.data?.["terraform_remote_state"]).toMatchObject({
      "cross-stack-reference-input-shop-prod": {
        backend: "local",
        config: { path: "../../../terraform.shop-prod.tfstate" },
      },
    });
    expectFitsProvider(json);
    expectFitsProvider(set.environment("prod").stack);
  });
});

describe("the parts of a set", () => {
  const set = define({
    worker: { code: CODE },
    environments: { dev: { developers: ["alice", "bob"] }, staging: {}, prod: {} },
  });

  it("are reached by name", () => {
    expect(set.environment("staging").stack.node.id).toBe("shop-staging");
    expect(set.environment("dev", "bob")).toMatchObject({ name: "dev", developer: "bob" });
    expect(set.environment("prod").namespace("CACHE").namespaceName).toBe("shop-cache-prod");
    expect(set.environment("prod").worker?.kv["CACHE"]).toBe(set.environment("prod").namespace("CACHE"));
    expect(set.environments.map(({ stack }) => stack.node.id)).toEqual([
      "shop-dev-alice",
      "shop-dev-bob",
      "shop-staging",
      "shop-prod",
    ]);
  });

  it("are read as copies", () => {
    (set.environments as unknown[]).length = 0;
    delete (set.environment("prod").namespaces as Record<string, unknown>)["CACHE"];

    expect(set.environments).toHaveLength(4);
    expect(Object.keys(set.environment("prod").namespaces)).toEqual(["SESSIONS", "CACHE"]);
  });

  it.each<[string, () => unknown, "UNKNOWN_ENVIRONMENT" | "UNKNOWN_BINDING", string]>([
    [
      "a misspelt environment",
      () => set.environment("stagign"),
      "UNKNOWN_ENVIRONMENT",
      "no environment is named 'stagign' (did you mean 'staging'?)",
    ],
    ["a strange environment", () => set.environment("qa"), "UNKNOWN_ENVIRONMENT", "no environment is named 'qa'"],
    [
      "an environment of several developers",
      () => set.environment("dev"),
      "UNKNOWN_ENVIRONMENT",
      "environment 'dev' has one stack per developer: use environment('dev', developer) with 'alice', 'bob'",
    ],
    [
      "a misspelt developer",
      () => set.environment("dev", "alise"),
      "UNKNOWN_ENVIRONMENT",
      "environment 'dev' has no developer 'alise' (did you mean 'alice'?)",
    ],
    [
      "a developer of an environment for all",
      () => set.environment("prod", "alice"),
      "UNKNOWN_ENVIRONMENT",
      "environment 'prod' has no developers",
    ],
    [
      "a misspelt binding",
      () => set.environment("prod").namespace("CACHES"),
      "UNKNOWN_BINDING",
      "environment 'prod' has no namespace 'CACHES' (did you mean 'CACHE'?)",
    ],
  ])("are not reached by %s", (_, ask, code, message) => {
    expect(ask).toThrow(new CodedError(code, message));
    expect(ask).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe("the databases of a set", () => {
  const set = (environments: EnvironmentSetProps["environments"], databaseName?: string) =>
    new EnvironmentSet(testApp(), "shop", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: {},
      worker: { code: CODE, d1: { MAIN_DB: databaseName === undefined ? {} : { databaseName } } },
      environments,
    });

  it("are named and protected by their environment", () => {
    const { environments } = set({ dev: { developers: ["alice"] }, prod: {} });
    const databases = environments.map(({ stack }) => onlyResource(stack, "cloudflare_d1_database"));

    expect(databases.map(({ name, lifecycle }) => [name, lifecycle])).toEqual([
      ["shop-main-db-dev-alice", { prevent_destroy: false }],
      ["shop-main-db-prod", { prevent_destroy: true }],
    ]);
  });

  it("cannot have one name in two environments", () => {
    expect(problemsOf(() => set({ dev: {}, prod: {} }, "main"))).toEqual([
      "d1 'MAIN_DB': databaseName must be unique in the account, 'main' is taken by 'shop-dev/Worker'",
    ]);
  });
});

describe("where a set is defined", () => {
  const props = { app: "shop", accountId: ACCOUNT, namespaces: { KV: {} }, environments: { dev: {} } };

  it("may be a construct of the app", () => {
    const app = testApp();
    const group = new Construct(app, "group");
    const { stack } = new EnvironmentSet(group, "shop", props).environment("dev");
    expect(Object.keys(resourcesOf(stack, "cloudflare_workers_kv_namespace"))).toEqual(["KV_25E98C51"]);
    expect(problemsOf(() => new EnvironmentSet(app, "again", props))[0]).toContain("already has a stack 'shop-dev'");
  });

  it("cannot be a stack", () => {
    expect(problemsOf(() => new EnvironmentSet(testStack(), "shop", props))[0]).toContain("must be defined in the App");
  });
});

describe("the provider of a set", () => {
  it("is defined in each stack and reaches everything, an environment's own before the set's", () => {
    const provider = (alias: string) => (stack: TerraformStack) => new CloudflareProvider(stack, alias, { alias });
    const set = new EnvironmentSet(testApp(), "shop", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: { KV: {} },
      provider: provider("shared"),
      environments: { dev: {}, prod: { provider: provider("own") } },
    });
    const used = ["dev", "prod"].map(
      (name) => onlyResource(set.environment(name).stack, "cloudflare_workers_kv_namespace")["provider"],
    );
    expect(used).toEqual(["cloudflare.shared", "cloudflare.own"]);
  });
});
