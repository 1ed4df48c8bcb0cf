import { App } from "cdktf";
import { EnvironmentSet, Rollout, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "greeter", {
  app: "greeter",
  accountId: process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "0".repeat(32),
  namespaces: { TEXTS: { description: "What the greeter says" } },
  worker: {
    // v1 serves most requests from a file that stays as it is; v2 is what you work on. To promote it, set 0 and 100.
    rollout: Rollout.gradual([
      { label: "v1", code: WorkerCode.fromFile("releases/v1.js"), percentage: 90 },
      { label: "v2", code: WorkerCode.fromEntry("worker.ts"), percentage: 10 },
    ]),
  },
  environments: { prod: {} },
});
app.synth();
