import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { KvNamespace, WorkerCode, WorkerWithKvBindings } from "cdktf-cloudflare-kv";
import type { Construct } from "constructs";

/** Somebody's stack: a database and a namespace defined by hand, a second provider for an archive account. */
class ShopStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const accountId = process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "0".repeat(32);
    const archiveAccountId = process.env["ARCHIVE_ACCOUNT_ID"] ?? accountId;
    new CloudflareProvider(this, "cloudflare");
    const archive = new CloudflareProvider(this, "archive", { alias: "archive" });

    const orders = new D1Database(this, "orders", {
      accountId,
      name: "shop-orders",
      readReplication: { mode: "disabled" },
    });
    const texts = new WorkersKvNamespace(this, "texts", { accountId, title: "shop-texts" });
    new WorkersKvNamespace(this, "backup", {
      accountId: archiveAccountId,
      title: "shop-carts-backup",
      provider: archive,
    });

    // What this library adds to it.
    const carts = new KvNamespace(this, "Carts", { accountId, namespaceName: "shop-carts", ttlSeconds: 7 * 86_400 });
    const api = new WorkerWithKvBindings(this, "Api", {
      accountId,
      workerName: "shop-api",
      code: WorkerCode.fromEntry("worker.ts"),
      kv: { CARTS: carts, TEXTS: KvNamespace.fromNamespaceId(this, "Texts", texts.id) },
      d1: { ORDERS: { databaseId: orders.id } },
      vars: { SHOP: { name: "Example", currency: "EUR" } },
      secrets: ["PAYMENT_KEY"],
    });
    new TerraformOutput(this, "carts_id", { value: carts.namespaceId });
    new TerraformOutput(this, "api", { value: api.workerName });
  }
}

const app = new App();
new ShopStack(app, "shop");
app.synth();
