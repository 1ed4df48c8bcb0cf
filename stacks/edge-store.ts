import type { App } from "cdktf";
import { EnvironmentSet, Rollout, WorkerCode } from "cdktf-cloudflare-kv";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Without an account everything still synthesizes and runs locally; only applying needs the real ids. */
const NO_ID = "0".repeat(32);

/**
 * The reference: a shop's edge store with sessions, a product cache, feature
 * flags and configuration, in three environments.
 */
export function edgeStore(app: App): EnvironmentSet {
  const { CLOUDFLARE_ACCOUNT_ID: accountId = NO_ID, CLOUDFLARE_ZONE_ID: zoneId = NO_ID } = process.env;
  const code = WorkerCode.fromEntry("stacks/worker/index.ts");

  return new EnvironmentSet(app, "edge-store", {
    app: "edge-store",
    accountId,
    namespaces: {
      SESSIONS: { purpose: "session", ttlSeconds: DAY, description: "Who is logged in" },
      CACHE: { ttlSeconds: HOUR, description: "Products as the catalogue last told them" },
      CONFIG: { description: "Settings of the Worker, and the API keys of its callers" },
      FLAGS: { description: "Feature flags" },
    },
    worker: { code },
    environments: {
      dev: {
        developers: ["alice", "bob"],
        namespaces: {
          CACHE: { ttlSeconds: 300 },
          CONFIG: { seed: ["stacks/seeds/config.json", "stacks/seeds/api-keys.dev.json"] },
          FLAGS: { seed: ["stacks/seeds/flags.json"] },
        },
        worker: { workersDev: true },
      },
      staging: {
        namespaces: {
          CONFIG: { seed: ["stacks/seeds/config.json"] },
          FLAGS: { seed: ["stacks/seeds/flags.json"] },
        },
        worker: { workersDev: true },
      },
      prod: {
        namespaces: { CONFIG: { seed: ["stacks/seeds/config.json"] } },
        worker: {
          // The next release: add { label: "v2", code, percentage: 10 } and keep v1's code in a built file.
          rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]),
          customDomains: [{ hostname: "store.example.com", zoneId }],
          crons: ["*/15 * * * *"],
        },
      },
    },
  });
}
