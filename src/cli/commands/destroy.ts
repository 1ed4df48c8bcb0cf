import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ENGINE, OUTPUT, TARGETS } from "../options.js";

export type DestroyOptions = OptionsOf<typeof destroy>;

export const destroy = (command: Command) =>
  command
    .description("delete stacks with all their namespaces and keys, which are counted first; refuses what is protected")
    .argument(...TARGETS)
    .option(...OUTPUT)
    .option(...ENGINE)
    .option("--export <folder>", "first export every namespace that holds keys into this folder")
    .option("-y, --yes", "do not ask")
    .option(...AS_JSON);
