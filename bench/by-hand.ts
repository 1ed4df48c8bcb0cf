import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace/index.js";
import { WorkersScript } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { AssetType, TerraformAsset, TerraformOutput, type TerraformStack } from "cdktf";
import { COMPATIBILITY_DATE } from "../src/constructs/defaults.js";

/** The code of every Worker here. */
export const SOURCE = "export default { fetch: () => new Response() };\n";
export const ACCOUNT = "0123456789abcdef0123456789abcdef";
/** Namespaces that one Worker is bound to. */
export const BOUND = 10;

const file = join(mkdtempSync(join(tmpdir(), "bench-")), "index.js");
writeFileSync(file, SOURCE);
const sha256 = createHash("sha256").update(SOURCE).digest("hex");

/** What {@link WorkerWithKvBindings} and {@link KvNamespace} define, written with the provider's own classes. */
export function defineByHand(stack: TerraformStack, count: number): void {
  const namespaces = Array.from({ length: count }, (_, index) => {
    return new WorkersKvNamespace(stack, `Namespace${index}`, {
      accountId: ACCOUNT,
      title: `shop-${index}`,
      lifecycle: { createBeforeDestroy: true, preventDestroy: true },
    });
  });
  for (let first = 0; first < count; first += BOUND) {
    const bound = namespaces.slice(first, first + BOUND);
    const code = new TerraformAsset(stack, `Code${first}`, { path: file, type: AssetType.FILE, assetHash: sha256 });
    const defaults = Object.fromEntries(bound.map((_, index) => [`KV${index}`, { ttlSeconds: 3600 }]));
    const worker = new WorkersScript(stack, `Worker${first}`, {
      accountId: ACCOUNT,
      scriptName: `worker-${first}`,
      contentFile: code.path,
      contentSha256: sha256,
      mainModule: "index.js",
      bindings: [
        ...bound.map(({ id }, index) => ({ name: `KV${index}`, type: "kv_namespace", namespaceId: id })),
        { name: "KV_DEFAULTS", type: "plain_text", text: JSON.stringify(defaults) },
      ],
      compatibilityDate: COMPATIBILITY_DATE,
      observability: {
        enabled: true,
        headSamplingRate: 1,
        logs: { enabled: true, headSamplingRate: 1, invocationLogs: true },
      },
      logpush: false,
    });
    new TerraformOutput(stack, `worker_name_${first}`, { value: worker.scriptName });
    new TerraformOutput(stack, `worker_urls_${first}`, { value: [] });
  }
}
