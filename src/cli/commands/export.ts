import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { LOCAL, OUTPUT, PREFIX, STACK } from "../options.js";

export type ExportOptions = OptionsOf<typeof exportEntries>;

export const exportEntries = (command: Command) =>
  command
    .description("write every entry of a namespace, with metadata and expiration, in a format that cfkv seed reads")
    .argument("<namespace>", "name or id; with --stack or --local also a binding")
    .option(...OUTPUT)
    .option(...STACK)
    .option(...LOCAL)
    .option("--to <file>", "the file to write (default: stdout)")
    .option(
      "--format <format>",
      "ndjson, json (wrangler's format) or csv (default: by the file's extension, or ndjson)",
    )
    .option(...PREFIX)
    .option("--resume", "continue an interrupted export to a file")
    .option("--json", "print what was done as JSON; needs --to");
