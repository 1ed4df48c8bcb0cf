import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readAssembly } from "../../assembly/index.js";
import type { CommandContext } from "../command.js";
import type { SynthOptions } from "../commands/synth.js";
import { documentation } from "../../documentation.js";
import { readProject, type Project } from "../project.js";
import type { Channel } from "../terminal/channel.js";
import { filesOfApp, migrationFolders, recordedInputs } from "./app-files.js";
import { environmentChange, recordEnvironment } from "./app-environment.js";
import { runApp, type OnOutput } from "./run-app.js";
import { noteRenamedVariables, refuseManifestOptions, synthesizeManifests } from "../manifests/synthesize.js";
import { printStacks } from "../terminal/print-stacks.js";

/** `cfkv synth`: runs the app of `cdktf.json`, or reads manifests, then shows the result. */
export async function synthCommand(
  manifests: readonly string[],
  options: SynthOptions,
  context: CommandContext,
): Promise<void> {
  const project = readProject(context, options.output);
  if (manifests.length === 0) {
    refuseManifestOptions(options);
    await synthesizeApp(project, context);
  } else {
    const set = await synthesizeManifests(manifests, options, project, context);
    if (set === undefined) return;
    await noteRenamedVariables(set, context);
  }
  const { stacks } = readAssembly(project.output);
  printStacks(stacks, context, options);
  if (options.strict === true && stacks.some(({ annotations }) => annotations.some(({ level }) => level !== "info"))) {
    context.notes.line(`\n--strict: failing because of the warnings above; see ${documentation("errors")}`);
    context.finishWith(1);
    return;
  }
  if (options.json !== true)
    context.notes.line("\nRun it here: cfkv dev. Deploy it: cfkv apply, cdktf deploy or tofu apply.");
}

/** Runs the app and shows what it printed: all of it when it fails, because it holds the reason. */
export async function synthesizeApp(project: Project, { env, notes }: CommandContext): Promise<void> {
  await showingOutput(notes, (onOutput) => runApp(project, env, onOutput));
}

/** Prints an app's output in one piece when the run has ended. */
export async function showingOutput(notes: Channel, run: (onOutput: OnOutput) => Promise<void>): Promise<void> {
  const printed: string[] = [];
  try {
    await run((text) => void printed.push(text));
  } finally {
    const text = printed.join("").trimEnd();
    if (text !== "") notes.line(text);
  }
}

/** For what an assembly is needed. */
export interface Purpose {
  /** Whether it is deployed as it is: then sources of Workers count too. */
  readonly isDeployed?: boolean;
}

/** What a synthesis needs to know about an assembly that has to be made again. */
export interface Staleness {
  /** For people to read. */
  readonly reason: string;
  readonly app: ReadonlySet<string> | undefined;
}

/**
 * Whether there is no assembly yet, or a source of the app changed after it was written; undefined when neither.
 * Sources of Workers alone do not count unless it is deployed: they are bundled when a Worker runs anyway.
 */
export async function stalenessOf(
  project: Project,
  context: CommandContext,
  purpose: Purpose = {},
): Promise<Staleness | undefined> {
  const written = await stat(join(project.output, "manifest.json")).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  const app = await filesOfApp(project);
  const why =
    written === undefined ? "there is no assembly yet" : await whyStale(project, context, app, written, purpose);
  return why === undefined ? undefined : { reason: why, app };
}

/** Runs the app, says why, and records with what. */
export async function synthesizeStale(
  project: Project,
  context: CommandContext,
  { reason, app }: Staleness,
): Promise<void> {
  context.notes.line(context.notes.paint("dim", `synthesizing: ${reason}`));
  await synthesizeApp(project, context);
  await recordEnvironment(project, context.env, app);
}

/** Runs the app when the assembly does not say what the app says now. */
export async function synthesizeIfStale(
  project: Project,
  context: CommandContext,
  purpose: Purpose = {},
): Promise<void> {
  const stale = await stalenessOf(project, context, purpose);
  if (stale !== undefined) await synthesizeStale(project, context, stale);
}

/** Why an assembly that is there does not say what the app says now; undefined when it does. */
async function whyStale(
  project: Project,
  { env }: CommandContext,
  app: ReadonlySet<string> | undefined,
  written: number,
  { isDeployed = false }: Purpose,
): Promise<string | undefined> {
  const { newestSource } = await import("../../local/dev/sources.js");
  const recorded = recordedFiles(project);
  const ofWorkers = [...recorded.workers].filter((file) => !isDeployed && app !== undefined && !app.has(file));
  const outside = isDeployed ? [...recorded.workers] : [];
  const inside = newestSource(project.directory, { except: [project.output] }, new Set(ofWorkers));
  // The app may be made of files beside the project, as in a workspace.
  const migrations = await Promise.all(recorded.migrations.map(withFiles));
  const times = await Promise.all([inside, ...[...(app ?? []), ...outside, ...migrations.flat()].map(changedAt)]);
  if (Math.max(...times) > written) return "sources are newer than the assembly";
  return environmentChange(project, env, app);
}

interface RecordedFiles {
  readonly workers: ReadonlySet<string>;
  /** Folders. */
  readonly migrations: readonly string[];
}

/** Those that the assembly records; none when it cannot be read, which the next step reports. */
function recordedFiles(project: Project): RecordedFiles {
  try {
    const assembly = readAssembly(project.output);
    return { workers: recordedInputs(assembly, project), migrations: migrationFolders(assembly, project) };
  } catch {
    return { workers: new Set(), migrations: [] };
  }
}

/** A folder and its files: a file that is added or removed changes the folder alone. */
async function withFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return [folder, ...names.map((name) => join(folder, name))];
}

/** Milliseconds since 1970; 0 for what is not there. */
async function changedAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
