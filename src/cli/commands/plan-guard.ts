import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, OUTPUT } from "../options.js";

export type PlanGuardOptions = OptionsOf<typeof planGuard>;

export const planGuard = (command: Command) =>
  command
    .description(
      "refuse a plan that deletes or replaces a namespace, database or Worker that is protected or holds keys and is not " +
        "listed in 'deleted'; the exit code is then 1",
    )
    .argument("<plan.json>", "the output of 'terraform show -json' or 'tofu show -json'")
    .option(
      "-s, --stack <stack>",
      "the stack of the plan (default: the one whose folder holds the file, or the only one)",
    )
    .option(...OUTPUT)
    .option(...AS_JSON);
