import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "catalogue", {
  app: "catalogue",
  namespaces: { CACHE: { ttlSeconds: 300, description: "Products as the database last told them" } },
  worker: {
    code: WorkerCode.fromEntry("worker.ts"),
    d1: { DB: { migrations: "migrations" } },
    secrets: ["ADMIN_KEY"],
  },
  environments: {
    dev: { namespaces: { CACHE: { seed: ["seed.json"] } } },
    prod: {},
  },
});
app.synth();
