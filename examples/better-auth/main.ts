import { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

const app = new App();
new EnvironmentSet(app, "accounts", {
  app: "accounts",
  namespaces: { AUTH: { purpose: "session", description: "Sessions and rate limits of Better Auth" } },
  worker: {
    code: WorkerCode.fromEntry("worker.ts"),
    d1: { DB: { migrations: "migrations" } },
    secrets: ["AUTH_SECRET"],
    // Better Auth keeps what belongs to a request in Node.js' AsyncLocalStorage.
    compatibilityFlags: ["nodejs_compat"],
  },
  environments: { dev: {}, prod: {} },
});
app.synth();
