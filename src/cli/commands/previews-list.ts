import type { Command } from "@commander-js/extra-typings";
import type { OptionsOf } from "../command.js";
import { AS_JSON } from "../options.js";

export type ListPreviewsOptions = OptionsOf<typeof list>;
export type PrunePreviewsOptions = OptionsOf<typeof prune>;

export const list = (command: Command) =>
  command
    .description("list the previews that exist at Cloudflare, by the names that the app gives them")
    .option(...AS_JSON);

export const prune = (command: Command) =>
  command
    .description("delete previews with their Workers, namespaces and databases, and all keys in them")
    .requiredOption("--older-than <age>", "the time since the last deployment of a Worker, as in 7d or 12h")
    .option("-y, --yes", "do not ask")
    .option(...AS_JSON);
