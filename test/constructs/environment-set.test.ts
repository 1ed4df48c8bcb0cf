import { LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { Environment } from "../../src/constructs/environment.js";
import type { EnvironmentSetProps, NameParts } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { r2Backend } from "../../src/constructs/state.js";
import { CodedError } from "../../src/errors.js";
import { expectFitsProvider, readable, resourcesOf, synthToJson, testApp, testStack } from "../support/synth.js";
import {
  ACCOUNT,
  bindingsOf,
  CODE,
  namespaceOf,
  onlyResource,
  OTHER_ACCOUNT,
  problemsOf,
  stackBeside,
  untyped,
  workerOf,
  ZONE,
} from "./samples.js";

const NAMESPACE = "cloudflare_workers_kv_namespace";
const SCRIPT = "cloudflare_workers_script";

function define(props: Partial<EnvironmentSetProps> = {}): EnvironmentSet {
  return new EnvironmentSet(testApp(), "set", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: { SESSIONS: {}, CACHE: {} },
    environments: { dev: {}, prod: {} },
    ...props,
  });
}

/** One environment of a set that has no other. */
function only(props: Partial<EnvironmentSetProps> = {}): Environment {
  const [environment] = define({ environments: { dev: {} }, ...props }).environments;
  if (environment === undefined) throw new Error("expected an environment");
  return environment;
}

/** The names of the namespaces by the id of their stack. */
function namesOf(set: EnvironmentSet): Record<string, unknown[]> {
  return Object.fromEntries(
    set.environments.map(({ stack }) => [
      stack.node.id,
      Object.values(resourcesOf(stack, NAMESPACE))
        .map(({ title }) => title)
        .sort(),
    ]),
  );
}

function problemsWith(props: unknown): readonly string[] {
  return problemsOf(() => define(untyped(props)));
}

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

describe("names in a set", () => {
  it("are made of app, purpose, environment and developer", () => {
    const set = define({
      namespaces: { SESSIONS: { purpose: "session" }, $MY_CACHE_: {} },
      worker: { code: CODE },
      environments: { dev: { developers: ["alice", "bob"] }, prod: {} },
    });

    expect(namesOf(set)).toEqual({
      "shop-dev-alice": ["shop-my-cache-dev-alice", "shop-session-dev-alice"],
      "shop-dev-bob": ["shop-my-cache-dev-bob", "shop-session-dev-bob"],
      "shop-prod": ["shop-my-cache-prod", "shop-session-prod"],
    });
    expect(set.environments.map(({ stack }) => onlyResource(stack, SCRIPT)["script_name"])).toEqual([
      "shop-dev-alice",
      "shop-dev-bob",
      "shop-prod",
    ]);
  });

  it("of a single namespace say no purpose, unless it has one", () => {
    const environments = { dev: { developers: ["alice"] }, prod: {} };

    expect(namesOf(define({ namespaces: { KV: {} }, environments }))).toEqual({
      "shop-dev-alice": ["shop-dev-alice"],
      "shop-prod": ["shop-prod"],
    });
    expect(namesOf(define({ namespaces: { KV: { purpose: "cart" } }, environments }))).toEqual({
      "shop-dev-alice": ["shop-cart-dev-alice"],
      "shop-prod": ["shop-cart-prod"],
    });
  });

  it("of a namespace that one environment adds say what it is for", () => {
    const set = define({ namespaces: { KV: {} }, environments: { dev: { namespaces: { FIXTURES: {} } }, prod: {} } });

    expect(namesOf(set)).toEqual({ "shop-dev": ["shop-dev", "shop-fixtures-dev"], "shop-prod": ["shop-prod"] });
  });

  it("may be made by a function of their parts", () => {
    const parts: NameParts[] = [];
    const naming = (given: NameParts): string => {
      parts.push(given);
      return [given.environment, given.kind, given.purpose ?? "all", given.developer ?? "team"].join("-");
    };
    const set = define({
      naming,
      namespaces: { CACHE: {}, KV: { purpose: "cart" } },
      worker: { code: CODE },
      environments: { dev: { developers: ["alice"] } },
    });

    expect(namesOf(set)).toEqual({ "shop-dev-alice": ["dev-namespace-cache-alice", "dev-namespace-cart-alice"] });
    expect(onlyResource(set.environment("dev", "alice").stack, SCRIPT)["script_name"]).toBe("dev-worker-all-alice");
    expect(parts).toEqual([
      { kind: "namespace", app: "shop", environment: "dev", developer: "alice", purpose: "cache" },
      { kind: "namespace", app: "shop", environment: "dev", developer: "alice", purpose: "cart" },
      { kind: "worker", app: "shop", environment: "dev", developer: "alice" },
    ]);
  });

  it("that break a rule are told with the namespace they are of", () => {
    expect(() => define({ naming: () => "" })).toThrow(
      "KvNamespace at 'shop-dev/SESSIONS':\n  - namespaceName must not be empty",
    );
    expect(() => define({ naming: () => untyped(7) })).toThrow(
      "KvNamespace at 'shop-dev/SESSIONS':\n  - namespaceName must be text, got 7",
    );
    expect(() => define({ naming: () => "same" })).toThrow(
      "KvNamespace at 'shop-dev/CACHE':\n" +
        "  - namespaceName must be unique in the account, 'same' is taken by 'shop-dev/SESSIONS'",
    );
  });

  it("may be given as they are", () => {
    const set = define({ environments: { prod: { namespaces: { CACHE: { namespaceName: "legacy cache" } } } } });

    expect(namesOf(set)).toEqual({ "shop-prod": ["legacy cache", "shop-sessions-prod"] });
  });
});

describe("what an environment changes", () => {
  it("is the namespace's field, and the others stay", () => {
    const base = { ttlSeconds: 60, description: "a", entries: [{ key: "k", value: "v" }], preventDestroy: false };
    const set = define({
      namespaces: { CACHE: base },
      environments: {
        dev: { namespaces: { CACHE: { ttlSeconds: 120 } } },
        staging: { namespaces: { CACHE: { description: "b", entries: [] } } },
        prod: { namespaces: { CACHE: { ttlSeconds: 0, preventDestroy: true } } },
      },
    });
    const of = (name: string) => {
      const { ttlSeconds, description, entries, resource } = set.environment(name).namespace("CACHE");
      return [ttlSeconds, description, entries.length, resource.lifecycle?.preventDestroy];
    };

    expect(of("dev")).toEqual([120, "a", 1, false]);
    expect(of("staging")).toEqual([60, "b", 0, false]);
    expect(of("prod")).toEqual([0, "a", 1, true]);
  });

  it("is nothing where a field is undefined", () => {
    const set = define({
      namespaces: { CACHE: { ttlSeconds: 60, description: "a" } },
      worker: { code: CODE, logpush: true },
      environments: {
        dev: untyped({
          accountId: undefined,
          protect: undefined,
          namespaces: { CACHE: { ttlSeconds: undefined, namespaceName: undefined } },
          worker: { code: undefined, workerName: undefined, logpush: undefined },
          vars: undefined,
          routes: undefined,
          developers: undefined,
        }),
      },
    });
    const { stack } = set.environment("dev");

    expect(set.environment("dev").namespace("CACHE").ttlSeconds).toBe(60);
    expect(onlyResource(stack, NAMESPACE)).toMatchObject({
      account_id: ACCOUNT,
      title: "shop-dev",
      lifecycle: { prevent_destroy: false },
    });
    expect(onlyResource(stack, SCRIPT)).toMatchObject({ script_name: "shop-dev", logpush: true });
  });

  it("may be a namespace less, or one more", () => {
    const set = define({
      worker: { code: CODE },
      environments: { dev: { namespaces: { CACHE: false, FIXTURES: { ttlSeconds: 60 } } }, prod: {} },
    });

    expect(Object.keys(bindingsOf(set.environment("dev").stack))).toEqual(["FIXTURES", "KV_DEFAULTS", "SESSIONS"]);
    expect(Object.keys(bindingsOf(set.environment("prod").stack))).toEqual(["CACHE", "SESSIONS"]);
    expect(Object.keys(set.environment("dev").namespaces)).toEqual(["SESSIONS", "FIXTURES"]);
  });

  it("of the Worker is merged for vars and kv, and replaced for the rest", () => {
    const app = testApp();
    const shared = namespaceOf(stackBeside(new TerraformStack(app, "base"), "shared"), "Shared");
    const set = new EnvironmentSet(app, "set", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: { CACHE: {} },
      worker: {
        code: CODE,
        kv: { SHARED: shared },
        vars: { A: "set", B: "set", C: "set" },
        compatibilityFlags: ["a"],
        routes: [{ pattern: "a.example.com/*", zoneId: ZONE }],
      },
      environments: {
        dev: {
          worker: { vars: { B: "worker", C: "worker" }, compatibilityFlags: ["b"] },
          vars: { C: "environment" },
          routes: [{ pattern: "b.example.com/*", zoneId: ZONE }],
        },
        prod: {},
      },
    });
    const { stack } = set.environment("dev");
    const bindings = bindingsOf(stack);

    expect(["A", "B", "C"].map((name) => bindings[name]?.["text"])).toEqual(["set", "worker", "environment"]);
    expect(Object.keys(bindings)).toEqual(["A", "B", "C", "CACHE", "SHARED"]);
    expect(onlyResource(stack, SCRIPT)["compatibility_flags"]).toEqual(["b"]);
    expect(onlyResource(stack, "cloudflare_workers_route")["pattern"]).toBe("b.example.com/*");
    expect(onlyResource(set.environment("prod").stack, "cloudflare_workers_route")["pattern"]).toBe("a.example.com/*");
    expectFitsProvider(stack);
  });

  it("may be the whole Worker, or its rollout", () => {
    const set = define({
      worker: { code: CODE },
      environments: {
        dev: { worker: false },
        staging: {},
        prod: { worker: { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) } },
      },
    });
    const typesOf = (name: string) => Object.keys(synthToJson(set.environment(name).stack).resource ?? {});

    expect(set.environment("dev").worker).toBeUndefined();
    expect(typesOf("dev")).toEqual([NAMESPACE]);
    expect(typesOf("staging")).toEqual([NAMESPACE, SCRIPT]);
    expect(typesOf("prod")).toEqual([
      "cloudflare_worker",
      "cloudflare_worker_version",
      "cloudflare_workers_deployment",
      NAMESPACE,
    ]);
  });

  it("may be a Worker that the others do not have", () => {
    const set = define({ environments: { dev: { worker: { code: CODE }, vars: { A: "b" } }, prod: {} } });

    expect(bindingsOf(set.environment("dev").stack)["A"]?.["text"]).toBe("b");
    expect(set.environment("prod").worker).toBeUndefined();
  });

  it("may be its account, also by the environment variable", () => {
    process.env["CLOUDFLARE_ACCOUNT_ID"] = "c".repeat(32);
    try {
      const accountsOf = (accountId?: string) => {
        const set = define({
          ...(untyped({ accountId }) as object),
          namespaces: { KV: {} },
          worker: { code: CODE },
          environments: { dev: {}, prod: { accountId: OTHER_ACCOUNT } },
        });
        return set.environments.map(({ stack }) => [
          onlyResource(stack, NAMESPACE)["account_id"],
          onlyResource(stack, SCRIPT)["account_id"],
        ]);
      };

      expect(accountsOf(ACCOUNT)).toEqual([
        [ACCOUNT, ACCOUNT],
        [OTHER_ACCOUNT, OTHER_ACCOUNT],
      ]);
      expect(accountsOf()).toEqual([
        ["c".repeat(32), "c".repeat(32)],
        [OTHER_ACCOUNT, OTHER_ACCOUNT],
      ]);
    } finally {
      delete process.env["CLOUDFLARE_ACCOUNT_ID"];
    }
  });

  it.each([
    ["dev", undefined, false],
    ["dev-2", undefined, false],
    ["development", undefined, false],
    ["preview", undefined, false],
    ["preview-pr-7", undefined, false],
    ["staging", undefined, true],
    ["prod", undefined, true],
    ["test", undefined, true],
    ["dev", true, true],
    ["prod", false, false],
  ])("of '%s' with protect %s is protected: %s", (name, protect, expected) => {
    const environment = only({
      namespaces: { KV: {} },
      environments: { [name]: protect === undefined ? {} : { protect } },
    });

    expect(environment.isProtected).toBe(expected);
    expect(onlyResource(environment.stack, NAMESPACE)["lifecycle"]).toMatchObject({ prevent_destroy: expected });
    expect(synthToJson(environment.stack)["//"]).toMatchObject({ cfkv: { protected: expected } });
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

  it("ask for the provider they are told to", () => {
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
      "environment 'dev' is one stack a developer: ask for environment('dev', developer) with 'alice', 'bob'",
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

describe("props of a set that break rules", () => {
  it("are told all at once, with the construct and its path", () => {
    const broken = () =>
      define(
        untyped({
          app: "Shop_App",
          enviroments: {},
          namespaces: { CACHE: { purpose: "My Cache" }, cache: {}, Worker: { ttl: 60 } },
          worker: { code: CODE, accountId: ACCOUNT },
          environments: {
            Prod: { namespaces: { CACH: {}, SESSION: false, backend: {} }, regions: ["eu"] },
            dev: { developers: ["alice", "Bob", "alice"], worker: { route: [] } },
            staging: { worker: false, vars: { A: "b" }, routes: [], developers: [] },
          },
        }),
      );

    expect(broken).toThrow(
      [
        "EnvironmentSet at 'set':",
        "  - namespaces 'Worker' has no field 'ttl'",
        "  - worker has no field 'accountId'",
        "  - environment 'Prod' has no field 'regions'",
        "  - environment 'dev': worker has no field 'route' (did you mean 'routes'?)",
        "  - EnvironmentSet has no field 'enviroments' (did you mean 'environments'?)",
        "  - app must be lower-case letters and digits, joined by single '-', got 'Shop_App'",
        "  - namespaces 'CACHE': purpose must be lower-case letters and digits, joined by single '-', got 'My Cache'",
        "  - namespaces: 'Worker' cannot be a binding: the stack needs it as an id",
        "  - namespaces: 'cache' differs from another binding by case alone, their outputs would collide",
        "  - environment name must be lower-case letters and digits, joined by single '-', got 'Prod'",
        "  - environment 'Prod' overrides namespace 'CACH', which the set does not have (did you mean 'cache'?); " +
          "to add it, define it in the set's namespaces and leave it out elsewhere with false",
        "  - environment 'Prod' leaves out namespace 'SESSION', which the set does not have",
        "  - environment 'Prod': namespaces: 'backend' cannot be a binding: the stack needs it as an id",
        "  - environment 'dev': developer must be lower-case letters and digits, joined by single '-', got 'Bob'",
        "  - environment 'dev' names developer 'alice' twice",
        "  - environment 'staging': developers must not be empty: leave it out for one stack",
        "  - environment 'staging' has vars, but no worker to give them to",
        "  - environment 'staging' has routes, but no worker to give them to",
      ].join("\n"),
    );
  });

  it.each<[string, unknown, string]>([
    ["no environment", { environments: {} }, "environments must have at least one environment"],
    [
      "a namespace left out by a misspelt name",
      { environments: { dev: { namespaces: { CACH: false } } } },
      "environment 'dev' leaves out namespace 'CACH', which the set does not have (did you mean 'CACHE'?)",
    ],
    [
      "two stacks of one name",
      { environments: { dev: { developers: ["alice"] }, "dev-alice": {} } },
      "two environments make the stack 'shop-dev-alice': rename one of them, or the developer",
    ],
    [
      "added namespaces that differ by case",
      { environments: { dev: { namespaces: { Fixtures: {}, FIXTURES: {} } } } },
      "environment 'dev': namespaces: 'FIXTURES' differs from another binding by case alone, their outputs would collide",
    ],
    [
      "a namespace beside one of the Worker's of the same name",
      { environments: { dev: { worker: { code: CODE, kv: { CACHE: namespaceOf(testStack(), "Cache") } } } } },
      "environment 'dev': binding 'CACHE' is given twice: by namespaces and by the worker's kv",
    ],
    [
      "routes of two kinds",
      { environments: { dev: { worker: { code: CODE, routes: [] }, routes: [] } } },
      "environment 'dev' has routes twice: its own and its worker's",
    ],
    [
      "an output's name as binding",
      { namespaces: { namespace_ids: {} } },
      "namespaces: 'namespace_ids' cannot be a binding: the stack needs it as an id",
    ],
    [
      "an output's name as binding, too",
      { namespaces: { a_namespace_id: {} } },
      "namespaces: 'a_namespace_id' cannot be a binding: the stack needs it as an id",
    ],
  ])("have %s", (_, props, problem) => {
    expect(problemsWith(props)).toEqual([problem]);
  });

  it("of a wrong type are told all at once", () => {
    const problems = problemsWith({
      app: 1,
      accountId: null,
      namespaces: { CACHE: null, SESSIONS: false, KV: { ttlSeconds: "60", purpose: 1, entries: [{ key: 1 }] } },
      worker: { code: "src/worker.ts", vars: [] },
      environments: {
        dev: null,
        staging: { protect: "yes", developers: "alice", vars: { A: undefined }, routes: [{}], worker: true },
        prod: { namespaces: { CACHE: true, KV: { seed: "x" } }, accountId: 1 },
      },
      naming: "{app}-{env}",
      backend: "s3",
      configure: {},
      providerVersion: 5,
    });

    expect(problems).toMatchInlineSnapshot(`
     [
       "app must be text, got 1",
       "namespaces 'CACHE' must be an object, got null",
       "namespaces 'SESSIONS' must be an object, got false",
       "namespaces 'KV': ttlSeconds must be a number, got text",
       "namespaces 'KV': entries[0]: key must be text, got 1",
       "namespaces 'KV': entries[0]: value must be given",
       "namespaces 'KV': purpose must be text, got 1",
       "worker: code must be WorkerCode, as WorkerCode.fromEntry('src/worker.ts'), got text",
       "worker: vars must be an object, got a list",
       "environment 'dev' must be an object, got null",
       "environment 'staging': protect must be true or false, got text",
       "environment 'staging': worker must be an object, got true",
       "environment 'staging': vars 'A' must be a JSON value, got undefined",
       "environment 'staging': routes[0]: pattern must be given",
       "environment 'staging': routes[0]: zoneId must be given",
       "environment 'staging': developers must be a list, got text",
       "environment 'prod': accountId must be text, got 1",
       "environment 'prod': namespaces 'CACHE' must be an object, got true",
       "environment 'prod': namespaces 'KV': seed must be a list, got text",
       "accountId must be text, got null",
       "naming must be a function, got text",
       "backend must be a function, got text",
       "configure must be a function, got an object",
       "providerVersion must be text, got 5",
     ]
    `);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "shop"],
  ])("cannot be %s", (_, props) => {
    const problems = problemsOf(() => new EnvironmentSet(testApp(), "set", untyped(props)));

    expect(problems).toEqual([expect.stringMatching(/^EnvironmentSet must be an object, got /)]);
  });

  it("cannot be without app, namespaces and environments", () => {
    expect(problemsOf(() => new EnvironmentSet(testApp(), "set", untyped({})))).toEqual([
      "app must be given",
      "namespaces must be given",
      "environments must be given",
    ]);
  });

  it("cannot make stacks inside of a stack, or twice", () => {
    const props = { app: "shop", accountId: ACCOUNT, namespaces: {}, environments: { dev: {} } };
    const app = testApp();
    new EnvironmentSet(app, "set", props);

    expect(problemsOf(() => new EnvironmentSet(testStack(), "set", props))).toEqual([
      "EnvironmentSet must be defined in the App: it makes stacks",
    ]);
    expect(problemsOf(() => new EnvironmentSet(app, "again", props))).toEqual([
      "the stack 'shop-dev' is in the app already: choose another app name, or rename the environment",
    ]);
  });
});
