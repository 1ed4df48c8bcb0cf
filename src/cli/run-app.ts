import { spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { InputError } from "../errors.js";
import type { Project } from "./project.js";

/** How an app is run. */
export interface AppRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes what the app prints, line by line or in larger pieces. */
  readonly onOutput: (text: string) => void;
  /** Ends the app. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the `app` command of `cdktf.json` as `cdktf synth` does, so that it writes the project's assembly.
 *
 * @throws InputError `APP_MISSING` when there is no such command, `APP_FAILED` when it exits with another code than
 *   0, `APP_WROTE_NOTHING` when it ends well without a manifest
 */
export async function runApp(project: Project, { env, onOutput, signal }: AppRun): Promise<void> {
  const { app, directory, output } = project;
  if (app === undefined) {
    const hint = 'create cdktf.json with { "language": "typescript", "app": "npx tsx main.ts" }';
    throw new InputError("APP_MISSING", `no cdktf.json with an 'app' in ${directory}`, hint);
  }
  // cdktf makes the last folder of the path, but none above it.
  mkdirSync(output, { recursive: true });
  const before = writtenAt(output);
  const code = await new Promise<string | number>((resolve, reject) => {
    const child = spawn(direct(app, directory), {
      cwd: directory,
      env: appEnvironment(project, env),
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    child.stdout.setEncoding("utf8").on("data", onOutput);
    child.stderr.setEncoding("utf8").on("data", onOutput);
    child.on("error", reject);
    child.on("close", (status, killedBy) => resolve(status ?? killedBy ?? 1));
  });
  if (code !== 0) {
    const how = typeof code === "number" ? `failed with exit code ${code}` : `was ended by ${code}`;
    throw new InputError("APP_FAILED", `the app ${how}: ${app}`, "what it printed is above");
  }
  if (writtenAt(output) === before) {
    const message = `the app ended well but wrote no manifest.json into ${output}`;
    throw new InputError("APP_WROTE_NOTHING", message, "call app.synth() at its end, and name no 'outdir' of its own");
  }
}

/** What `cdktf synth` gives the app to know. */
export function appEnvironment(project: Project, env: AppRun["env"]): NodeJS.ProcessEnv {
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

/** `npx tsx main.ts` without npx where that would run the project's own tsx: a third of a second less. */
export function direct(app: string, directory: string): string {
  const [, tool] = /^npx (?:--no-install |--yes |-y )?([\w.-]+)(?= |$)/.exec(app) ?? [];
  if (tool === undefined || !existsSync(join(directory, "node_modules/.bin", tool))) return app;
  return app.slice(app.indexOf(tool));
}

function writtenAt(output: string): number | undefined {
  return statSync(join(output, "manifest.json"), { throwIfNoEntry: false })?.mtimeMs;
}
