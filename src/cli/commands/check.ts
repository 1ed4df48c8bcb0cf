import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, OUTPUT } from "../options.js";

export type CheckOptions = OptionsOf<typeof check>;

export const check = (command: Command) =>
  command
    .description("run every check: of the stacks or of manifests, and with --live against Cloudflare")
    .argument("[target]", "a stack, an environment, or manifests: a file or a folder (default: all stacks)")
    .option("--live", "compare with Cloudflare: drift, strays, quotas, keys without expiry or pattern")
    .option("--strict", "exit with 1 for warnings too")
    .option("--show-keys", "show keys in messages; otherwise only how many there are")
    .option(...OUTPUT)
    .option(...AS_JSON);
