import { spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { InputError } from "../../errors.js";
import type { Project } from "../project.js";

export type ProcessVariables = Readonly<Record<string, string | undefined>>;

/** Receives what an app prints, piece by piece. */
export type OnOutput = (text: string) => void;

/** How an app ended: its exit code, or the signal that ended it. */
export type AppEnd = number | string;

/** The signals that end a command. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The process groups of the apps that run now. */
const running = new Set<number>();

/**
 * Runs the `app` command of `cdktf.json` as `cdktf synth` does, so that it writes the project's assembly.
 *
 * @throws InputError `APP_MISSING` when there is no such command, `APP_FAILED` when it exits with another code than
 *   0, `APP_WROTE_NOTHING` when it exits with 0 without writing a manifest
 */
export async function runApp(project: Project, env: ProcessVariables, onOutput: OnOutput): Promise<void> {
  const app = appOf(project);
  await expectAssembly(project, async () => spawnApp(app, project, env, onOutput));
}

/** The command that synthesizes the app. */
export function appOf({ app, directory }: Project): string {
  if (app !== undefined) return app;
  const hint = 'create cdktf.json with { "language": "typescript", "app": "npx tsx main.ts" }';
  throw new InputError("APP_MISSING", `no cdktf.json with an 'app' in ${directory}`, hint);
}

/** Starts the app. Resolves when it has ended and everything it printed was passed on. */
export async function spawnApp(
  app: string,
  project: Project,
  env: ProcessVariables,
  onOutput: OnOutput,
): Promise<AppEnd> {
  // cdktf creates the last folder of the path, but none above it.
  mkdirSync(project.output, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = spawn(direct(app, project.directory), {
      cwd: project.directory,
      env: appEnvironment(project, env),
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own, so that it can be ended with everything it starts.
      detached: process.platform !== "win32",
    });
    const { pid } = child;
    if (pid !== undefined) endWithThis(pid);
    child.stdout.setEncoding("utf8").on("data", onOutput);
    child.stderr.setEncoding("utf8").on("data", onOutput);
    child.on("error", reject);
    child.on("close", (status, killedBy) => {
      if (pid !== undefined) forget(pid);
      resolve(status ?? killedBy ?? 1);
    });
  });
}

/** Ends the app when a signal ends this process: its output is no longer needed. */
function endWithThis(pid: number): void {
  running.add(pid);
  for (const signal of SIGNALS) {
    // First: whether others listen must still be visible.
    process.removeListener(signal, endAll).prependListener(signal, endAll);
  }
}

function forget(pid: number): void {
  running.delete(pid);
  if (running.size === 0) for (const signal of SIGNALS) process.removeListener(signal, endAll);
}

function endAll(signal: NodeJS.Signals): void {
  for (const pid of running) {
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGTERM");
    } catch {
      // It has just ended.
    }
  }
  // A command that listens shuts down in order. For any other, the signal keeps its default effect.
  if (process.listenerCount(signal) > 1) return;
  process.removeListener(signal, endAll);
  process.kill(process.pid, signal);
}

/** Checks a run of the app by how it ended and what it wrote. */
export async function expectAssembly(project: Project, run: () => Promise<AppEnd>): Promise<void> {
  const { app = "", output } = project;
  const before = writtenAt(output);
  const end = await run();
  if (end !== 0) {
    const how = typeof end === "number" ? `failed with exit code ${end}` : `was ended by ${end}`;
    throw new InputError("APP_FAILED", `the app ${how}: ${app}`, "what it printed is above");
  }
  if (writtenAt(output) === before) {
    const message = `the app exited with 0 but wrote no manifest.json into ${output}`;
    throw new InputError(
      "APP_WROTE_NOTHING",
      message,
      "call app.synth() at the end of the program, and do not set 'outdir'",
    );
  }
}

/** `npx tsx main.ts` without npx where that would run the project's own tsx: a third of a second less. */
export function direct(app: string, directory: string): string {
  const [, tool] = /^npx (?:--no-install |--yes |-y )?([\w.-]+)(?= |$)/.exec(app) ?? [];
  if (tool === undefined || !existsSync(join(directory, "node_modules/.bin", tool))) return app;
  return app.slice(app.indexOf(tool));
}

/** The variables that `cdktf synth` passes to the app. */
function appEnvironment(project: Project, env: ProcessVariables): NodeJS.ProcessEnv {
  const inherited = JSON.parse(env["CDKTF_CONTEXT_JSON"] ?? "{}") as Record<string, unknown>;
  const context = { ...project.context, ...inherited, cdktfRelativeModules: project.relativeModules };
  return {
    ...env,
    PATH: [join(project.directory, "node_modules/.bin"), env["PATH"] ?? ""].join(delimiter),
    CDKTF_OUTDIR: project.output,
    CDKTF_CONTEXT_JSON: JSON.stringify(context),
    SYNTH_HCL_OUTPUT: "false",
  };
}

function writtenAt(output: string): number | undefined {
  return statSync(join(output, "manifest.json"), { throwIfNoEntry: false })?.mtimeMs;
}
