import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "notes", {
  app: "notes",
  namespaces: { STORAGE: { description: "What unstorage keeps" } },
  worker: { code: WorkerCode.fromEntry("worker.ts") },
  environments: { dev: {}, prod: {} },
});
app.synth();
