/**
 * `npm run test:e2e [-- tofu|terraform] [-- --must-run] [-- --only=<part of a name>]`: the real engine and the real
 * provider, oldest and newest, take every reference stack and example through its life against the emulator, and projects
 * through the rows of docs/lifecycle.md, and cfkv deploys manifests and the reference set. No account, no token. It needs the
 * provider, from the registry or from a mirror that `TF_CLI_CONFIG_FILE` names. What could not be run is told loudly;
 * it is a failure only with `--must-run`.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { PROVIDER_VERSIONS } from "../support/provider-schema.js";
import { ACCOUNT } from "./api.js";
import { deployTrials } from "./deploy-commands.js";
import { Engine, run, StepFailed } from "./engines.js";
import { namesOverTime } from "./lifecycle-of-names.js";
import { workersOverTime } from "./lifecycle-of-workers.js";
import { withWrangler } from "./lifecycle-with-wrangler.js";
import { oddValues } from "./odd-values.js";
import { runScenario } from "./project.js";
import { OutsideRange, pin, rangeWithout } from "./provider.js";
import { runLifecycle } from "./scenario.js";

const ENGINES = ["tofu", "terraform"];
const TSX = ["--import", resolve("node_modules/tsx/dist/esm/index.mjs")];

interface Stack {
  readonly app: string;
  readonly folder: string;
}

const folder = mkdtempSync(join(tmpdir(), "cfkv-e2e-"));
try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(argv: readonly string[]): Promise<number> {
  const mustRun = argv.includes("--must-run");
  const named = argv.filter((word) => !word.startsWith("--"));
  const only = argv.find((word) => word.startsWith("--only="))?.slice("--only=".length) ?? "";
  const engines = named.length > 0 ? named : ENGINES;
  const stacks: Stack[] = [];
  for (const app of apps()) stacks.push(...(await synthesize(app)));
  say(`${stacks.length} stacks of ${apps().length} apps synthesize`);

  const skipped: string[] = [];
  const outside: string[] = [];
  const failed: string[] = [];
  let passed = 0;
  for (const engine of engines) {
    if ((await run(".", engine, ["version"])).status !== 0) {
      skipped.push(`${engine}: it is not on PATH`);
      continue;
    }
    for (const version of PROVIDER_VERSIONS) {
      const reason = await missingProvider(engine, version, stacks[0]);
      if (reason !== undefined) {
        skipped.push(`${engine} with provider ${version}: init cannot get the provider: ${reason}`);
        continue;
      }
      for (const { title, run: trial } of trials(engine, version, stacks)) {
        if (!title.includes(only)) continue;
        const name = `${engine}, provider ${version}: ${title}`;
        try {
          say(`ok ${name}: ${(await trial()).join(", ")}`);
          passed++;
        } catch (error) {
          if (error instanceof OutsideRange) {
            outside.push(`${name}: ${error.message}`);
          } else if (error instanceof StepFailed) {
            say(`FAILED ${name}: ${error.message}`);
            failed.push(name);
          } else throw error;
        }
      }
    }
  }
  return summary({ passed, failed, skipped, outside, mustRun });
}

interface Trial {
  readonly title: string;
  /** @returns the steps that it took */
  readonly run: () => Promise<readonly string[]>;
}

/** Every stack through its life, then what happens to projects over time. */
function trials(engine: string, version: string, stacks: readonly Stack[]): Trial[] {
  const lives = stacks.map((stack) => ({
    title: `${stack.app}, ${basename(stack.folder)}`,
    run: async () => {
      const range = rangeWithout(version, stack.folder);
      if (range !== undefined) throw new OutsideRange(`the stack asks for provider ${range}`);
      return (await runLifecycle(engine, version, copyOf(stack, engine, version))).steps;
    },
  }));
  const scenarios = [...namesOverTime, ...workersOverTime, ...withWrangler, ...oddValues].map((scenario) => ({
    title: scenario.name,
    run: () => runScenario(scenario, engine, version),
  }));
  // cfkv takes the newest provider that a stack allows.
  const commands = version === PROVIDER_VERSIONS.at(-1) ? deployTrials(engine) : [];
  return [...lives, ...scenarios, ...commands];
}

interface Results {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** Stacks that cannot be used with a version, by their own word: no fault of the machine. */
  readonly outside: readonly string[];
  readonly mustRun: boolean;
}

function summary({ passed, failed, skipped, outside, mustRun }: Results): number {
  say("");
  for (const reason of [...skipped, ...outside]) say(`SKIPPED ${reason}`);
  for (const name of failed) say(`FAILED ${name}`);
  if (passed + failed.length === 0) say("NOTHING WAS TESTED WITH THE REAL PROVIDER");
  say(`${passed} passed, ${failed.length} failed, ${skipped.length + outside.length} skipped`);
  return failed.length > 0 || (mustRun && skipped.length > 0) ? 1 : 0;
}

/** The reference stacks and every example that is an app. */
function apps(): string[] {
  const examples = readdirSync("examples").map((name) => join("examples", name));
  return [".", ...examples.filter((app) => existsSync(join(app, "main.ts"))), join("examples", "manifests")];
}

/** The working directories of all stacks of an app. */
async function synthesize(app: string): Promise<Stack[]> {
  const output = join(folder, app === "." ? "stacks" : basename(app));
  const env = { CDKTF_OUTDIR: output, CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
  const isApp = existsSync(join(app, "main.ts"));
  const { status, output: said } = isApp
    ? await run(app, process.execPath, [...TSX, "main.ts"], env)
    : await run(".", process.execPath, [...TSX, "src/cli/bin.ts", "synth", app, "--output", output], env);
  if (status !== 0) throw new Error(`${app} does not synthesize:\n${said}`);
  return readdirSync(join(output, "stacks")).map((stack) => ({ app, folder: join(output, "stacks", stack) }));
}

/** Finds out with one stack whether there is a provider to test with. @returns why not */
async function missingProvider(engine: string, version: string, stack: Stack | undefined): Promise<string | undefined> {
  if (stack === undefined) return "there is no stack";
  const trial = copyOf(stack, engine, `${version}-trial`);
  pin(trial, version);
  const { status, output } = await new Engine(engine, trial).init();
  if (status === 0) return undefined;
  return (
    /Error: [\s\S]*/
      .exec(output)?.[0]
      .replace(/\s*[│╷╵]\s*|\s+/g, " ")
      .trim()
      .slice(0, 300) ?? `exit ${String(status)}`
  );
}

/** Each engine and version starts from what was synthesized. */
function copyOf(stack: Stack, engine: string, version: string): string {
  const copy = join(folder, "runs", engine, version, stack.app.replaceAll(/[./]+/g, "-"), basename(stack.folder));
  cpSync(stack.folder, copy, { recursive: true });
  return copy;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
