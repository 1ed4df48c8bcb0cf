import { resolve } from "node:path";
import { FIRST_ACCOUNT } from "../../local/emulator/api/accounts.js";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../local/emulator/emulator.js";
import type { CommandContext, DefineCommand } from "../command.js";
import { UsageError } from "../errors.js";

const DEFAULT_PORT = 8788;

interface EmulatorCommandOptions {
  readonly port?: string;
  readonly persist?: string | true;
  readonly faults?: string;
  readonly quiet?: true;
  readonly json?: true;
}

/** `cfkv emulator`: Cloudflare's API on this machine, for Terraform and API clients. */
export const define: DefineCommand = (command, context) => {
  command
    .description(
      "serve Cloudflare's API for KV, Workers and D1 on this machine, for Terraform, OpenTofu and API clients",
    )
    .option("--port <number>", `TCP port on 127.0.0.1, 0 for a free one (default: ${DEFAULT_PORT})`)
    .option("--persist [folder]", "keep everything in a folder (default: nothing is kept; the folder .cfkv/emulator)")
    .option("--faults <spec>", "what goes wrong on purpose, such as 'status=429,retry-after=1,times=2; latency=200'")
    .option("--quiet", "do not print requests")
    .option("--json", "print where it listens as JSON")
    .action((options: EmulatorCommandOptions) => emulator(options, context));
};

async function emulator(options: EmulatorCommandOptions, context: CommandContext): Promise<void> {
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
  const folder = persist === true ? ".cfkv/emulator" : persist;
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
  if (port === undefined) return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new UsageError(`--port must be a number from 0 to 65535, got '${port}'`, "see: cfkv emulator --help");
}
