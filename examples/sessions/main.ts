import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const DAY = 86_400;

const app = new App();
new EnvironmentSet(app, "login", {
  app: "login",
  namespaces: {
    SESSIONS: { purpose: "session", ttlSeconds: DAY, description: "Who is logged in" },
    USERS: { description: "Names and hashed API keys" },
  },
  worker: { code: WorkerCode.fromEntry("worker.ts") },
  environments: {
    dev: { namespaces: { USERS: { seed: ["seed.json"] } } },
    prod: {},
  },
});
app.synth();
