import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { collect, COMPAT, COMPAT_TOOLS, SET } from "../options.js";

export type ValidateOptions = OptionsOf<typeof validate>;

export const validate = (command: Command) =>
  command
    .description("validate manifests: every problem of every document, with its position")
    .argument("<paths...>", "files, folders, patterns, or - for standard input")
    .option(...SET, collect, [])
    .addOption(command.createOption(...COMPAT).choices(COMPAT_TOOLS))
    .option("--json", "print the problems as JSON");
