import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { OUTPUT, WORKER } from "../options.js";

export type WranglerExportOptions = OptionsOf<typeof wranglerExport>;

export const WRANGLER_FILE = "wrangler.jsonc";

export const wranglerExport = (command: Command) =>
  command
    .description("write a Worker in all its environments as configuration of wrangler, for its dev, types and tail")
    .argument("[stack]", "a stack, or an environment, for the top level of the file (default: the environment 'dev')")
    .option(...OUTPUT)
    .option(...WORKER)
    .option("--out <file>", `the file to write, or - for stdout (default: ${WRANGLER_FILE})`)
    .option("--live", "look ids that are in no state on this machine up at Cloudflare, by name")
    .option("--check", "write nothing; exit with 1 when the file is out of date");
