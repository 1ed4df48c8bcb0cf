import { resolve } from "node:path";
import { cli, type CliOptions, type CliResult } from "../cli/run-cli.js";
import { accountId, kvApi } from "./kv-api-target.js";
import { tempDirs } from "./temp-dir.js";

/** An assembly with the stacks edge-store-dev-alice, edge-store-dev-bob and edge-store-prod, which is protected. */
export const ASSEMBLY = resolve("test/fixtures/assembly/edge-store");

/** The command line in a folder of its own, against a server of its own. */
export function dataCli(
  parent?: () => Promise<string>,
): ReturnType<typeof kvApi> &
  ReturnType<typeof tempDirs> & { run: (argv: readonly string[], options?: CliOptions) => Promise<CliResult> } {
  const temp = tempDirs(parent);
  const api = kvApi();
  return {
    ...temp,
    ...api,
    run: (argv, options = {}) =>
      cli(argv, {
        cwd: temp.path(),
        ...options,
        env: {
          CLOUDFLARE_API_TOKEN: "test-token",
          CLOUDFLARE_ACCOUNT_ID: accountId,
          CLOUDFLARE_BASE_URL: api.server().baseUrl,
          CDKTF_OUTDIR: ASSEMBLY,
          ...options.env,
        },
      }),
  };
}
