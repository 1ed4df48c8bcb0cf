import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { App, type TerraformStack } from "cdktf";
import type { CheckCode } from "../../src/constructs/check-codes.js";
import type { EnvironmentProps, EnvironmentSetProps } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { Rollout } from "../../src/constructs/rollout.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import type { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import { testApp, testStack } from "../support/synth.js";
import { ACCOUNT, CODE, namespaceOf, stackBeside, workerOf } from "./samples.js";

const VERSION_PATH = "terraform.required_providers.cloudflare.version";

interface Annotation {
  readonly constructPath: string;
  readonly level: string;
  readonly message: string;
}

/** The text of manifest.json after a synth. */
function manifestOf(app: App): string {
  app.synth();
  return readFileSync(join(app.outdir, "manifest.json"), "utf8");
}

/** What the app is warned of: `<construct>: <message>`. */
function warningsOf(app: App): string[] {
  const { stacks } = JSON.parse(manifestOf(app)) as { stacks: Record<string, { annotations: Annotation[] }> };
  return Object.values(stacks)
    .flatMap(({ annotations }) => annotations)
    .map(({ constructPath, message }) => `${constructPath}: ${message}`);
}

function warningsWith(define: (stack: TerraformStack) => void): string[] {
  const stack = testStack();
  define(stack);
  return warningsOf(App.of(stack));
}

/** A Worker that something can call. */
function reachable(
  stack: TerraformStack,
  props: Partial<WorkerWithKvBindingsProps> = {},
  id = "Api",
): WorkerWithKvBindings {
  return workerOf(stack, { workersDev: true, ...props }, id);
}

function warningsOfSet(
  props: Partial<EnvironmentSetProps>,
  environment: EnvironmentProps = {},
  name = "dev",
): string[] {
  const app = testApp();
  new EnvironmentSet(app, "set", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: { KV: {} },
    environments: { [name]: environment },
    ...props,
  });
  return warningsOf(app);
}

describe("a stack that is as it should be", () => {
  it("is warned of nothing", () => {
    const code = CODE;
    const namespaces = {
      SESSIONS: { ttlSeconds: 60, description: "Who is logged in" },
      CONFIG: { description: "Settings", entries: [{ key: "mode", value: "normal" }] },
    };

    expect(warningsOfSet({ namespaces, worker: { code, workersDev: true } }, {}, "prod")).toEqual([]);
  });
});

describe("a check", () => {
  const cases: [CheckCode, (stack: TerraformStack) => void, string[], (stack: TerraformStack) => void][] = [
    [
      "KV_BOUND_TWICE",
      (stack) => {
        const config = namespaceOf(stack, "Config");
        reachable(stack, { kv: { A: config, B: config } });
      },
      ["dev/Api: KV_BOUND_TWICE: namespace 'dev/Config' is bound as 'A' and as 'B'"],
      (stack) => void reachable(stack, { kv: { A: namespaceOf(stack, "Config") } }),
    ],
    [
      "KV_NO_TTL",
      (stack) => {
        namespaceOf(stack, "A", { namespaceName: "shop-sessions-dev" });
        namespaceOf(stack, "B", { namespaceName: "Cache" });
      },
      [
        "dev/A: KV_NO_TTL: 'shop-sessions-dev' looks like it holds entries that should expire, but has no ttlSeconds",
        "dev/B: KV_NO_TTL: 'Cache' looks like it holds entries that should expire, but has no ttlSeconds",
      ],
      (stack) => {
        namespaceOf(stack, "A", { namespaceName: "shop-sessions-dev", ttlSeconds: 60 });
        namespaceOf(stack, "B", { namespaceName: "obsessions" });
      },
    ],
    [
      "KV_COUNTER",
      (stack) => void namespaceOf(stack, "A", { namespaceName: "page-views" }),
      ["dev/A: KV_COUNTER: KV loses concurrent counts ('page-views'): use a Durable Object, or rateLimits"],
      (stack) => void namespaceOf(stack, "A", { namespaceName: "reviews" }),
    ],
    [
      "KV_UNBOUND",
      (stack) => {
        namespaceOf(stack, "A");
        reachable(stack);
      },
      ["dev/A: KV_UNBOUND: namespace 'shop-a' is not bound to any Worker"],
      (stack) => void namespaceOf(stack, "A"),
    ],
    [
      "KV_SECRET_ENTRY",
      (stack) => {
        namespaceOf(stack, "A", {
          entries: [
            { key: "stripe-api-key", value: "x" },
            { key: "github", value: `ghp_${"a".repeat(36)}` },
          ],
        });
      },
      [
        "dev/A: KV_SECRET_ENTRY: entry 'stripe-api-key' looks like a secret, which would be readable in cdktf.out and the state: use secrets of the Worker",
        "dev/A: KV_SECRET_ENTRY: entry 'github' looks like a secret, which would be readable in cdktf.out and the state: use secrets of the Worker",
      ],
      (stack) => void namespaceOf(stack, "A", { entries: [{ key: "mode", value: "api key of the shop" }] }),
    ],
    [
      "WORKER_OLD_DATE",
      (stack) => void reachable(stack, { compatibilityDate: "2024-10-13" }),
      [
        "dev/Api/Resource: WORKER_OLD_DATE: compatibility date is '2024-10-13': " +
          "requests that share a promise can hang forever before 2024-10-14",
      ],
      (stack) => void reachable(stack, { compatibilityDate: "2024-10-14" }),
    ],
  ];

  it.each(cases)("%s warns of what it finds, and of nothing once that is fixed", (code, broken, warnings, fixed) => {
    expect(warningsWith(broken)).toEqual(warnings);
    expect(warnings.every((warning) => warning.includes(`: ${code}: `))).toBe(true);
    expect(warningsWith(fixed)).toEqual([]);
  });

  it("WORKER_OLD_DATE also looks at scripts that others define", () => {
    const define = (compatibilityDate?: string) =>
      warningsWith((stack) => {
        namespaceOf(stack, "A");
        new WorkersScript(stack, "Script", {
          accountId: ACCOUNT,
          scriptName: "theirs",
          content: "export default {};",
          ...(compatibilityDate !== undefined && { compatibilityDate }),
        });
      });

    expect(define()).toEqual([
      "dev/Script: WORKER_OLD_DATE: compatibility date is unset: requests that share a promise can hang forever before 2024-10-14",
    ]);
    expect(define("2026-01-01")).toEqual([]);
  });

  it("WORKER_OLD_DATE looks at gradual rollouts, too", () => {
    const define = (compatibilityDate: string) =>
      warningsWith((stack) => {
        reachable(stack, { compatibilityDate, rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) });
      });

    expect(define("2024-10-13")).toEqual([
      "dev/Api/Version-v1: WORKER_OLD_DATE: compatibility date is '2024-10-13': " +
        "requests that share a promise can hang forever before 2024-10-14",
    ]);
    expect(define("2024-10-14")).toEqual([]);
  });

  it("KV_NO_TTL and KV_COUNTER go by the purpose where there is one", () => {
    const define = (purpose: string) => warningsOfSet({ namespaces: { CACHE: { purpose } } });

    expect(define("session")).toEqual([
      "shop-dev/CACHE: KV_NO_TTL: 'session' looks like it holds entries that should expire, but has no ttlSeconds",
    ]);
    expect(define("hits")).toHaveLength(1);
    expect(define("texts")).toEqual([]);
    expect(warningsOfSet({ namespaces: { SESSIONS: {} } })).toEqual([
      "shop-dev/SESSIONS: KV_NO_TTL: 'sessions' looks like it holds entries that should expire, but has no ttlSeconds",
    ]);
  });

  it("KV_NO_DESCRIPTION is for protected environments", () => {
    expect(warningsOfSet({}, {}, "prod")).toEqual([
      "shop-prod/KV: KV_NO_DESCRIPTION: namespace 'shop-prod' of a protected environment has no description",
    ]);
    expect(warningsOfSet({}, { namespaces: { KV: { description: "Texts" } } }, "prod")).toEqual([]);
    expect(warningsOfSet({}, { protect: false }, "prod")).toEqual([]);
    expect(warningsOfSet({}, { protect: true }, "dev")).toHaveLength(1);
  });

  it.each([
    ["dev", "shop-production", "production"],
    ["staging", "shop.prod", "prod"],
    ["prod", "shop-dev", "dev"],
  ])("KV_NAME_ENVIRONMENT is for a name in '%s' that reads like another's: %s", (name, namespaceName, word) => {
    const environment = { protect: false, namespaces: { KV: { namespaceName } } };

    expect(warningsOfSet({}, environment, name)).toEqual([
      `shop-${name}/KV: KV_NAME_ENVIRONMENT: namespace '${namespaceName}' of environment '${name}' looks like one of '${word}'`,
    ]);
  });

  it.each([
    ["dev", "shop-development"],
    ["prod", "shop-production"],
    ["prod-eu", "shop-prod"],
    ["qa", "shop-constructor-qa"],
    ["qa", "products-devices"],
  ])("KV_NAME_ENVIRONMENT is not for a name in '%s' like %s", (name, namespaceName) => {
    expect(warningsOfSet({}, { protect: false, namespaces: { KV: { namespaceName } } }, name)).toEqual([]);
  });

  it("KV_NAME_ENVIRONMENT lets an app be called like an environment", () => {
    expect(warningsOfSet({ app: "test" })).toEqual([]);
  });

  it("KV_OTHER_ENVIRONMENT is for a Worker of one environment with a namespace of another", () => {
    const define = (app: string) => {
      const root = testApp();
      const set = new EnvironmentSet(root, "set", {
        app: "shop",
        accountId: ACCOUNT,
        namespaces: { KV: {} },
        environments: { dev: {}, preview: {} },
      });
      new EnvironmentSet(root, "other", {
        app,
        accountId: ACCOUNT,
        namespaces: {},
        worker: { code: CODE, workersDev: true, kv: { TEXTS: set.environment("preview").namespace("KV") } },
        environments: { "dev-2": {} },
      });
      return warningsOf(root);
    };

    expect(define("shop")).toEqual([
      "shop-dev-2/Worker: KV_OTHER_ENVIRONMENT: 'TEXTS' is a namespace of environment 'preview', the Worker is of 'dev-2'",
    ]);
    expect(define("blog")).toEqual([]);
  });

  it("KV_UNBOUND knows a namespace that a Worker of another stack is bound to", () => {
    const stack = testStack();
    const shared = namespaceOf(stack, "Shared");
    const bound = namespaceOf(stack, "Bound");
    reachable(stack, { kv: { BOUND: bound } });
    reachable(stackBeside(stack, "other"), { kv: { SHARED: shared }, workerName: "other" });

    expect(warningsOf(App.of(stack))).toEqual([]);
  });

  it("KV_TOO_MANY counts the namespaces of an account over the whole app", () => {
    const define = (count: number) => {
      const stack = testStack();
      for (let index = 0; index < count; index++) {
        new KvNamespace(stack, `N${index}`, { accountId: ACCOUNT, namespaceName: `n${index}` });
      }
      return warningsOf(App.of(stack));
    };

    expect(define(1000)).toEqual([]);
    expect(define(1001)).toHaveLength(1001);
    expect(define(1001)[0]).toBe("dev/N0: KV_TOO_MANY: an account can hold 1000 namespaces, this app defines 1001");
  });

  it.each([
    ["5.14.0", true],
    ["5.15.0", true],
    [">= 5.15.0, < 6.0.0", true],
    ["~> 5.14", true],
    ["~> 5.0", true],
    [">= 5", true],
    ["< 6.0.0", true],
    ["~> 4.40", true],
    ["!= 5.17.0", true],
    ["5.16.0", false],
    ["~> 5.16", false],
    ["~> 5.22.0", false],
    [">= 5.0.0, >= 5.19.0", false],
    ["> 5.16.0", false],
    ["6.0.0", false],
  ])("PROVIDER_TOO_OLD is for '%s': %s", (version, isOld) => {
    const warnings = warningsWith((stack) => {
      namespaceOf(stack, "A");
      stack.addOverride(VERSION_PATH, version);
    });

    expect(warnings).toEqual(
      isOld
        ? [
            `dev: PROVIDER_TOO_OLD: provider '${version}' allows versions before 5.16.0, ` +
              "which break keys such as 'a/b': require '>= 5.16.0, < 6.0.0'",
          ]
        : [],
    );
  });
});

describe("checks", () => {
  const broken = (stack: TerraformStack) => {
    namespaceOf(stack, "Sessions");
    reachable(stack, { compatibilityDate: "2024-01-01" });
  };

  it("are warnings without traces, so that no path of this machine is in the assembly", () => {
    const stack = testStack();
    broken(stack);
    const manifest = manifestOf(App.of(stack));

    expect(manifest).toContain("KV_NO_TTL");
    expect(manifest).not.toContain(process.cwd());
    expect(manifest).not.toContain(App.of(stack).outdir);
    expect(manifest).not.toMatch(/stacktrace":\s*\[/);
    expect((JSON.parse(manifest) as { stacks: { dev: { annotations: Annotation[] } } }).stacks.dev.annotations).toEqual(
      expect.arrayContaining([expect.objectContaining({ level: "@cdktf/warn" })]),
    );
  });

  it("say once what they find, however often the app is synthesized", () => {
    const stack = testStack();
    broken(stack);
    const app = App.of(stack);
    const first = warningsOf(app);

    expect(first).toHaveLength(3);
    expect(warningsOf(app)).toEqual(first);
  });

  it("leave stacks alone that do not use this library", () => {
    const stack = testStack();
    new WorkersKvNamespace(stack, "Sessions", { accountId: ACCOUNT, title: "sessions" });
    new WorkersScript(stack, "Script", { accountId: ACCOUNT, scriptName: "theirs", content: "export default {};" });

    expect(warningsOf(App.of(stack))).toEqual([]);
  });
});
