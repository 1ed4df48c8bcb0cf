import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { OUTPUT, WORKER } from "../options.js";

export type TypesOptions = OptionsOf<typeof types>;

export const TYPES_FILE = "worker-configuration.d.ts";

export const types = (command: Command) =>
  command
    .description(
      "declare the 'Env' of each Worker: its namespaces, vars, secrets and other bindings, of all environments",
    )
    .argument("[stack]", "only this stack, or this environment (default: all environments of the app)")
    .option(...OUTPUT)
    .option(...WORKER)
    .option("--out <file>", `the file to write, or - for stdout (default: ${TYPES_FILE})`)
    .option("--check", "write nothing; exit with 1 when the file is out of date");
