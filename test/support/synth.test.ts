import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { TerraformOutput } from "cdktf";
import { expectFitsProvider, readable, resourcesOf, synthToJson, testStack, workingDirectoryOf } from "./synth.js";
import { readdirSync } from "node:fs";

function stackWithNamespace() {
  const stack = testStack();
  const namespace = new WorkersKvNamespace(stack, "Sessions", { accountId: "a", title: "shop-sessions" });
  new TerraformOutput(stack, "namespace_id", { value: namespace.id });
  stack.addOverride("//.cfkv", { version: 1 });
  return { stack, namespace };
}

describe("the synth of tests", () => {
  it("shows resources, outputs and this package's notes, and nothing of cdktf's", () => {
    const { stack } = stackWithNamespace();

    expect(readable(synthToJson(stack))).toEqual({
      "//": { cfkv: { version: 1 } },
      output: { namespace_id: { value: "${cloudflare_workers_kv_namespace.Sessions.id}" } },
      provider: { cloudflare: [{}] },
      resource: { cloudflare_workers_kv_namespace: { Sessions: { account_id: "a", title: "shop-sessions" } } },
      terraform: { required_providers: { cloudflare: { source: "cloudflare/cloudflare", version: "5.14.0" } } },
    });
    expect(resourcesOf(stack, "cloudflare_workers_kv_namespace")).toEqual({
      Sessions: { account_id: "a", title: "shop-sessions" },
    });
    expect(readdirSync(workingDirectoryOf(stack))).toEqual(["cdk.tf.json"]);
  });

  it("shows a backend of one's own", () => {
    const { stack } = stackWithNamespace();
    stack.addOverride("terraform.backend", { local: { path: "../../../terraform.dev.tfstate" } });

    expect(readable(synthToJson(stack)).terraform).toMatchObject({
      backend: { local: { path: "../../../terraform.dev.tfstate" } },
    });
  });

  it("fails when the provider would refuse the stack", () => {
    const { stack, namespace } = stackWithNamespace();
    expectFitsProvider(stack);
    namespace.addOverride("titel", "x");

    expect(() => expectFitsProvider(stack)).toThrow("cloudflare_workers_kv_namespace.Sessions: titel does not exist");
  });
});
