/**
 * `npm run test:e2e [-- tofu|terraform]`: the real engine and the real provider, oldest and newest, judge every
 * reference stack and example. Nothing is applied: no account, no token. It needs the provider, from the registry or
 * from a mirror that `TF_CLI_CONFIG_FILE` names, and fails without it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PROVIDER_VERSIONS } from "../support/provider-schema.js";

const ENGINES = ["tofu", "terraform"];
const APPS = [".", ...readdirSync("examples").map((name) => join("examples", name))];
const ACCOUNT = "00000000000000000000000000000001";

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

const folder = mkdtempSync(join(tmpdir(), "e2e-"));
try {
  process.exitCode = main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main(wanted: string[]): number {
  const engines = (wanted.length > 0 ? wanted : ENGINES).filter((engine) => run(".", engine, ["version"]).ok);
  if (engines.length === 0) {
    say(`NOT TESTED: there is no ${(wanted.length > 0 ? wanted : ENGINES).join(" and no ")} on this machine`);
    return 1;
  }
  const stacks = APPS.flatMap(synthesize);
  let passed = 0;
  let failed = 0;
  for (const engine of engines) {
    for (const version of PROVIDER_VERSIONS) {
      const plugins = fetchProviders(engine, version, stacks);
      if (!plugins.ok) {
        say(`NOT TESTED: ${engine} cannot get the provider ${version}\n${plugins.output}`);
        failed += stacks.length;
        continue;
      }
      for (const stack of stacks) {
        const { ok, output } = judge(engine, version, stack);
        say(`${ok ? "ok" : "FAILED"} ${engine}, provider ${version}: ${stack.slice(folder.length + 1)}`);
        if (!ok) say(output);
        if (ok) passed++;
        else failed++;
      }
    }
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The working directories of all stacks of an app. */
function synthesize(app: string): string[] {
  const outdir = join(folder, app === "." ? "stacks" : app.replaceAll("/", "-"));
  const { ok, output } = run(
    app,
    process.execPath,
    ["--import", resolve("node_modules/tsx/dist/esm/index.mjs"), "main.ts"],
    {
      CDKTF_OUTDIR: outdir,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    },
  );
  if (!ok) throw new Error(`${app} does not synthesize:\n${output}`);
  return readdirSync(join(outdir, "stacks")).map((stack) => join(outdir, "stacks", stack));
}

/** Finds out with one stack whether there is a provider to test with. */
function fetchProviders(engine: string, version: string, stacks: readonly string[]): Outcome {
  return init(engine, version, stacks[0] ?? folder);
}

function judge(engine: string, version: string, stack: string): Outcome {
  const ready = init(engine, version, stack);
  return ready.ok ? run(stack, engine, ["validate", "-no-color"]) : ready;
}

/** With the provider pinned to one version, by a file that is merged over the stack's own. */
function init(engine: string, version: string, stack: string): Outcome {
  const cloudflare = { source: "cloudflare/cloudflare", version };
  const pin = { terraform: { required_providers: { cloudflare } } };
  writeFileSync(join(stack, "pin_override.tf.json"), JSON.stringify(pin));
  rmSync(join(stack, ".terraform.lock.hcl"), { force: true });
  return run(stack, engine, ["init", "-backend=false", "-input=false", "-no-color"]);
}

function run(cwd: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
  });
  return { ok: status === 0, output: error?.message ?? `${stdout}${stderr}` };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
