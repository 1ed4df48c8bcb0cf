import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ENGINE, OUTPUT } from "../options.js";

export type OutputOptions = OptionsOf<typeof output>;

export const output = (command: Command) =>
  command
    .description("print the outputs of what is deployed: all of a stack, or one of them as a bare value")
    .argument("[name]", "an output, such as namespace_id; or a stack, environment or manifest, for all of its outputs")
    .argument("[stack]", "a stack, environment or manifest (default: the only stack)")
    .option(...OUTPUT)
    .option(...ENGINE)
    .option("--env", "print lines for a shell: export NAMESPACE_ID='…'")
    .option(...AS_JSON);
