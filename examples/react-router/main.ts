import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "cart", {
  app: "cart",
  namespaces: { SESSIONS: { purpose: "session", description: "Carts, by the session of their visitor" } },
  worker: { code: WorkerCode.fromEntry("worker.ts"), secrets: ["COOKIE_SECRET"] },
  environments: { dev: {}, prod: {} },
});
app.synth();
