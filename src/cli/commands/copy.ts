import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { collect, OUTPUT, PREFIX } from "../options.js";

export type CopyOptions = OptionsOf<typeof copy>;

/** The environment variable of the target's token: tokens never appear on a command line. */
export const TO_TOKEN = "CLOUDFLARE_TO_API_TOKEN";

export const copy = (command: Command) =>
  command
    .description("copy entries, with metadata and expiration, into another namespace; its other entries stay")
    .argument("<from>", "name or id; with --stack or --local also a binding")
    .argument("[to]", "the same for the target (default: the same name, in another stack)")
    .option(...OUTPUT)
    .option("-s, --stack <stack>", "the stack or environment of <from>")
    .option("--local", "read the data of cfkv dev")
    .option("--to-stack <stack>", "the stack or environment of <to>")
    .option("--to-local", "write the data of cfkv dev")
    .option("--to-account <id>", "the account of <to> (default: its stack's, or CLOUDFLARE_ACCOUNT_ID)")
    .option(...PREFIX)
    .option("--map <from=to>", "replace a prefix of keys; repeatable, the first match applies", collect)
    .option("--resume", "continue an interrupted copy")
    .option("--verify", "compare both sides at the end")
    .option("-y, --yes", "do not ask before writing into a protected environment")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", `\nIf the token cannot access the target account, set ${TO_TOKEN} to one that can.`);
