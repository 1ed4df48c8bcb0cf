import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { collect } from "../options.js";

export type ImportWranglerOptions = OptionsOf<typeof importWrangler>;

export const IMPORTED_FILE = "main.ts";

export const importWrangler = (command: Command) =>
  command
    .description(
      "write a configuration of wrangler as an EnvironmentSet, in TypeScript or YAML, that adopts what exists",
    )
    .argument(
      "[config]",
      "the configuration (default: wrangler.json, .jsonc or .toml, here or above, as wrangler does)",
    )
    .option("--to <file>", `the .ts or .yaml file to write, or - for stdout (default: ${IMPORTED_FILE})`)
    .option(
      "--env <name>",
      "only this environment, by wrangler's name; --env= is the top level; repeatable (default: all)",
      collect,
      [],
    )
    .option("--live", "read from Cloudflare what is not in the file: titles, secrets' names, zones, ids of addresses");
