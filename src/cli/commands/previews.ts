import { command } from "../command.js";

export const DESCRIPTION = "find and remove previews that were left behind";

export const COMMANDS = [
  command(
    "list",
    "list the previews that exist",
    async () => (await import("./previews-list.js")).list,
    async () => (await import("../previews/list.js")).listPreviewsCommand,
  ),
  command(
    "prune",
    "delete previews that nobody has deployed for a while",
    async () => (await import("./previews-list.js")).prune,
    async () => (await import("../previews/prune.js")).prunePreviewsCommand,
  ),
];
