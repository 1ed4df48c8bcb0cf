import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, OUTPUT } from "../options.js";

export type ListOptions = OptionsOf<typeof list>;

export const list = (command: Command) =>
  command
    .description("show what was synthesized: environments, their namespaces, Workers and outputs")
    .argument("[stack]", "a stack, or an environment with all its stacks (default: all)")
    .option(...OUTPUT)
    .option(...AS_JSON);
