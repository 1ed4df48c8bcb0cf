/**
 * `npm run test:clients [-- --record] [-- --must-run]`: the programs people use against Cloudflare's API, in the versions
 * they use, against the emulator. They are installed into a temporary folder with npm, pip and go; what this machine
 * cannot install is listed, and is a failure only with `--must-run`. `--record` keeps the outcomes in
 * `test/fixtures/clients.json`, from which the table of `docs/emulator.md` is generated.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEmulator } from "../../src/local/emulator/emulator.js";
import { CLIENTS, type Client, type ClientPlace } from "./clients.js";
import type { Outcome } from "./outcome.js";

const RECORD = "test/fixtures/clients.json";

interface Recorded {
  readonly client: string;
  readonly outcomes: readonly Outcome[];
}

const folder = mkdtempSync(join(tmpdir(), "cfkv-clients-"));
try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(argv: readonly string[]): Promise<number> {
  const recorded: Recorded[] = [];
  const failed: string[] = [];
  const skipped: string[] = [];
  for (const client of CLIENTS) {
    const installed = await client.install(join(folder, client.folder));
    if ("missing" in installed) {
      skipped.push(`${client.name}: ${installed.missing}`);
      continue;
    }
    const name = `${client.name} ${installed.version}`;
    try {
      const outcomes = await tried(client, installed);
      recorded.push({ client: name, outcomes });
      say(`ok ${name}: ${outcomes.length} commands`);
    } catch (error) {
      failed.push(name);
      say(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (argv.includes("--record")) record(recorded);
  for (const line of skipped) say(`NOT RUN ${line}`);
  say(`${recorded.length} clients passed, ${failed.length} failed, ${skipped.length} not run`);
  return failed.length > 0 || (skipped.length > 0 && argv.includes("--must-run")) ? 1 : 0;
}

async function tried(client: Client, installed: ClientPlace): Promise<readonly Outcome[]> {
  const emulator = await startEmulator();
  try {
    return await client.run(installed, emulator);
  } finally {
    await emulator.close();
  }
}

/** A client that did not run here keeps what was recorded of it before. */
function record(fresh: readonly Recorded[]): void {
  const former = existsSync(RECORD) ? (JSON.parse(readFileSync(resolve(RECORD), "utf8")) as Recorded[]) : [];
  const product = ({ client }: Recorded) => client.replace(/\.\d+\.\d+$/, "");
  const kept = former.filter((one) => !fresh.some((other) => product(other) === product(one)));
  const all = [...kept, ...fresh].sort((a, b) => (a.client < b.client ? -1 : 1));
  writeFileSync(RECORD, `${JSON.stringify(all, null, 2)}\n`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
