import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import type { IKvNamespace } from "../../src/constructs/kv-namespace-props.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { expectFitsProvider, readable, synthToJson, testStack } from "../support/synth.js";
import {
  ACCOUNT,
  bindingsOf,
  namespaceOf,
  OTHER_ACCOUNT,
  problemsOf,
  stackBeside,
  untyped,
  workerOf,
} from "./samples.js";

const GRADUAL = { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) };
const ID = "0f2ac74b498b48028cb68387c421e279";

describe("a namespace known by its id", () => {
  it("defines nothing, and is bound and recorded like others", () => {
    const stack = testStack();
    const shared = KvNamespace.fromNamespaceId(stack, "Shared", ID, { ttlSeconds: 60, description: "all ${teams}" });
    workerOf(stack, { kv: { SHARED: shared } });
    const json = synthToJson(stack);

    expect(Object.keys(json.resource ?? {})).toEqual(["cloudflare_workers_script"]);
    expect(json.data).toBeUndefined();
    expect(json["//"]).toMatchObject({
      cfkv: { namespaces: { [ID]: { ttlSeconds: 60, description: "all $${teams}" } } },
    });
    expect(bindingsOf(json)).toEqual({
      KV_DEFAULTS: {
        name: "KV_DEFAULTS",
        type: "plain_text",
        text: '{"SHARED":{"ttlSeconds":60,"description":"all $${teams}"}}',
      },
      SHARED: { name: "SHARED", type: "kv_namespace", namespace_id: ID },
    });
    expectFitsProvider(json);
  });

  it("may be another resource's, by a reference", () => {
    const stack = testStack();
    const variable = new TerraformVariable(stack, "id", { type: "string" });
    const shared = KvNamespace.fromNamespaceId(stack, "Shared", variable.stringValue, { ttlSeconds: 60 });
    workerOf(stack, { kv: { SHARED: shared } });

    expect(bindingsOf(stack)["SHARED"]?.["namespace_id"]).toBe("${var.id}");
    expect(bindingsOf(stack)["KV_DEFAULTS"]?.["text"]).toBe('{"SHARED":{"ttlSeconds":60}}');
    expectFitsProvider(stack);
  });

  it("belongs to any account unless one is named", () => {
    const stack = testStack();
    const any = KvNamespace.fromNamespaceId(stack, "Any", ID);
    const other = KvNamespace.fromNamespaceId(stack, "Other", ID, { accountId: OTHER_ACCOUNT });

    expect(() => workerOf(stack, { kv: { ANY: any } })).not.toThrow();
    expect(problemsOf(() => workerOf(stack, { workerName: "other", kv: { OTHER: other } }, "Second"))).toEqual([
      `namespace 'dev/Other' bound as 'OTHER' belongs to account ${OTHER_ACCOUNT}, the Worker to ${ACCOUNT}`,
    ]);
  });

  it("is refused with every broken rule", () => {
    const options = { accountId: "x", ttlSeconds: 59, description: "y".repeat(257) };

    expect(() => KvNamespace.fromNamespaceId(testStack(), "Shared", "ABC", options)).toThrow(
      [
        "ExternalKvNamespace at 'dev/Shared':",
        "  - namespaceId must be 32 lower-case hexadecimal digits, got 'ABC'",
        "  - accountId must be 32 lower-case hexadecimal digits, got 'x'",
        "  - ttlSeconds must be 0 or at least 60 seconds, got 59",
        "  - description must have at most 256 characters, got 257",
      ].join("\n"),
    );
  });

  it.each<[string, unknown, unknown, string]>([
    ["a number as id", 7, {}, "namespaceId must be a string, got 7"],
    ["no id", undefined, {}, "namespaceId is required"],
    ["null as options", ID, null, "fromNamespaceId must be an object, got null"],
    [
      "a misspelt option",
      ID,
      { ttlSecond: 60 },
      "fromNamespaceId has no field 'ttlSecond' (did you mean 'ttlSeconds'?)",
    ],
    ["a TTL as text", ID, { ttlSeconds: "60" }, "ttlSeconds must be a number, got a string"],
  ])("is refused with %s", (_, id, options, problem) => {
    expect(problemsOf(() => KvNamespace.fromNamespaceId(testStack(), "S", untyped(id), untyped(options)))).toEqual([
      problem,
    ]);
  });
});

describe("a namespace known by its name", () => {
  it("is looked up on every plan, which fails unless one has the name", () => {
    const stack = testStack();
    const texts = KvNamespace.fromNamespaceName(stack, "Texts", "website-texts", {
      accountId: ACCOUNT,
      ttlSeconds: 3600,
    });
    workerOf(stack, { kv: { TEXTS: texts } });
    const { data, locals, "//": notes } = readable(synthToJson(stack)) as unknown as Record<string, unknown>;

    expect({ "//": notes, data, locals }).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "namespaces": {
             "Texts_Lookup_C444085F": {
               "namespaceName": "website-texts",
               "ttlSeconds": 3600,
             },
           },
           "version": 1,
           "workers": {
             "Api_F70053CD": {},
           },
         },
       },
       "data": {
         "cloudflare_workers_kv_namespaces": {
           "Texts_Lookup_C444085F": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "lifecycle": {
               "postcondition": [
                 {
                   "condition": "\${length([for namespace in self.result : namespace.id if namespace.title == "website-texts"]) == 1}",
                   "error_message": "exactly one namespace of the account must be named website-texts",
                 },
               ],
             },
             "max_items": 1000,
           },
         },
       },
       "locals": {
         "Texts_Id_19433278": "\${one([for namespace in data.cloudflare_workers_kv_namespaces.Texts_Lookup_C444085F.result : namespace.id if namespace.title == "website-texts"])}",
       },
     }
    `);
    expect(bindingsOf(stack)["TEXTS"]?.["namespace_id"]).toBe("${local.Texts_Id_19433278}");
    expectFitsProvider(stack);
  });

  it("may have a name that reads like a template, or that has quotes", () => {
    const stack = testStack();
    KvNamespace.fromNamespaceName(stack, "Texts", 'a "${b}" %{c}', { accountId: ACCOUNT });
    const json = synthToJson(stack);
    const [lookup] = Object.values(json.data?.["cloudflare_workers_kv_namespaces"] ?? {});

    expect(lookup?.["lifecycle"]).toEqual({
      postcondition: [
        {
          condition:
            '${length([for namespace in self.result : namespace.id if namespace.title == "a \\"$${b}\\" %%{c}"]) == 1}',
          error_message: 'exactly one namespace of the account must be named a "$${b}" %%{c}',
        },
      ],
    });
    expectFitsProvider(json);
  });

  it("may be bound in another stack", () => {
    const stack = testStack();
    const texts = KvNamespace.fromNamespaceName(stack, "Texts", "website-texts", { accountId: ACCOUNT });
    const reader = stackBeside(stack, "reader");
    workerOf(reader, { kv: { TEXTS: texts } });
    const json = synthToJson(reader);
    const reference = bindingsOf(json)["TEXTS"]?.["namespace_id"];
    const [, output = ""] = /outputs\.([\w-]+)\}$/.exec(String(reference)) ?? [];

    expect(reference).toMatch(/^\$\{data\.terraform_remote_state\.cross-stack-reference-input-dev\.outputs\./);
    expect(synthToJson(stack).output?.[output]).toEqual({ sensitive: true, value: "${local.Texts_Id_19433278}" });
    expectFitsProvider(json);
  });

  it("needs an account to look in", () => {
    expect(() => KvNamespace.fromNamespaceName(testStack(), "Texts", " ")).toThrow(
      [
        "LookedUpKvNamespace at 'dev/Texts':",
        "  - accountId is required: pass it, or set the environment variable CLOUDFLARE_ACCOUNT_ID when synthesizing",
        "  - namespaceName must not be empty",
      ].join("\n"),
    );
  });
});

describe("a namespace of another stack", () => {
  it("may have an id that is a new reference each time it is read", () => {
    const stack = testStack();
    const resource = new WorkersKvNamespace(stack, "Carts", { accountId: ACCOUNT, title: "carts" });
    class Carts extends Construct implements IKvNamespace {
      readonly ttlSeconds = 0;
      get namespaceId(): string {
        return resource.id;
      }
    }
    const reader = stackBeside(stack, "reader");
    workerOf(reader, { kv: { CARTS: new Carts(stack, "CartsRef") } });

    expectFitsProvider(reader);
  });

  it.each(["all at once", "gradually"] as const)("is bound by a reference to the other's state, %s", (mode) => {
    const stack = testStack();
    const sessions = namespaceOf(stack, "Sessions", { ttlSeconds: 60 });
    const reader = stackBeside(stack, "reader");
    workerOf(reader, { kv: { SESSIONS: sessions }, ...(mode === "gradually" && GRADUAL) });
    const json = synthToJson(reader);
    const type = mode === "gradually" ? "cloudflare_worker_version" : "cloudflare_workers_script";

    expect(bindingsOf(json, type)["SESSIONS"]?.["namespace_id"]).toBe(
      "${data.terraform_remote_state.cross-stack-reference-input-dev.outputs." +
        "cross-stack-output-cloudflare_workers_kv_namespaceSessions_8896A56Did}",
    );
    expect(Object.keys(json.resource ?? {})).not.toContain("cloudflare_workers_kv_namespace");
    expectFitsProvider(json);
    expectFitsProvider(stack);
  });
});
