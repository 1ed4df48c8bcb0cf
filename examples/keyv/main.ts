import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "rates", {
  app: "rates",
  namespaces: { CACHE: { description: "What Keyv keeps" } },
  worker: {
    code: WorkerCode.fromEntry("worker.ts"),
    // Keyv encodes with Node.js' Buffer.
    compatibilityFlags: ["nodejs_compat"],
  },
  environments: { dev: {}, prod: {} },
});
app.synth();
