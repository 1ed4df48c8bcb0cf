import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { KvNamespace, WorkerCode, WorkerWithKvBindings } from "cdktf-cloudflare-kv";

const app = new App();
const stack = new TerraformStack(app, "reader");
const accountId = process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "0".repeat(32);
new CloudflareProvider(stack, "cloudflare");

// Another team's namespace, by the id they gave us: Terraform does not touch it.
const settings = KvNamespace.fromNamespaceId(stack, "Settings", "0f2ac74b498b48028cb68387c421e279");

// One that was made by hand, by its name: every plan looks its id up.
const texts = KvNamespace.fromNamespaceName(stack, "Texts", "website-texts", { accountId, ttlSeconds: 3600 });

// One that was made by wrangler and is ours from now on, with all of its keys.
const visitors = new KvNamespace(stack, "Visitors", {
  accountId,
  namespaceName: "website-visitors",
  adopt: "8a0bc1f3e7d94c6ab2f05d7e91c3b4a6",
});

new WorkerWithKvBindings(stack, "Reader", {
  accountId,
  workerName: "website-reader",
  code: WorkerCode.fromEntry("worker.ts"),
  kv: { SETTINGS: settings, TEXTS: texts, VISITORS: visitors },
});
app.synth();
