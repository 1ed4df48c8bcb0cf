import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { COMPATIBILITY_DATE } from "../src/constructs/defaults.js";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { KvNamespace, WorkerCode, WorkerWithKvBindings } from "../src/index.js";
import { ACCOUNT, BOUND, defineByHand, SOURCE } from "./by-hand.js";

const SIZES = [10, 100, 1_000, 10_000];
const root = mkdtempSync(join(tmpdir(), "bench-synth-"));
let apps = 0;

/** Our constructs beside the same resources written by hand, in turn; then what a cold start is made of. */
export function run(): void {
  console.log(
    "synth, N namespaces with a Worker for every 10: CPU milliseconds, median (quickest); ratio: median of pairs\n",
  );
  console.log("      N   runs             by hand                ours   ratio   ours a namespace");
  for (let round = 0; round < 30; round++) {
    time(defineOurs, 30);
    time(defineByHand, 30);
  }
  for (const size of SIZES) compare(size);
  coldStart();
  rmSync(root, { recursive: true, force: true });
}

function compare(size: number): void {
  const runs = Math.max(3, Math.min(40, Math.round(4_000 / size)));
  const hand: Sample[] = [];
  const ours: Sample[] = [];
  for (let index = 0; index < runs; index++) {
    // In turn, and each first every other time: what the machine does meanwhile hits both.
    const pair = [() => hand.push(time(defineByHand, size)), () => ours.push(time(defineOurs, size))];
    for (const go of index % 2 === 0 ? pair : pair.reverse()) go();
  }
  if (hand[0]?.resources !== ours[0]?.resources) {
    throw new Error(`not the same resources: ${hand[0]?.resources ?? ""} and ${ours[0]?.resources ?? ""}`);
  }
  const b = median(ours);
  const columns = [
    String(size).padStart(7),
    String(runs).padStart(6),
    `${median(hand).toFixed(1)} (${fastest(hand)})`.padStart(19),
    `${b.toFixed(1)} (${fastest(ours)})`.padStart(19),
    middle(ours.map(({ milliseconds }, index) => milliseconds / (hand[index]?.milliseconds ?? Number.NaN)))
      .toFixed(2)
      .padStart(7),
    `${((b / size) * 1_000).toFixed(0)} µs`.padStart(18),
  ];
  console.log(columns.join(" "));
}

interface Sample {
  readonly milliseconds: number;
  /** Each type of resource with its count. */
  readonly resources: string;
}

function time(define: (stack: TerraformStack, count: number) => void, count: number): Sample {
  const outdir = join(root, String(++apps));
  globalThis.gc?.();
  const start = process.cpuUsage();
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dev");
  new CloudflareProvider(stack, "cloudflare");
  define(stack, count);
  app.synth();
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1_000;

  const json = readFileSync(join(outdir, "stacks/dev/cdk.tf.json"), "utf8");
  const { resource } = JSON.parse(json) as { resource: Record<string, object> };
  rmSync(outdir, { recursive: true });
  const counts = Object.entries(resource).map(([type, byId]) => `${type} ${Object.keys(byId).length}`);
  return { milliseconds, resources: counts.sort().join(", ") };
}

function defineOurs(stack: TerraformStack, count: number): void {
  const namespaces = Array.from({ length: count }, (_, index) => {
    return new KvNamespace(stack, `Namespace${index}`, {
      accountId: ACCOUNT,
      namespaceName: `shop-${index}`,
      ttlSeconds: 3600,
    });
  });
  for (let first = 0; first < count; first += BOUND) {
    const bound = namespaces.slice(first, first + BOUND);
    new WorkerWithKvBindings(stack, `Worker${first}`, {
      accountId: ACCOUNT,
      workerName: `worker-${first}`,
      code: WorkerCode.fromInline(SOURCE),
      kv: Object.fromEntries(bound.map((namespace, index) => [`KV${index}`, namespace])),
    });
  }
}

/** `npx tsx main.ts` and what is in it: each line does one thing more than the line above. */
function coldStart(): void {
  console.log("\ncold start: milliseconds by the clock, median of 7 processes (quickest)\n");
  const bindings = ["workers-kv-namespace", "workers-kv", "workers-script", "worker", "worker-version"]
    .map((name) => `import "@cdktf/provider-cloudflare/lib/${name}/index.js";`)
    .join("");
  const inline = (source: string) => ["--import", "tsx", "--input-type=module", "-e", source];
  const steps: [string, string, string[]][] = [
    ["node", process.execPath, ["-e", "0"]],
    ["+ tsx", process.execPath, inline("")],
    ["+ import cdktf", process.execPath, inline('import "cdktf";')],
    ["+ import the bindings", process.execPath, inline(`import "cdktf"; ${bindings}`)],
    ["+ import this library", process.execPath, inline(`import "./src/index.ts";`)],
    ["+ the reference stack: bundling and synth", process.execPath, ["--import", "tsx", "main.ts"]],
    ["npx tsx main.ts", "npx", ["tsx", "main.ts"]],
  ];
  for (const [name, command, args] of steps) {
    const times = Array.from({ length: 7 }, () => timeProcess(command, args));
    console.log(`${name.padEnd(44)} ${median(times).toFixed(0).padStart(6)} (${fastest(times)})`);
  }
  timeBundling();
}

function timeProcess(command: string, args: string[]): Pick<Sample, "milliseconds"> {
  const outdir = join(root, String(++apps));
  mkdirSync(outdir);
  const env = { ...process.env, CDKTF_OUTDIR: outdir };
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return { milliseconds };
}

/** The first bundle starts esbuild's process; later ones use it. */
function timeBundling(): void {
  const times = [1, 2, 3].map(() => {
    const code = WorkerCode.fromEntry("stacks/worker/index.ts");
    const start = performance.now();
    const module = code.module({ date: COMPATIBILITY_DATE, flags: [] });
    if ("problem" in module) throw new Error(module.problem);
    return `${(performance.now() - start).toFixed(0)} ms`;
  });
  console.log(`\nbundling the reference Worker, first and again in one process: ${times.join(", ")}`);
}

function median(samples: readonly Pick<Sample, "milliseconds">[]): number {
  return middle(samples.map(({ milliseconds }) => milliseconds));
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function fastest(samples: readonly Pick<Sample, "milliseconds">[]): string {
  return Math.min(...samples.map(({ milliseconds }) => milliseconds)).toFixed(1);
}
