import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { KvNamespace, WorkerCode, WorkerWithKvBindings } from "cdktf-cloudflare-kv";

const app = new App();
const stack = new TerraformStack(app, "shop");
new CloudflareProvider(stack, "cloudflare");
new WorkerWithKvBindings(stack, "Shop", {
  workerName: "shop",
  code: WorkerCode.fromEntry("worker.ts"),
  compatibilityDate: "2026-01-15",
  kv: { CARTS: new KvNamespace(stack, "Carts", { namespaceName: "shop-carts" }) },
  vars: { CURRENCY: "EUR" },
  secrets: ["API_KEY"],
});
app.synth();
