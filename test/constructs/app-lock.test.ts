import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { StackRecord } from "../../src/constructs/stack-record.js";
import {
  CodedError,
  EnvironmentSet,
  type EnvironmentSetProps,
  KvNamespace,
  WorkerCode,
  WorkerWithKvBindings,
} from "../../src/index.js";
import { LOCK_FILE } from "../../src/lock/index.js";
import { outsideCi } from "../support/outside-ci.js";
import { tempDirs } from "../support/temp-dir.js";
import { ACCOUNT as accountId } from "./samples.js";

const { path } = tempDirs();
let said = "";
const code = WorkerCode.fromInline("export default {};");

outsideCi();
beforeEach(() => {
  said = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

function app(): App {
  return new App({ outdir: path("out"), context: { lock: path(LOCK_FILE) } });
}

/** Synthesizes a set of an unprotected and a protected environment. */
function synth(props: Partial<EnvironmentSetProps>): void {
  const one = app();
  new EnvironmentSet(one, "shop", {
    app: "shop",
    accountId,
    namespaces: { SESSIONS: { purpose: "session" }, CACHE: { purpose: "cache" } },
    environments: { dev: { developers: ["ada"] }, prod: {} },
    ...props,
  });
  one.synth();
}

function synthStack(define: (stack: TerraformStack) => unknown): void {
  const one = app();
  const stack = new TerraformStack(one, "api");
  new CloudflareProvider(stack, "cloudflare");
  define(stack);
  one.synth();
}

function codeOf(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error instanceof CodedError ? error.code : error;
  }
  return undefined;
}

interface StackJson {
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string; readonly lifecycle: object }[];
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function json(stack = "shop-prod"): StackJson {
  return JSON.parse(readFileSync(path("out/stacks", stack, "cdk.tf.json"), "utf8")) as StackJson;
}

const lockText = (): string => readFileSync(path(LOCK_FILE), "utf8");
const lock = () => JSON.parse(lockText()) as { stacks: Record<string, Record<string, Record<string, unknown>>> };
const warnings = (): string => readFileSync(path("out/manifest.json"), "utf8");

describe("the lock of an app", () => {
  it("is written by the first synthesis, which says so, and holds protected stacks alone", () => {
    synth({});

    expect(Object.keys(lock().stacks)).toEqual(["shop-prod"]);
    expect(Object.keys(lock().stacks["shop-prod"]?.["namespaces"] ?? {})).toEqual([
      "shop-cache-prod",
      "shop-session-prod",
    ]);
    expect(said).toContain("commit it");
    expect(lockText()).not.toContain(accountId);
  });

  it("is left alone when it fits, and gives the same bytes", () => {
    synth({});
    const { mtimeMs, ino } = statSync(path(LOCK_FILE));
    const text = readFileSync(path("out/stacks/shop-prod/cdk.tf.json"), "utf8");
    synth({});

    expect(statSync(path(LOCK_FILE))).toMatchObject({ mtimeMs, ino });
    expect(readFileSync(path("out/stacks/shop-prod/cdk.tf.json"), "utf8")).toBe(text);
  });

  it("moves a namespace whose binding was renamed, now and from then on", () => {
    synth({});
    const namespaces = { AUTH: { purpose: "session" }, CACHE: { purpose: "cache" } };
    synth({ namespaces });
    const { moved } = json();
    synth({ namespaces });

    expect(JSON.stringify(moved)).toMatch(/^\[\{"from":"[^"]+\.SESSIONS_\w+","to":"[^"]+\.AUTH_\w+"\}\]$/);
    expect(json().moved).toEqual(moved);
  });

  it("refuses a protected name that is gone, with the three lines to write, and changes nothing", () => {
    synth({});
    const text = lockText();

    expect(codeOf(() => synth({ namespaces: { CACHE: { purpose: "cache" } } }))).toBe("PROTECTED_GONE");
    for (const line of ['renamedFrom: "SESSIONS"', 'retired: ["SESSIONS"]', 'deleted: ["SESSIONS"]']) {
      expect(() => synth({ namespaces: { CACHE: { purpose: "cache" } } })).toThrow(line);
    }
    expect(lockText()).toBe(text);
  });

  it("does what each of the three lines says", () => {
    const fresh = (props: Partial<EnvironmentSetProps>): StackJson => {
      synth({ retired: [], namespaces: { SESSIONS: { purpose: "session" }, CACHE: { purpose: "cache" } } });
      synth(props);
      return json();
    };
    const renamed = fresh({ namespaces: { AUTH: { renamedFrom: "SESSIONS" }, CACHE: { purpose: "cache" } } });
    expect(renamed.moved).toHaveLength(1);
    expect(JSON.stringify(renamed.resource)).toContain('"title":"shop-auth-prod"');

    writeFileSync(path(LOCK_FILE), JSON.stringify({ version: 1, stacks: {} }));
    const retired = fresh({ namespaces: { CACHE: { purpose: "cache" } }, retired: ["SESSIONS"] });
    expect(JSON.stringify(retired.removed)).toMatch(
      /^\[\{"from":"[^"]+\.SESSIONS_\w+","lifecycle":\{"destroy":false\}\}\]$/,
    );

    writeFileSync(path(LOCK_FILE), JSON.stringify({ version: 1, stacks: {} }));
    const deleted = fresh({ namespaces: { CACHE: { purpose: "cache" } }, deleted: ["SESSIONS"] });
    expect([deleted.moved, deleted.removed]).toEqual([undefined, undefined]);
    const { namespaces, deleted: left } = lock().stacks["shop-prod"] ?? {};
    expect([Object.keys(namespaces ?? {}), Object.values(left ?? {})]).toEqual([
      ["shop-cache-prod"],
      ["shop-session-prod"],
    ]);
  });

  it("gives a namespace that takes a retired one's binding an address of its own, and keeps it there", () => {
    synth({});
    const props = {
      namespaces: { SESSIONS: { purpose: "new" }, CACHE: { purpose: "cache" } },
      retired: ["shop-session-prod"],
    };
    synth(props);
    const { removed, resource } = json();
    const [retired = ""] = (removed ?? []).map(({ from }) => from.split(".")[1] ?? "");

    expect(Object.keys(resource["cloudflare_workers_kv_namespace"] ?? {})).not.toContain(retired);
    synth(props);
    expect(json()).toMatchObject({ removed, resource });
    synth({ namespaces: props.namespaces });
    expect(json()).toMatchObject({ removed, resource });
  });

  it("moves a Worker whose construct has another id, with all that leads to it", () => {
    const define = (id: string) => (stack: TerraformStack) =>
      new WorkerWithKvBindings(stack, id, {
        workerName: "api",
        accountId,
        code,
        crons: ["0 * * * *"],
        routes: [{ pattern: "example.com/*", zoneId: accountId }],
        d1: { DB: { databaseName: "orders" } },
      });
    synthStack(define("Api"));
    synthStack(define("Gateway"));

    expect(json("api").moved?.map(({ from }) => from.split(".")[0])).toEqual([
      "cloudflare_d1_database",
      "cloudflare_workers_cron_trigger",
      "cloudflare_workers_route",
      "cloudflare_workers_script",
    ]);
  });

  it("knows a stack that is moved below another construct, as its state stays", () => {
    synthStack((stack) => new KvNamespace(stack, "Cache", { namespaceName: "cache", accountId }));
    const nested = (define: (stack: TerraformStack) => unknown): void => {
      const one = app();
      const stack = new TerraformStack(new Construct(one, "Group"), "api");
      new CloudflareProvider(stack, "cloudflare");
      define(stack);
      one.synth();
    };

    expect(codeOf(() => nested((stack) => StackRecord.of(stack)))).toBe("PROTECTED_GONE");
    nested((stack) => new KvNamespace(stack, "Pages", { namespaceName: "cache", accountId }));
    expect(json("api").moved).toHaveLength(1);
    expect(warnings()).not.toContain("STACK_GONE");
    expect(Object.keys(lock().stacks)).toEqual(["api"]);
  });

  it("moves by renamedFrom in what it does not record, as a developer's copy", () => {
    synth({});
    synth({ namespaces: { AUTH: { purpose: "session", renamedFrom: "SESSIONS" }, CACHE: { purpose: "cache" } } });

    expect(json("shop-dev-ada").moved).toHaveLength(1);
    expect(json("shop-dev-ada").moved).toEqual(json("shop-prod").moved);
  });

  it("protects a single namespace of an unprotected environment that asks for it", () => {
    synth({ environments: { test: { protect: false, namespaces: { CACHE: { preventDestroy: true } } } } });

    expect(Object.keys(lock().stacks["shop-test"]?.["namespaces"] ?? {})).toEqual(["shop-cache-test"]);
  });

  it("warns of a stack that is gone, names what is left, and forgets it when it is retired", () => {
    synth({ environments: { staging: {}, prod: {} } });
    synth({ environments: { prod: {} } });
    expect(warnings()).toContain("STACK_GONE: the stack 'shop-staging' is gone");
    expect(warnings()).toContain("namespace 'shop-session-staging'");

    synth({ environments: { prod: {} }, retired: ["staging"] });
    expect(warnings()).not.toContain("STACK_GONE");
    expect(Object.keys(lock().stacks)).toEqual(["shop-prod"]);
  });

  it("is not written in CI, which warns instead, but still refuses", () => {
    process.env["CI"] = "true";
    synth({});
    expect(existsSync(path(LOCK_FILE))).toBe(false);
    expect(warnings()).toContain("LOCK_OUTDATED: there is no ");

    delete process.env["CI"];
    synth({});
    process.env["CI"] = "1";
    expect(codeOf(() => synth({ namespaces: { CACHE: { purpose: "cache" } } }))).toBe("PROTECTED_GONE");
    const text = lockText();
    synth({ namespaces: { AUTH: { purpose: "session" }, CACHE: { purpose: "cache" } } });
    expect(json().moved).toHaveLength(1);
    expect(warnings()).toContain("does not match what is defined now");
    expect(lockText()).toBe(text);
  });

  it("does not hold cfkv dev up, which writes nothing that would delete", () => {
    synth({});
    const text = lockText();
    process.env["CFKV_DEV"] = "1";
    synth({ namespaces: { CACHE: { purpose: "cache" } } });

    expect(json().removed).toHaveLength(1);
    expect(warnings()).toContain("PROTECTED_GONE");
    expect(lockText()).toBe(text);
  });

  it("refuses a damaged file and leaves it as it is", () => {
    writeFileSync(path(LOCK_FILE), "{");

    expect(codeOf(() => synth({}))).toBe("LOCK_BROKEN");
    expect(lockText()).toBe("{");
  });

  it("is off when the context says so", () => {
    const one = new App({ outdir: path("out"), context: { lock: false } });
    const stack = new TerraformStack(one, "api");
    new CloudflareProvider(stack, "cloudflare");
    new KvNamespace(stack, "Cache", { namespaceName: "cache", accountId });
    one.synth();

    expect(existsSync(path(LOCK_FILE))).toBe(false);
  });

  it("lets a stack's last namespace go by KvNamespace.leaving", () => {
    synthStack((stack) => new KvNamespace(stack, "Cache", { namespaceName: "cache", accountId }));
    synthStack((stack) => KvNamespace.leaving(stack, { retired: ["cache"] }));

    expect(json("api").removed).toHaveLength(1);
  });
});
