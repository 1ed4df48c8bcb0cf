import { command } from "../command.js";

export const DESCRIPTION = "write an EnvironmentSet for what exists already; nothing changes at Cloudflare";

export const COMMANDS = [
  command(
    "wrangler",
    "write an EnvironmentSet for a configuration of wrangler",
    async () => (await import("./import-wrangler.js")).importWrangler,
    async () => (await import("../wrangler/import.js")).importWranglerCommand,
  ),
];
