import { defineWorkersConfig } from "@cloudflare/vitest-pool-workers/config";
import { testOptions } from "cdktf-cloudflare-kv/local";

export default defineWorkersConfig({
  test: { poolOptions: { workers: testOptions({ vars: { API_KEY: "test-key" } }) } },
});
