import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, LOCAL, OUTPUT } from "../options.js";

export type SeedOptions = OptionsOf<typeof seed>;

export const seed = (command: Command) =>
  command
    .description("write entries into namespaces: from the seed files of a stack, or from files named here")
    .argument(
      "[stack-or-files...]",
      "a stack or an environment whose seed files to use; or files and directories (.json .ndjson .jsonl .csv .yaml)",
    )
    .option(...OUTPUT)
    .option("-s, --stack <stack>", "the stack or environment, in which --namespace is a binding")
    .option("-n, --namespace <namespace>", "binding, name or id (default: every namespace of the stack with seeds)")
    .option(...LOCAL)
    .option("--dry-run", "show what would be created, changed, deleted or left unchanged; change nothing")
    .option("--prune", "delete keys that are not in the files, after all entries are written")
    .option("--prefix <prefix>", "prune only keys that begin with this prefix")
    .option("--only-changes", "read first, then write only entries that differ")
    .option(
      "--encoding <name>",
      "the encoding of text files, e.g. windows-1252 (default: UTF-8, or UTF-16 by its byte order mark)",
    )
    .option("--delimiter <character>", "the separator of CSV cells; 'tab' for a tab (default: by the header row)")
    .option("--json-values", "store values that are not strings as JSON")
    .option("--hidden", "include files and folders whose names begin with a dot")
    .option("--skip-expired", "leave out entries whose expiration has passed")
    .option("--ttl <seconds>", "lifetime of entries without an expiration (default: the namespace's ttlSeconds)")
    .option("--resume", "continue an interrupted run")
    .option("--verify", "read everything back at the end and compare it")
    .option("-y, --yes", "skip all confirmation prompts")
    .option(...AS_JSON);
