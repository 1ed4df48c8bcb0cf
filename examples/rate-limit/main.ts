import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "limits", {
  app: "limits",
  namespaces: { LIMITS: { purpose: "counters", ttlSeconds: 120, description: "Who asked how often" } },
  worker: {
    code: WorkerCode.fromEntry("worker.ts"),
    rateLimits: { LOGINS: { limit: 5, period: 60 } },
  },
  environments: {
    dev: { namespaces: { LIMITS: { seed: ["seed.json"] } } },
    prod: {},
  },
});
app.synth();
