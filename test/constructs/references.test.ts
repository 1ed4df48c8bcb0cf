import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import { Fn, TerraformIterator, TerraformVariable } from "cdktf";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { ValidationError } from "../../src/errors.js";
import { expectFitsProvider, resourcesOf, synthToJson, testStack } from "../support/synth.js";
import { ACCOUNT, namespaceOf, onlyResource, problemsOf, stackBeside, untyped, workerOf, ZONE } from "./samples.js";

const SCRIPT = "cloudflare_workers_script";
const GRADUAL = Rollout.gradual([{ label: "v1", percentage: 100 }]);

describe("a namespace looked up by a name with a reference", () => {
  it.each([
    ["beside text", (env: string) => `shop-"${env}`, 'shop-"${var.env}'],
    ["in a function", (env: string) => Fn.join("-", ["shop", env]), '${join("-", ["shop", var.env])}'],
  ])("is compared with a local value: %s", (_, nameOf, local) => {
    const stack = testStack();
    const env = new TerraformVariable(stack, "env", { type: "string" }).stringValue;
    KvNamespace.fromNamespaceName(stack, "Shared", nameOf(env), { accountId: ACCOUNT });
    const { locals } = synthToJson(stack) as unknown as { locals: Record<string, string> };

    const [name = "", written] = Object.entries(locals).find(([id]) => id.startsWith("Shared_Name")) ?? [];
    const [, id] = Object.entries(locals).find(([one]) => one.startsWith("Shared_Id")) ?? [];
    expect(written).toBe(local);
    expect(id).toContain(`namespace.title == local.${name}]`);
    expectFitsProvider(stack);
  });
});

describe("what others wait for", () => {
  it("is a local value with everything inside, defined when asked for", () => {
    const stack = testStack();
    const entries = [{ key: "a", value: "b" }];
    const config = namespaceOf(stack, "Config", { entries });
    const worker = workerOf(stack, { routes: [{ pattern: "shop.example.com/*", zoneId: ZONE }] });
    new D1Database(stack, "Later", { accountId: ACCOUNT, name: "later", dependsOn: [config, worker] });
    const json = synthToJson(stack) as unknown as { locals: Record<string, string[]> };

    const waits = resourcesOf(stack, "cloudflare_d1_database")["Later"]?.["depends_on"] as string[];
    expect(waits).toHaveLength(2);
    const waited = waits.flatMap((local) => json.locals[local.replace("local.", "")] ?? []);
    expect(waited.map((reference) => reference.split(".")[0])).toEqual([
      "${cloudflare_workers_kv_namespace",
      "${cloudflare_workers_kv",
      "${cloudflare_workers_script",
      "${cloudflare_workers_route",
    ]);
  });

  it("leaves a stack without dependents as it was", () => {
    const stack = testStack();
    workerOf(stack, { kv: { CONFIG: namespaceOf(stack, "Config") } });
    expect(synthToJson(stack)).not.toHaveProperty("locals");
  });
});

describe("who binds a gradual Worker", () => {
  it("waits for its deployment, in its own stack and in another", () => {
    const stack = testStack();
    const other = stackBeside(stack, "other");
    const gradual = workerOf(stack, { workerName: "g", rollout: GRADUAL }, "G");
    workerOf(stack, { services: { G: gradual.workerName } });
    workerOf(other, { services: { G: gradual.workerName }, workerName: "far" }, "Far");

    const name = "${cloudflare_workers_deployment.G_Deployment_6D8F5A0A.script_name}";
    expect(onlyResource(stack, SCRIPT)["bindings"]).toEqual([{ name: "G", service: name, type: "service" }]);
    expect(Object.values(synthToJson(stack).output ?? {}).map(({ value }) => value)).toContain(name);
  });
});

describe("the resource of a Worker", () => {
  it.each([undefined, GRADUAL])("may be given another logical id", (rollout) => {
    const stack = testStack();
    const routes = [{ pattern: "shop.example.com/*", zoneId: ZONE }];
    const worker = workerOf(stack, { routes, ...(rollout && { rollout }) });
    worker.resource.overrideLogicalId("my_worker");

    const text = JSON.stringify(synthToJson(stack).resource);
    expect(text).toContain('"my_worker":{');
    expect(text).not.toContain("Api_F70053CD");
    expectFitsProvider(stack);
  });

  it("takes overrides of a binding", () => {
    const stack = testStack();
    const worker = workerOf(stack, { services: { A: "other" }, kv: { KV: namespaceOf(stack, "Config") } });
    worker.resource.addOverride("bindings.0.entrypoint", "Admin");

    expect(onlyResource(stack, SCRIPT)["bindings"]).toMatchObject([
      { name: "A", service: "other", entrypoint: "Admin" },
      { name: "KV", type: "kv_namespace" },
    ]);
  });

  it("takes attributes of bindings that came after the bindings package, and asks for a provider that has them", () => {
    const stack = testStack();
    workerOf(stack, { bindings: [{ name: "A", type: "service", service: "other", entrypoint: "Admin" }] });
    const json = synthToJson(stack);

    expect(onlyResource(json, SCRIPT)["bindings"]).toEqual([
      { name: "A", type: "service", service: "other", entrypoint: "Admin" },
    ]);
    expect(json.terraform).toMatchObject({
      required_providers: { cloudflare: { version: ">= 5.22.0, < 6.0.0" } },
    });
  });
});

describe("a provider with an alias", () => {
  it("reaches everything inside a namespace, a Worker and a lookup", () => {
    const stack = testStack();
    const provider = new CloudflareProvider(stack, "eu", { alias: "eu" });
    const config = namespaceOf(stack, "Config", { provider, entries: [{ key: "a", value: "b" }] });
    config.addEntry({ key: "c", value: "d" });
    KvNamespace.fromNamespaceName(stack, "Shared", "shared", { accountId: ACCOUNT, provider });
    const routes = [{ pattern: "shop.example.com/*", zoneId: ZONE }];
    workerOf(stack, {
      provider,
      kv: { CONFIG: config },
      d1: { DB: { databaseName: "db" } },
      routes,
      crons: ["1 * * * *"],
    });
    const json = synthToJson(stack);

    const blocks = [...Object.values(json.resource ?? {}), ...Object.values(json.data ?? {})].flatMap(Object.values);
    expect(blocks.length).toBe(8);
    expect(new Set(blocks.map((block) => (block as { provider?: string }).provider))).toEqual(
      new Set(["cloudflare.eu"]),
    );
  });

  it("must be a provider", () => {
    expect(problemsOf(() => namespaceOf(testStack(), "A", { provider: untyped("eu") }))).toEqual([
      "provider must be a provider of the stack, such as new CloudflareProvider(this, 'eu', { alias: 'eu' }), got a string",
    ]);
  });
});

it("refuses an iterator on a bound namespace when synthesizing, with the way that works", () => {
  const stack = testStack();
  const config = namespaceOf(stack, "Config");
  workerOf(stack, { kv: { CONFIG: config } });
  config.resource.forEach = TerraformIterator.fromList(["a", "b"]);

  expect(() => synthToJson(stack)).toThrow(ValidationError);
  expect(() => synthToJson(stack)).toThrow("define a KvNamespace for each in a loop of the program");
});
