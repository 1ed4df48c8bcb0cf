import { resolve } from "node:path";
import { FIRST_ACCOUNT } from "../../local/emulator/api/accounts.js";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../local/emulator/emulator.js";
import type { CommandContext } from "../command.js";
import { EMULATOR_FOLDER, EMULATOR_PORT, type EmulatorCommandOptions } from "../commands/emulator.js";
import { UsageError } from "../errors.js";

/** `cfkv emulator`: Cloudflare's API on this machine, for Terraform and API clients. */
export async function emulatorCommand(options: EmulatorCommandOptions, context: CommandContext): Promise<void> {
  const running = await startEmulator(emulatorOptions(options, context));
  const interrupted = context.interrupted();
  try {
    printReady(running, options, context);
    await interrupted;
  } finally {
    await running.close();
  }
}

function emulatorOptions(options: EmulatorCommandOptions, { cwd, notes }: CommandContext): EmulatorOptions {
  const { persist, faults, quiet } = options;
  const folder = persist === true ? EMULATOR_FOLDER : persist;
  return {
    port: portOf(options),
    ...(folder === undefined ? {} : { dataFolder: resolve(cwd, folder) }),
    ...(faults === undefined ? {} : { faults }),
    onLog: ({ level, message }) => notes.line(notes.paint(level === "error" ? "red" : "dim", message)),
    ...(quiet === true
      ? {}
      : {
          onRequest: ({ method, path, status, ms }) => {
            notes.line(
              `${notes.paint(status < 400 ? "green" : "yellow", String(status))} ${method} ${path} ${ms.toFixed(0)} ms`,
            );
          },
        }),
  };
}

function printReady({ url, baseUrl }: Emulator, { json }: EmulatorCommandOptions, context: CommandContext): void {
  const { results, notes } = context;
  if (json === true) {
    results.json({ url, baseUrl });
    return;
  }
  const workers = url.replace("//127.0.0.1", "//<worker>.localhost");
  results.line(`Cloudflare's API: ${results.paint("bold", baseUrl)}`);
  results.line(`Workers:          ${workers}`);
  notes.line("");
  notes.line("In another terminal; any token will do:");
  notes.line(`  export CLOUDFLARE_API_TOKEN=local CLOUDFLARE_ACCOUNT_ID=${FIRST_ACCOUNT}`);
  notes.line(`  export CLOUDFLARE_BASE_URL=${baseUrl}       # Terraform, OpenTofu, the cloudflare SDK, cfkv`);
  notes.line(`  export CLOUDFLARE_API_BASE_URL=${baseUrl}   # wrangler`);
  notes.line("Press Ctrl+C to stop.");
}

function portOf({ port }: EmulatorCommandOptions): number {
  if (port === undefined) return EMULATOR_PORT;
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new UsageError(`--port must be a number from 0 to 65535, got '${port}'`, "see: cfkv emulator --help");
}
