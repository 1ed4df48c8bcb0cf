import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { IMPORTED_FILE } from "./import-wrangler.js";

export type AdoptOptions = OptionsOf<typeof adopt>;

export const adopt = (command: Command) =>
  command
    .description("write an EnvironmentSet for each app of an account, grouped by names, that adopts what exists")
    .option("--account <id>", "the account (default: CLOUDFLARE_ACCOUNT_ID)")
    .option("--match <pattern>", "only names that match, with * for anything: 'shop-*'")
    .option("--to <file>", `the .ts or .yaml file to write (default: ${IMPORTED_FILE})`)
    .option("--dry-run", "show how names are grouped and what stays unmanaged, and write nothing");
