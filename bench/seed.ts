/**
 * Seeding, beside `wrangler kv bulk put` in the same run and against the same loopback server, and the memory of seeding
 * and exporting ten times as much.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const NAMESPACE = "0123456789abcdef0123456789abcdef";
const OUTPUT = "dist/bench";
const CFKV = resolve(OUTPUT, "cli/bin.js");
const WRANGLER = resolve("node_modules/wrangler/bin/wrangler.js");
const ROUNDS = 3;

interface Outcome {
  readonly seconds: number;
  /** Of the largest process. */
  readonly megabytes: number;
  readonly requests: number;
  readonly pairs: number;
}

/** Prints a table of both, and of what grows with the number of entries. */
export async function run(): Promise<void> {
  await transpile();
  const folder = mkdtempSync(join(tmpdir(), "bench-seed-"));
  try {
    const small = join(folder, "small.json");
    await writePairs(small, 100_000, 40);
    const large = join(folder, "large.json");
    await writePairs(large, 2000, 100_000);
    console.log("| what | requests | seconds | peak MB |\n|---|---|---|---|");
    for (const [name, file] of [
      ["100,000 small pairs", small],
      ["2,000 pairs of 100 KB", large],
    ] as const) {
      const [ours, theirs] = await alternate(
        () => measured(folder, seedCommand(file)),
        () => measured(folder, [WRANGLER, "kv", "bulk", "put", file, "--namespace-id", NAMESPACE, "--remote"]),
      );
      console.log(row(`${name}: cfkv seed`, ours));
      console.log(row(`${name}: wrangler kv bulk put`, theirs));
    }
    rmSync(large);
    for (const count of [100_000, 1_000_000]) {
      const file = join(folder, "many.ndjson");
      await writePairs(file, count, 40);
      console.log(row(`${count} pairs of NDJSON: cfkv seed`, await measured(folder, seedCommand(file))));
      const out = ["export", NAMESPACE, "--to", join(folder, "out.ndjson")];
      console.log(row(`${count} keys: cfkv export`, await measured(folder, [CFKV, ...out], count)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command line as it is published: a file a module, without types. */
async function transpile(): Promise<void> {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const entryPoints = files.map((file) => join("src", file));
  await build({ entryPoints, outdir: OUTPUT, outbase: "src", format: "esm", platform: "node", target: "node20" });
}

function seedCommand(file: string): string[] {
  return [CFKV, "seed", file, "--namespace", NAMESPACE];
}

/** Both in turns, so that what else the machine does falls on both. The best of each. */
async function alternate(ours: () => Promise<Outcome>, theirs: () => Promise<Outcome>): Promise<[Outcome, Outcome]> {
  const outcomes: [Outcome, Outcome][] = [];
  for (let round = 0; round < ROUNDS; round++) outcomes.push([await ours(), await theirs()]);
  const best = (which: 0 | 1): Outcome =>
    outcomes.map((pair) => pair[which]).reduce((a, b) => (a.seconds <= b.seconds ? a : b));
  return [best(0), best(1)];
}

async function measured(folder: string, argv: readonly string[], keys = 0): Promise<Outcome> {
  const server = fork("bench/seed-server.ts", {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, SEED_KEYS: String(keys) },
  });
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  const peaks = join(folder, "peaks");
  rmSync(peaks, { force: true });
  const baseUrl = `http://127.0.0.1:${port}/client/v4`;
  const started = performance.now();
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      CI: "1",
      NODE_OPTIONS: `--import=${pathToFileURL(resolve("bench/peak-memory.mjs")).href}`,
      BENCH_PEAK_FILE: peaks,
      CLOUDFLARE_API_TOKEN: "bench",
      CLOUDFLARE_ACCOUNT_ID: NAMESPACE,
      CLOUDFLARE_BASE_URL: baseUrl,
      CLOUDFLARE_API_BASE_URL: baseUrl,
      WRANGLER_SEND_METRICS: "false",
    },
  });
  const said = collect(child);
  const [code] = (await once(child, "exit")) as [number];
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}:\n${said.join("")}`);
  server.send("counts");
  const [counts] = (await once(server, "message")) as [{ requests: number; pairs: number; values: number }];
  server.disconnect();
  const sizes = existsSync(peaks) ? readFileSync(peaks, "utf8").trim().split("\n").map(Number) : [];
  return {
    seconds,
    megabytes: Math.max(0, ...sizes) / 1024,
    requests: counts.requests,
    pairs: counts.pairs + counts.values,
  };
}

function collect(child: ChildProcess): string[] {
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  return said;
}

function row(what: string, { requests, seconds, megabytes }: Outcome): string {
  return `| ${what} | ${requests} | ${seconds.toFixed(2)} | ${megabytes.toFixed(0)} |`;
}

/** A file of pairs: a JSON array, or NDJSON by its name. */
async function writePairs(file: string, count: number, bytes: number): Promise<void> {
  const array = file.endsWith(".json");
  const stream = createWriteStream(file);
  if (array) stream.write("[\n");
  for (let at = 0; at < count; at++) {
    const value = `value ${at} `.padEnd(bytes, "abcdefghij");
    const line = JSON.stringify({ key: `key:${String(at).padStart(7, "0")}`, value });
    const end = at + 1 < count ? (array ? ",\n" : "\n") : array ? "\n]\n" : "\n";
    if (!stream.write(line + end)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}
