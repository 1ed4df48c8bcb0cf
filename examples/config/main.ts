import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "settings", {
  app: "settings",
  namespaces: { CONFIG: { description: "Settings that change without a deployment, and users' preferences" } },
  worker: { code: WorkerCode.fromEntry("worker.ts") },
  environments: {
    dev: { namespaces: { CONFIG: { seed: ["seed.json"] } } },
    prod: {},
  },
});
app.synth();
