import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";

export type NewAppOptions = OptionsOf<typeof newApp>;

export const CORES = ["cdktf", "cdktn"] as const;

export type Core = (typeof CORES)[number];

export const newApp = (command: Command) =>
  command
    .description("create a project that runs: a Worker, its namespaces in three environments, seeds and tests")
    .argument("[name]", "the app's name, and its folder (default: this folder and its name)")
    .option("--yaml", "declare the stacks as a YAML manifest instead of TypeScript")
    .option(
      "--with <patterns>",
      "sessions, cache, flags, config, rate-limit, preferences, hono: separated by commas (default: cache)",
    )
    .addOption(
      command.createOption("--core <package>", "cdktf, or its successor cdktn (default: cdktf)").choices(CORES),
    );
