import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { documentation } from "../documentation.js";
import { ServiceError } from "../errors.js";
import type { EngineProgram } from "./find-engine.js";
import { type OutputValue, readOutputs } from "./outputs.js";
import { type Plan, readPlan } from "./plan.js";
import { type ProgramEnd, runProgram } from "./run-program.js";

/** What an engine works with. */
export interface EngineOptions {
  readonly program: EngineProgram;
  /** The stack's folder. */
  readonly folder: string;
  /** The stack's name, for messages. */
  readonly stack: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where providers are kept for all stacks, unless the user has a place for them. */
  readonly pluginCache?: string;
  readonly interruption?: AbortSignal;
  /** Told when a program starts, and when it has ended. */
  readonly onRun?: (change: 1 | -1) => void;
}

/** A plan on disk that can be applied. */
export interface SavedPlan {
  readonly plan: Plan;
  /** The text that `show -json` prints. */
  readonly json: string;
  readonly file: string;
}

/** What kind of plan to make. */
export type PlanMode = "apply" | "destroy" | "drift";

const MODES: Readonly<Record<PlanMode, readonly string[]>> = {
  apply: [],
  destroy: ["-destroy"],
  drift: ["-refresh-only"],
};

/**
 * OpenTofu or Terraform in one stack's folder. Plans hold secrets in plain text, so they are kept in a folder that only
 * the user can read, until {@link close}.
 */
export class Engine {
  private plans: string | undefined;

  constructor(private readonly options: EngineOptions) {}

  /** Gets the providers and opens the backend, unless that has been done. */
  async initIfNeeded(): Promise<void> {
    const { folder, env } = this.options;
    if (!existsSync(resolve(folder, env["TF_DATA_DIR"] || ".terraform"))) await this.init();
  }

  /** Makes a plan and keeps it. */
  async plan(mode: PlanMode): Promise<SavedPlan> {
    this.plans ??= mkdtempSync(join(tmpdir(), "cfkv-plan-"));
    const file = join(this.plans, `${mode}.tfplan`);
    const args = ["plan", "-input=false", "-no-color", ...MODES[mode], `-out=${file}`];
    let end = await this.run(args);
    if (end.status !== 0 && asksForInit(end)) {
      await this.init();
      end = await this.run(args);
    }
    this.expectSuccess("plan", end);
    const { stdout } = await this.succeed("show", ["show", "-json", "-no-color", file]);
    return { plan: readPlan(stdout, `the plan of ${this.options.stack}`), json: stdout, file };
  }

  /** Applies exactly the plan that was made. */
  async apply({ file }: SavedPlan, onLine: (line: string) => void): Promise<void> {
    await this.succeed("apply", ["apply", "-input=false", "-no-color", file], onLine);
  }

  /** The outputs of the last apply, by name. */
  async outputs(): Promise<ReadonlyMap<string, OutputValue>> {
    const { stdout } = await this.succeed("output", ["output", "-json", "-no-color"]);
    return readOutputs(stdout);
  }

  /** Removes the plans. */
  close(): void {
    if (this.plans !== undefined) rmSync(this.plans, { recursive: true, force: true });
    this.plans = undefined;
  }

  private async init(): Promise<void> {
    await this.succeed("init", ["init", "-input=false", "-no-color"]);
  }

  private async succeed(verb: string, args: readonly string[], onLine?: (line: string) => void): Promise<ProgramEnd> {
    const end = await this.run(args, onLine);
    this.expectSuccess(verb, end);
    return end;
  }

  private async run(args: readonly string[], onLine?: (line: string) => void): Promise<ProgramEnd> {
    const { program, folder, env, pluginCache, interruption, onRun, stack } = this.options;
    if (interruption?.aborted === true) throw new EngineInterrupted(args[0] ?? "", stack);
    if (pluginCache !== undefined) mkdirSync(pluginCache, { recursive: true });
    onRun?.(1);
    return runProgram(program.path, args, {
      cwd: folder,
      env: {
        ...env,
        TF_IN_AUTOMATION: "1",
        TF_INPUT: "0",
        ...(pluginCache !== undefined && { TF_PLUGIN_CACHE_DIR: pluginCache }),
      },
      ...(onLine !== undefined && { onLine }),
      ...(interruption !== undefined && { interruption }),
    }).finally(() => onRun?.(-1));
  }

  private expectSuccess(verb: string, end: ProgramEnd): void {
    if (end.status === 0) return;
    const { program, stack, interruption } = this.options;
    if (interruption?.aborted === true) throw new EngineInterrupted(verb, stack);
    throw new EngineFailed(program, verb, stack, end);
  }
}

/** OpenTofu or Terraform ended with an error. Exit code 3. */
export class EngineFailed extends ServiceError<"ENGINE_FAILED"> {
  /** Everything that it printed about it. */
  readonly output: string;

  constructor(
    { name }: EngineProgram,
    readonly verb: string,
    stack: string,
    { status, stdout, stderr }: ProgramEnd,
  ) {
    const output = stderr.trim() === "" ? stdout.trim() : stderr.trim();
    const [, reason] = /^[│|\s]*Error: (.*)$/m.exec(output) ?? [];
    const how = reason ?? (status === undefined ? "a signal ended it" : `it exited with ${status}`);
    super("ENGINE_FAILED", `${name} could not ${VERBS.get(verb) ?? verb} stack '${stack}': ${how}`, hintFor(output));
    this.output = output;
  }
}

/** The user interrupted, and the engine has ended in order. */
export class EngineInterrupted extends ServiceError<"ENGINE_INTERRUPTED"> {
  constructor(
    readonly verb: string,
    stack: string,
  ) {
    super("ENGINE_INTERRUPTED", `interrupted during the ${verb} of stack '${stack}'`, "run the command again");
  }
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ["init", "initialize"],
  ["show", "show the plan of"],
  ["output", "read the outputs of"],
]);

/** What usually helps, by what the engine says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /Error acquiring the state lock/,
    "another run holds the lock of the state: wait for it; if it was killed, see the lock's ID above and run force-unlock",
  ],
  [
    /Backend configuration changed|Backend type changed|Backend initialization required/,
    "the backend changed: move the state to it with 'init -migrate-state' in the stack's folder",
  ],
  [/Saved plan is stale/, "somebody applied in between: run the command again"],
  [
    /Invalid API Token|Authentication error|Unable to authenticate|credentials/i,
    "check CLOUDFLARE_API_TOKEN and its permissions",
  ],
  [
    /Failed to query available provider packages|Could not retrieve the list of available versions/,
    "the provider cannot be downloaded: check the network, or configure a mirror",
  ],
  [
    /Unable to find remote state|No stored state was found/,
    "a stack that it needs is not deployed yet: apply that one first",
  ],
  [/Instance cannot be destroyed/, `the resource is protected: ${documentation("lifecycle")}`],
];

function hintFor(output: string): string {
  return HINTS.find(([pattern]) => pattern.test(output))?.[1] ?? "what it printed is above";
}

/** Providers, modules or the backend have changed since the folder was initialized. */
function asksForInit({ stdout, stderr }: ProgramEnd): boolean {
  const output = stdout + stderr;
  return /(terraform|tofu) init/.test(output) && !/Backend configuration changed|-migrate-state/.test(output);
}

/** Whether the user's own settings already name a cache for providers. */
export function hasPluginCache(
  env: Readonly<Record<string, string | undefined>>,
  cliConfig: string | undefined,
): boolean {
  return (
    (env["TF_PLUGIN_CACHE_DIR"] ?? "") !== "" || /^\s*(plugin_cache_dir|provider_installation)\b/m.test(cliConfig ?? "")
  );
}
