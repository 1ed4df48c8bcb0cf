import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON, ASCII, OUTPUT } from "../options.js";

export type EstimateOptions = OptionsOf<typeof estimate>;

export const estimate = (command: Command) =>
  command
    .description("estimate what KV costs a month, and which quota ends first")
    .argument("[stack]", "a stack, or an environment with all its stacks (default: prod, else all)")
    .option("--reads <rate>", "reads, such as 10M/month or 80/second")
    .option("--writes <rate>", "writes, in the same way; bulk writes count each key")
    .option("--deletes <rate>", "deletes, in the same way")
    .option("--lists <rate>", "lists, in the same way")
    .option("--storage <size>", "what is stored, such as 3GB")
    .option("--from-usage", "start from what Cloudflare measured in the last 31 days, of the whole account")
    .option("--budget <dollars>", "exit with 1 when the bill, Workers Paid included, is above it")
    .option(...OUTPUT)
    .option(...ASCII)
    .option(...AS_JSON)
    .addHelpText("after", "\nExample: cfkv estimate --reads 100M/month --writes 1M/month --storage 3GB");
