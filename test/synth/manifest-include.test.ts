import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import { ManifestInclude } from "../../src/synth/index.js";
import { namespaceYaml } from "../manifest/read-text.js";
import { expectFitsProvider, synthToJson, testApp } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const accountId = "0123456789abcdef0123456789abcdef";

function newStack(): TerraformStack {
  const stack = new TerraformStack(testApp(), "larger");
  new CloudflareProvider(stack, "cloudflare");
  return stack;
}

/** A Worker of the stack's own, bound to whatever the manifest brings. */
function bind(stack: TerraformStack, namespace: KvNamespace): void {
  new WorkerWithKvBindings(stack, "Api", {
    workerName: "api",
    accountId,
    code: WorkerCode.fromInline("export default {};"),
    kv: { CONFIG: namespace },
  });
}

describe("ManifestInclude", () => {
  it("makes a manifest a part of a stack, as if it had been written there", () => {
    const path = dirs.write(
      "kv.yaml",
      namespaceYaml("namespaceName: shop-config\ndescription: Settings", { metadata: "metadata: {name: config}" }),
    );
    const yaml = newStack();
    const include = new ManifestInclude(yaml, "Kv", { path, accountId });
    bind(yaml, include.namespace("config"));

    const typescript = newStack();
    const scope = new Construct(typescript, "Kv");
    bind(
      typescript,
      new KvNamespace(scope, "config", { namespaceName: "shop-config", accountId, description: "Settings" }),
    );

    expect(synthToJson(yaml)).toEqual(synthToJson(typescript));
    expectFitsProvider(yaml);
    expect(Object.keys(include.namespaces)).toEqual(["config"]);
    expect(include.worker).toBeUndefined();
  });

  it("brings a template's Worker", () => {
    dirs.write("worker.ts", "export default { fetch: () => new Response() };\n");
    const path = dirs.write(
      "t.yaml",
      "project_name: t\narchitecture_type: workers_kv\nresources:\n  - {id: w, type: cloudflare_worker, name: w, config: {main: worker.ts}}\n  - {id: k, type: cloudflare_kv, name: k, config: {binding: K}}\n",
    );
    const include = new ManifestInclude(newStack(), "Template", { path, accountId });
    expect(include.worker?.kv).toEqual({ K: include.namespace("k") });
  });

  it("takes overrides", () => {
    const path = dirs.write("kv.yaml", namespaceYaml("namespaceName: a", { metadata: "metadata: {name: a}" }));
    const include = new ManifestInclude(newStack(), "Kv", { path, accountId, set: ["spec.ttlSeconds=90"] });
    expect(include.namespace("a").ttlSeconds).toBe(90);
  });

  it("throws every problem of the manifest", () => {
    const path = dirs.write("kv.yaml", namespaceYaml("namespaceName:\nttlSeconds: 5"));
    expect(() => new ManifestInclude(newStack(), "Kv", { path })).toThrow(/MISSING_FIELD[^]*TTL_TOO_SHORT/);
  });

  it("throws what a construct has against it", () => {
    const path = dirs.write("kv.yaml", namespaceYaml("namespaceName: taken"));
    const stack = newStack();
    new KvNamespace(stack, "Other", { namespaceName: "taken", accountId });
    expect(() => new ManifestInclude(stack, "Kv", { path, accountId })).toThrow(
      /kv\.yaml:6:18 error INVALID_PROPS spec\.namespaceName: namespaceName must be unique in the account, 'taken' is taken by/,
    );
  });

  it("cannot bring stacks of its own", () => {
    const path = dirs.write(
      "set.yaml",
      "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: s}\nspec:\n  namespaces: {A: }\n  environments: {dev: }\n",
    );
    expect(() => new ManifestInclude(newStack(), "Set", { path, accountId })).toThrow(
      "an EnvironmentSet creates stacks and cannot be part of one: use loadManifests(app, …)",
    );
  });

  it("tells which namespaces there are when one is asked for that is not there", () => {
    const path = dirs.write("kv.yaml", namespaceYaml("namespaceName: a", { metadata: "metadata: {name: a}" }));
    expect(() => new ManifestInclude(newStack(), "Kv", { path, accountId }).namespace("b")).toThrow(
      "the manifest has no namespace 'b', known are 'a'",
    );
  });
});
