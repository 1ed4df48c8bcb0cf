import { createHmac, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.js";
import { DATA_FOLDER, prepareDataFolder } from "../../local/dev/folder.js";
import { writing } from "../../data/writing.js";
import type { Project } from "../project.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What an assembly was made with. It holds no value of a variable, only a digest with a key of its own. */
interface AppRun {
  readonly key: string;
  readonly digest: string;
  /** When the assembly was written: one that is older or newer was made by somebody else. */
  readonly written: number;
  /** Whether cfkv dev made it, for which missing names are a warning: such an assembly is not deployed. */
  readonly isForDev?: true;
}

/** Variables that no source has to mention: this library and cdktf read them. */
const ALWAYS = /^(CLOUDFLARE_|CDKTF_|NODE_ENV$)/;

/** Set by cfkv itself. */
const NEVER = /^(CFKV_DEV|CDKTF_OUTDIR)$/;

/** Those that differ from shell to shell, and matter to no app. */
const NOISE = /^(_|PWD|OLDPWD|SHLVL|TERM.*|COLUMNS|LINES|WINDOWID|SSH_.*|XDG_.*|npm_.*|INIT_CWD)$/;

/**
 * Whether the app would see other variables than when it wrote the assembly. Those count that a source of the app
 * mentions by name; all of them where its sources are not known.
 */
export async function environmentChanged(
  project: Project,
  env: Environment,
  sources: ReadonlySet<string> | undefined,
): Promise<boolean> {
  const seen = await variablesOf(env, sources);
  const run = await readRun(project);
  if (run?.isForDev === true && !isDev(env)) return true;
  if (run?.written === (await writtenAt(project))) return run?.digest !== digestOf(run?.key ?? "", project, seen);
  // Nobody knows what it was made with: that matters where the app reads anything.
  return sources !== undefined && seen.some(([name]) => !ALWAYS.test(name));
}

/** Notes what the assembly has just been made with. */
export async function recordEnvironment(
  project: Project,
  env: Environment,
  sources: ReadonlySet<string> | undefined,
): Promise<void> {
  const written = await writtenAt(project);
  if (written === undefined) return;
  const key = randomBytes(16).toString("hex");
  const run: AppRun = {
    key,
    digest: digestOf(key, project, await variablesOf(env, sources)),
    written,
    ...(isDev(env) && { isForDev: true }),
  };
  const folder = join(project.directory, DATA_FOLDER);
  await writing(folder, async () => {
    await prepareDataFolder(folder);
    await replaceFile(fileOf(project), `${JSON.stringify(run)}\n`, { mode: 0o600 });
  });
}

function isDev(env: Environment): boolean {
  return env["CFKV_DEV"] === "1";
}

async function variablesOf(
  env: Environment,
  sources: ReadonlySet<string> | undefined,
): Promise<readonly (readonly [string, string])[]> {
  const words = new Set<string>();
  for (const source of sources ?? []) {
    const text = await readFile(source, "utf8").catch(() => "");
    for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) words.add(word);
  }
  const counts = (name: string): boolean =>
    !NEVER.test(name) && (ALWAYS.test(name) || (sources === undefined ? !NOISE.test(name) : words.has(name)));
  return Object.entries(env)
    .flatMap(([name, value]) => (value !== undefined && counts(name) ? [[name, value] as const] : []))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function digestOf(key: string, { app, context }: Project, seen: readonly (readonly [string, string])[]): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([app, context, seen]))
    .digest("hex");
}

async function readRun(project: Project): Promise<AppRun | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(project), "utf8")) as AppRun;
  } catch {
    return undefined;
  }
}

async function writtenAt({ output }: Project): Promise<number | undefined> {
  return stat(join(output, "manifest.json")).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function fileOf({ directory }: Project): string {
  return join(directory, DATA_FOLDER, "app.json");
}
