import type { App } from "cdktf";
import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

/** Without an account the stacks still synthesize and run locally; an apply needs the real id. */
const { CLOUDFLARE_ACCOUNT_ID: accountId = "0".repeat(32) } = process.env;

/** One stack for each environment: `my-app-dev`, `my-app-staging`, `my-app-prod`. */
export function defineStacks(app: App): EnvironmentSet {
  return new EnvironmentSet(app, "my-app", {
    app: "my-app",
    accountId,
    namespaces: {
      // namespaces
    },
    worker: { code: WorkerCode.fromEntry("worker/index.ts"), workersDev: true },
    environments: { dev: {}, staging: {}, prod: {} },
  });
}
