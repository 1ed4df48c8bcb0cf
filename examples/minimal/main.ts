import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "hello", {
  app: "hello",
  namespaces: { GREETINGS: { ttlSeconds: 3600 } },
  worker: { code: WorkerCode.fromEntry("worker.ts") },
  environments: { dev: {}, prod: {} },
});
app.synth();
