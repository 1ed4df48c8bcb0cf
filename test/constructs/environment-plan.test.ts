import { TerraformStack } from "cdktf";
import type { NameParts } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { expectFitsProvider, resourcesOf, synthToJson, testApp } from "../support/synth.js";
import {
  ACCOUNT,
  bindingsOf,
  CODE,
  namespaceOf,
  onlyResource,
  OTHER_ACCOUNT,
  stackBeside,
  untyped,
  ZONE,
} from "./samples.js";
import { define, only } from "./environment-samples.js";

const NAMESPACE = "cloudflare_workers_kv_namespace";
const SCRIPT = "cloudflare_workers_script";

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

  it("that break a rule are reported with their namespace", () => {
    expect(() => define({ naming: () => "" })).toThrow(
      "KvNamespace at 'shop-dev/SESSIONS':\n  - namespaceName must not be empty",
    );
    expect(() => define({ naming: () => untyped(7) })).toThrow(
      "KvNamespace at 'shop-dev/SESSIONS':\n  - namespaceName must be a string, got 7",
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
