import type { Command } from "@commander-js/extra-typings";
import { command, type OptionsOf } from "../command.js";
import { AS_JSON } from "../options.js";

export const DESCRIPTION = "find and remove previews that were left behind";

export type ListPreviewsOptions = OptionsOf<typeof list>;
export type PrunePreviewsOptions = OptionsOf<typeof prune>;

const list = (command: Command) =>
  command
    .description("list the previews that exist at Cloudflare, by the names that the app gives them")
    .option(...AS_JSON);

const prune = (command: Command) =>
  command
    .description("delete previews with their Workers, namespaces and databases, and all keys in them")
    .requiredOption("--older-than <age>", "the time since the last deployment of a Worker, as in 7d or 12h")
    .option("-y, --yes", "do not ask")
    .option(...AS_JSON);

export const COMMANDS = [
  command(
    "list",
    "list the previews that exist",
    () => Promise.resolve(list),
    async () => (await import("../previews/list.js")).listPreviewsCommand,
  ),
  command(
    "prune",
    "delete previews that nobody has deployed for a while",
    () => Promise.resolve(prune),
    async () => (await import("../previews/prune.js")).prunePreviewsCommand,
  ),
];
