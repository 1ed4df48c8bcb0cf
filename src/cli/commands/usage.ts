import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ASCII, OUTPUT, PLAN } from "../options.js";

export type UsageOptions = OptionsOf<typeof usage>;

export const usage = (command: Command) =>
  command
    .description("show what Cloudflare measured: operations, storage, latency, and shares of the quotas")
    .argument("[stack]", "a stack, or an environment with all its stacks (default: all)")
    .option("--days <count>", "how many days, today included: 1 to 31", "31")
    .option("--all", "also show namespaces of the account that no stack declares")
    .addOption(
      command
        .createOption(...PLAN)
        .choices(["free", "paid"])
        .default("free"),
    )
    .option("--fail-over <percent>", "exit with 1 when more than this share of a quota is used")
    .option(...OUTPUT)
    .option(...ASCII)
    .option(...AS_JSON)
    .addHelpText("after", "\nNeeds a token with 'Account Analytics: Read' beside 'Workers KV Storage: Read'.");
