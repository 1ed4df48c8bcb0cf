import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "rollout", {
  app: "rollout",
  namespaces: { FLAGS: { description: "Feature flags" } },
  worker: { code: WorkerCode.fromEntry("worker.ts"), secrets: ["ADMIN_KEY"] },
  environments: {
    dev: { namespaces: { FLAGS: { seed: ["seed.json"] } } },
    prod: {},
  },
});
app.synth();
