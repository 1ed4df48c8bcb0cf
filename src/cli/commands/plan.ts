import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ENGINE, OUTPUT, PARALLEL, TARGETS } from "../options.js";

export type PlanOptions = OptionsOf<typeof plan>;

export const plan = (command: Command) =>
  command
    .description(
      "show in words what an apply would do, and what happens to keys and traffic; exits with 1 when the plan deletes what is protected",
    )
    .argument(...TARGETS)
    .option(...OUTPUT)
    .option(...ENGINE)
    .option("--drift", "compare the state with what is deployed instead; exits with 2 when they differ")
    .addOption(command.createOption("--format <format>", "text, or md: Markdown for a comment").choices(["text", "md"]))
    .option(...PARALLEL)
    .option(...AS_JSON);
