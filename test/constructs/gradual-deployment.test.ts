import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMPATIBILITY_DATE } from "../../src/constructs/defaults.js";
import type { TerraformStack } from "cdktf";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { type Release, Rollout } from "../../src/constructs/rollout.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import type { Json } from "../support/provider-schema.js";
import { expectFitsProvider, readable, synthToJson, testStack, workingDirectoryOf } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";
import { ACCOUNT, namespaceOf, onlyResource, stackBeside, workerOf } from "./samples.js";

const VERSION = "cloudflare_worker_version";
const DEPLOYMENT = "cloudflare_workers_deployment";
const V1 = WorkerCode.fromInline("export default 1;");
const V2 = WorkerCode.fromInline("export default 2;");
const files = tempDirs();

interface Given extends Partial<Omit<WorkerWithKvBindingsProps, "kv" | "rollout">> {
  readonly releases?: readonly Release[];
  /** TTLs of the bound namespaces. */
  readonly kv?: Readonly<Record<string, number>>;
  readonly also?: (stack: TerraformStack) => void;
}

const STEADY: Release[] = [{ label: "v1", percentage: 100, code: V1 }];

function synthesize({ releases = STEADY, kv = { SESSIONS: 60 }, also, ...props }: Given = {}): Record<string, Json> {
  const stack = testStack();
  workerOf(stack, {
    ...props,
    kv: Object.fromEntries(
      Object.entries(kv).map(([name, ttlSeconds]) => [name, namespaceOf(stack, name, { ttlSeconds })]),
    ),
    rollout: Rollout.gradual(releases),
  });
  also?.(stack);
  expectFitsProvider(stack);
  const { resource = {} } = readable(synthToJson(stack));
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, body]) => [`${type}.${id.replace(/_[0-9A-F]{8}$/, "")}`, body]),
    ),
  );
}

/** What differs between two synthesized stacks: resources that came, went and changed. */
function changes(before: Record<string, Json>, after: Record<string, Json>): string[] {
  const addresses = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return addresses.flatMap((address) => {
    if (before[address] === undefined) return [`+ ${address}`];
    if (after[address] === undefined) return [`- ${address}`];
    return JSON.stringify(before[address]) === JSON.stringify(after[address]) ? [] : [`~ ${address}`];
  });
}

function tagOf(given: Given, label = "v1"): unknown {
  return (synthesize(given)[`${VERSION}.Api_Version-${label}`]?.["annotations"] as Json)["workers_tag"];
}

function moduleOf(stack: TerraformStack): string {
  const { modules } = onlyResource(synthToJson(stack), VERSION) as { modules: { content_file: string }[] };
  return readFileSync(join(workingDirectoryOf(stack), modules[0]?.content_file ?? ""), "utf8");
}

describe("a gradual rollout", () => {
  it("is a worker, a version for each label, and a deployment", () => {
    const stack = testStack();
    workerOf(stack, {
      kv: { SESSIONS: namespaceOf(stack, "Sessions"), CACHE: namespaceOf(stack, "Cache") },
      compatibilityFlags: ["nodejs_compat"],
      tailConsumers: ["tail"],
      rollout: Rollout.gradual([
        { label: "v2", percentage: 10, code: V2 },
        { label: "v1", percentage: 90, code: V1 },
      ]),
    });
    const { resource = {}, output, "//": notes } = readable(synthToJson(stack));
    const { cloudflare_workers_kv_namespace: _, ...worker } = resource;

    expect({ "//": notes, output, resource: worker }).toMatchInlineSnapshot(`
     {
       "//": {
         "cfkv": {
           "namespaces": {
             "Cache_18F6EE16": {},
             "Sessions_8896A56D": {},
           },
           "version": 1,
           "workers": {
             "Api_F70053CD": {},
           },
         },
       },
       "output": {
         "Api_worker_name_C18D8E95": {
           "value": "\${cloudflare_workers_deployment.Api_Deployment_BA294793.script_name}",
         },
         "Api_worker_urls_CE183A99": {
           "value": [],
         },
       },
       "resource": {
         "cloudflare_worker": {
           "Api_F70053CD": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "depends_on": [
               "cloudflare_workers_kv_namespace.Cache_18F6EE16",
               "cloudflare_workers_kv_namespace.Sessions_8896A56D",
             ],
             "logpush": false,
             "name": "shop-api",
             "observability": {
               "enabled": true,
               "head_sampling_rate": 1,
               "logs": {
                 "enabled": true,
                 "head_sampling_rate": 1,
                 "invocation_logs": true,
               },
             },
             "subdomain": {
               "enabled": false,
               "previews_enabled": false,
             },
             "tail_consumers": [
               {
                 "name": "tail",
               },
             ],
           },
         },
         "cloudflare_worker_version": {
           "Api_Version-v1_A7ECF526": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "annotations": {
               "workers_message": "release v1",
               "workers_tag": "0beef9020dd4c9201d1ff1ee6",
             },
             "bindings": [
               {
                 "name": "CACHE",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.Cache_18F6EE16.id}",
                 "type": "kv_namespace",
               },
               {
                 "name": "SESSIONS",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.Sessions_8896A56D.id}",
                 "type": "kv_namespace",
               },
             ],
             "compatibility_date": "2026-04-01",
             "compatibility_flags": [
               "nodejs_compat",
             ],
             "main_module": "index.js",
             "modules": [
               {
                 "content_file": "assets/Api_Code-v1_5258033B/56332e0a55734bc2b73df56a2df8635ed5c5b24b6d7a456b41de7cab9a2f3814/index.js",
                 "content_type": "application/javascript+module",
                 "name": "index.js",
               },
             ],
             "worker_id": "\${cloudflare_worker.Api_F70053CD.id}",
           },
           "Api_Version-v2_0E9AFDB1": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "annotations": {
               "workers_message": "release v2",
               "workers_tag": "bc744aa28619a323e5926ab70",
             },
             "bindings": [
               {
                 "name": "CACHE",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.Cache_18F6EE16.id}",
                 "type": "kv_namespace",
               },
               {
                 "name": "SESSIONS",
                 "namespace_id": "\${cloudflare_workers_kv_namespace.Sessions_8896A56D.id}",
                 "type": "kv_namespace",
               },
             ],
             "compatibility_date": "2026-04-01",
             "compatibility_flags": [
               "nodejs_compat",
             ],
             "main_module": "index.js",
             "modules": [
               {
                 "content_file": "assets/Api_Code-v2_912B1010/a903ba200e1d43efd9a49f4a8f57c622efb2ca72b9a00222dacd16d6ba6f3ba0/index.js",
                 "content_type": "application/javascript+module",
                 "name": "index.js",
               },
             ],
             "worker_id": "\${cloudflare_worker.Api_F70053CD.id}",
           },
         },
         "cloudflare_workers_deployment": {
           "Api_Deployment_BA294793": {
             "account_id": "0123456789abcdef0123456789abcdef",
             "annotations": {
               "workers_message": "v1 90 %, v2 10 %",
             },
             "script_name": "\${cloudflare_worker.Api_F70053CD.name}",
             "strategy": "percentage",
             "versions": [
               {
                 "percentage": 90,
                 "version_id": "\${cloudflare_worker_version.Api_Version-v1_A7ECF526.id}",
               },
               {
                 "percentage": 10,
                 "version_id": "\${cloudflare_worker_version.Api_Version-v2_0E9AFDB1.id}",
               },
             ],
           },
         },
       },
     }
    `);
    expectFitsProvider(stack);
  });

  it("may mix bindings when the risk is taken", () => {
    const stack = testStack();
    workerOf(stack, {
      kv: { SESSIONS: namespaceOf(stack, "Sessions", { ttlSeconds: 60 }) },
      vars: { Z: "1", A: "2" },
      secrets: ["KEY"],
      rollout: Rollout.gradual(STEADY, { mixedBindings: true }),
    });
    const { bindings } = onlyResource(stack, VERSION) as { bindings: { name: string }[] };

    expect(bindings.map(({ name }) => name)).toEqual(["A", "KEY", "SESSIONS", "Z"]);
    expectFitsProvider(stack);
  });
});

describe("a change of releases", () => {
  const steady = (): Record<string, Json> => synthesize();
  const shared = (share: number, ...more: Release[]): Record<string, Json> =>
    synthesize({
      releases: [
        { label: "v1", percentage: 100 - share, code: V1 },
        { label: "v2", percentage: share, code: V2 },
        ...more,
      ],
    });

  it("that adds a label makes its version and shares the traffic", () => {
    expect(changes(steady(), shared(10))).toEqual([
      "+ cloudflare_worker_version.Api_Version-v2",
      "~ cloudflare_workers_deployment.Api_Deployment",
    ]);
  });

  it("that adds a label without traffic makes its version alone", () => {
    expect(changes(steady(), shared(0))).toEqual(["+ cloudflare_worker_version.Api_Version-v2"]);
  });

  it.each([
    ["10 to 100 %", 10, 100],
    ["back to 0 %", 50, 0],
    ["10 to 50 %", 10, 50],
  ])("that takes a release from %s is a new deployment and nothing else", (_, from, to) => {
    expect(changes(shared(from), shared(to))).toEqual(["~ cloudflare_workers_deployment.Api_Deployment"]);
  });

  it("that drops a label with traffic forgets its version and deploys the other", () => {
    expect(changes(shared(10), steady())).toEqual([
      "- cloudflare_worker_version.Api_Version-v2",
      "~ cloudflare_workers_deployment.Api_Deployment",
    ]);
  });

  it("that drops a label without traffic forgets its version alone", () => {
    expect(changes(shared(0), steady())).toEqual(["- cloudflare_worker_version.Api_Version-v2"]);
    expect(changes(shared(10, { label: "v0", percentage: 0, code: V1 }), shared(10))).toEqual([
      "- cloudflare_worker_version.Api_Version-v0",
    ]);
  });

  it("of their order changes nothing", () => {
    const releases = [
      { label: "b", percentage: 30, code: V1 },
      { label: "a", percentage: 70, code: V2 },
      { label: "c", percentage: 0, code: V2 },
    ];

    expect(changes(synthesize({ releases }), synthesize({ releases: releases.toReversed() }))).toEqual([]);
  });

  it("of one release's code changes its version alone", () => {
    const [first, second] = [
      { label: "v1", percentage: 50, code: V1 },
      { label: "v2", percentage: 50, code: V1 },
    ];

    expect(
      changes(synthesize({ releases: [first, second] }), synthesize({ releases: [first, { ...second, code: V2 }] })),
    ).toEqual(["~ cloudflare_worker_version.Api_Version-v2"]);
  });
});

describe("the tag of a version", () => {
  const base = tagOf.bind(undefined, {});

  it.each<[string, Given]>([
    ["its code", { releases: [{ label: "v1", percentage: 100, code: V2 }] }],
    ["a binding that is added", { kv: { SESSIONS: 60, CACHE: 0 } }],
    ["a binding that is renamed", { kv: { SESSION: 60 } }],
    ["bindings that are all removed", { kv: {} }],
    ["a TTL, which is in the module", { kv: { SESSIONS: 120 } }],
    ["the compatibility date", { compatibilityDate: "2025-01-01" }],
    ["a compatibility flag", { compatibilityFlags: ["nodejs_compat"] }],
  ])("changes with %s", (_, given) => {
    expect(tagOf(given)).not.toBe(base());
  });

  it("changes when one of two bindings, or the last flag, is removed", () => {
    const full = { kv: { SESSIONS: 0, CACHE: 0 }, compatibilityFlags: ["a", "b"] };
    const tags = [full, { ...full, kv: { CACHE: 0 } }, { ...full, compatibilityFlags: [] }].map((given) =>
      tagOf(given),
    );

    expect(new Set(tags).size).toBe(3);
  });

  it.each<[string, Given]>([
    [
      "percentages",
      { releases: [...STEADY.map((one) => ({ ...one, percentage: 1 })), { label: "v2", percentage: 99 }] },
    ],
    ["the order of flags that are the same", { compatibilityFlags: [] }],
    ["logs", { observability: { enabled: false } }],
    ["an unbound namespace", { also: (stack) => void namespaceOf(stack, "Other") }],
    ["another Worker", { also: (stack) => void workerOf(stack, { workerName: "other" }, "Other") }],
  ])("does not change with %s", (_, given) => {
    expect(tagOf(given)).toBe(base());
  });

  it("does not follow the order of flags or bindings", () => {
    const one = { compatibilityFlags: ["a", "b"], kv: { SESSIONS: 60, CACHE: 0 } };
    const two = { compatibilityFlags: ["b", "a"], kv: { CACHE: 0, SESSIONS: 60 } };

    expect(tagOf(one)).toBe(tagOf(two));
  });

  it("is as short as Cloudflare shows it", () => {
    expect(base()).toMatch(/^[0-9a-f]{25}$/);
  });
});

describe("what a version's code knows of its namespaces", () => {
  const TEXT = "console.log(1);\nexport default {};\n";

  function moduleWith(code: WorkerCode, description = "a"): string {
    const stack = testStack();
    const sessions = namespaceOf(stack, "Sessions", { ttlSeconds: 60, description });
    workerOf(stack, { code, kv: { SESSIONS: sessions }, rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) });
    return moduleOf(stack);
  }

  it("is the first line of a bundled module, in place of a comment", () => {
    const entry = files.write("index.js", TEXT);
    const [first, second, ...rest] = moduleWith(WorkerCode.fromEntry(entry)).split("\n");

    expect(first).toBe(
      String.raw`globalThis.KV_DEFAULTS = "{\"SESSIONS\":{\"ttlSeconds\":60,\"description\":\"a\"}}";`,
    );
    expect(["// cdktf-cloudflare-kv", second, ...rest].join("\n")).toBe(
      (WorkerCode.fromEntry(entry).module({ date: COMPATIBILITY_DATE, flags: [] }) as { text: string }).text,
    );
  });

  it("is a line in front of a module that is taken as it is", () => {
    expect(moduleWith(WorkerCode.fromFile(files.write("built.js", TEXT)))).toBe(
      String.raw`globalThis.KV_DEFAULTS = "{\"SESSIONS\":{\"ttlSeconds\":60,\"description\":\"a\"}}";` + `\n${TEXT}`,
    );
  });

  it("is the text itself, which no Terraform reads", () => {
    expect(moduleWith(V1, "${a} %{b} \u2028 \"'")).toContain(
      JSON.stringify(JSON.stringify({ SESSIONS: { ttlSeconds: 60, description: "${a} %{b} \u2028 \"'" } })),
    );
  });

  it("is nothing when no namespace says anything", () => {
    const stack = testStack();
    workerOf(stack, { kv: { CONFIG: namespaceOf(stack, "Config") }, rollout: Rollout.gradual(STEADY) });

    expect(moduleOf(stack)).toBe("export default 1;");
    expect(JSON.stringify(onlyResource(stack, VERSION))).not.toContain("KV_DEFAULTS");
  });

  it("is there for namespaces bound later, too, as is the wait for them", () => {
    const stack = testStack();
    const worker = workerOf(stack, { rollout: Rollout.gradual(STEADY) });
    const before = synthToJson(stack);
    worker.bindKv("CACHE", namespaceOf(stack, "Cache", { ttlSeconds: 300 }));
    const after = synthToJson(stack);

    expect(moduleOf(stack)).toBe(
      String.raw`globalThis.KV_DEFAULTS = "{\"CACHE\":{\"ttlSeconds\":300}}";` + "\nexport default 1;",
    );
    expect(onlyResource(after, "cloudflare_worker")["depends_on"]).toEqual([
      "cloudflare_workers_kv_namespace.Cache_18F6EE16",
    ]);
    expect(onlyResource(after, VERSION)["bindings"]).toEqual([
      {
        name: "CACHE",
        type: "kv_namespace",
        namespace_id: "${cloudflare_workers_kv_namespace.Cache_18F6EE16.id}",
      },
    ]);
    expect(onlyResource(after, VERSION)["annotations"]).not.toEqual(onlyResource(before, VERSION)["annotations"]);
    expectFitsProvider(stack);
  });
});

describe("the worker of a gradual rollout", () => {
  it("is deleted before its namespaces, so that one destroy is enough", () => {
    const stack = testStack();
    const kv = { SESSIONS: namespaceOf(stack, "Sessions"), CACHE: namespaceOf(stack, "Cache") };
    workerOf(stack, { kv, rollout: Rollout.gradual(STEADY) });

    expect(onlyResource(stack, "cloudflare_worker")["depends_on"]).toEqual([
      "cloudflare_workers_kv_namespace.Cache_18F6EE16",
      "cloudflare_workers_kv_namespace.Sessions_8896A56D",
    ]);
  });

  it("waits for no namespace that its stack does not define", () => {
    const stack = testStack();
    const kv = {
      IMPORTED: KvNamespace.fromNamespaceId(stack, "Imported", ACCOUNT),
      NAMED: KvNamespace.fromNamespaceName(stack, "Named", "texts", { accountId: ACCOUNT }),
      OTHER: namespaceOf(stackBeside(stack, "other"), "Other"),
    };
    workerOf(stack, { kv, rollout: Rollout.gradual(STEADY) });

    expect(onlyResource(stack, "cloudflare_worker")["depends_on"]).toEqual([]);
    expectFitsProvider(stack);
  });

  it("deploys in the order of the labels", () => {
    const stack = testStack();
    const releases = [
      { label: "b", percentage: 90 },
      { label: "a", percentage: 10 },
    ];
    workerOf(stack, { rollout: Rollout.gradual(releases) });

    expect(onlyResource(stack, DEPLOYMENT)).toMatchObject({
      versions: [{ percentage: 10 }, { percentage: 90 }],
      annotations: { workers_message: "a 10 %, b 90 %" },
    });
  });
});
