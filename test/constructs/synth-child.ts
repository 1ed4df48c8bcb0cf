import { createInterface } from "node:readline";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { KvNamespace } from "../../src/index.js";

/** A process of its own that synthesizes one stack as soon as it is asked to: `<folder> <lock> <stack>`. */
const [, , folder = "", lock = "", name = ""] = process.argv;
const app = new App({ outdir: `${folder}/out-${name}`, context: { lock } });
const stack = new TerraformStack(app, name);
new CloudflareProvider(stack, "cloudflare");
new KvNamespace(stack, "Cache", { namespaceName: `${name}-cache`, accountId: "0".repeat(32) });

process.stdout.write("ready\n");
createInterface({ input: process.stdin }).once("line", () => {
  app.synth();
  process.exit(0);
});
