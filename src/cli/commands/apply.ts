import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ENGINE, OUTPUT, PARALLEL, TARGETS } from "../options.js";

export type ApplyOptions = OptionsOf<typeof apply>;

export const apply = (command: Command) =>
  command
    .description("deploy stacks: plan, show the plan in words, guard it, ask, apply that plan, print the outputs")
    .argument(...TARGETS)
    .option(...OUTPUT)
    .option(...ENGINE)
    .option("--seed", "then load the seed files of each stack")
    .option("--smoke", "finally request every address of each Worker; exits with 4 when one does not answer")
    .option(...PARALLEL)
    .option("-y, --yes", "do not ask; a plan that deletes what is protected is still refused")
    .option(...AS_JSON);
