import { command } from "../command.js";

export const DESCRIPTION = "exchange configuration with wrangler, Cloudflare's own tool";

export const COMMANDS = [
  command(
    "export",
    "write a Worker of the stacks as wrangler.jsonc",
    async () => (await import("./wrangler-export.js")).wranglerExport,
    async () => (await import("../wrangler/export.js")).wranglerExportCommand,
  ),
];
