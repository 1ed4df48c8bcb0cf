import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ASCII, OUTPUT, PLAN } from "../options.js";

export type ReportOptions = OptionsOf<typeof report>;

export const report = (command: Command) =>
  command
    .description("report what exists, how it is set up, and what is not done yet, namespace by namespace")
    .argument("[stack]", "a stack, or an environment with all its stacks (default: all)")
    .option("--live", "add what Cloudflare knows: ids, keys, storage, operations of 31 days")
    .option("--local", "add what the data of cfkv dev say")
    .option(
      "--list-keys",
      "with --live: list keys of each namespace, to find their patterns; a request for each 1,000 keys",
    )
    .option("--show-keys", "show keys as they are; otherwise only as patterns")
    .addOption(
      command
        .createOption("--format <format>", "text, json, md or html")
        .choices(["text", "json", "md", "html"])
        .default("text"),
    )
    .option("--out <file>", "write the report to a file")
    .addOption(
      command
        .createOption(...PLAN)
        .choices(["free", "paid"])
        .default("free"),
    )
    .option(...OUTPUT)
    .option(...ASCII)
    .option(...AS_JSON);
