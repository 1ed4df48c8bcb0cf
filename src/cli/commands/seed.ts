import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, LOCAL, OUTPUT } from "../options.js";

export type SeedOptions = OptionsOf<typeof seed>;

export const seed = (command: Command) =>
  command
    .description("write entries into namespaces: from the seed files of a stack, or from files named here")
    .argument(
      "[stack-or-files...]",
      "a stack or an environment whose seed files are used; or files and directories (.json .ndjson .jsonl .csv .yaml)",
    )
    .option(...OUTPUT)
    .option("-s, --stack <stack>", "the stack or environment, in which --namespace is a binding")
    .option("-n, --namespace <namespace>", "binding, name or id (default: every namespace of the stack with seeds)")
    .option(...LOCAL)
    .option("--dry-run", "show what would be created, changed, deleted or left, and change nothing")
    .option("--prune", "delete keys that are not in the files, once all entries are written")
    .option("--prefix <prefix>", "prune only keys that begin with it")
    .option("--only-changes", "read first, write only entries that differ")
    .option(
      "--encoding <name>",
      "what text files are encoded in, e.g. windows-1252 (default: UTF-8, or UTF-16 by its mark)",
    )
    .option("--delimiter <character>", "what separates the cells of CSV; 'tab' for a tab (default: by the header row)")
    .option("--json-values", "store values that are not strings as JSON")
    .option("--hidden", "read files and folders of a directory whose names begin with a dot")
    .option("--skip-expired", "leave out entries whose expiration has passed")
    .option("--ttl <seconds>", "lifetime of entries that name no expiry (default: the namespace's ttlSeconds)")
    .option("--resume", "continue a run that was interrupted")
    .option("--verify", "read everything back at the end and compare")
    .option("-y, --yes", "skip all confirmation prompts")
    .option(...AS_JSON);
