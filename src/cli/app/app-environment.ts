import { createHmac, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.js";
import { DATA_FOLDER, prepareDataFolder } from "../../local/dev/folder.js";
import { writing } from "../../data/writing.js";
import type { Project } from "../project.js";

/** How many variables a message names. */
const SHOWN = 3;

type Environment = Readonly<Record<string, string | undefined>>;

/** What an assembly was made with. It holds no value of a variable, only digests with a key of its own. */
interface AppRun {
  readonly key: string;
  /** Of the command and the context in `cdktf.json`. */
  readonly project: string;
  /** Of each variable that counts, by its name. */
  readonly variables: Readonly<Record<string, string>>;
  /** When the assembly was written: one that is older or newer was made by somebody else. */
  readonly written: number;
  /** Whether cfkv dev made it, for which missing names are a warning: such an assembly is not deployed. */
  readonly isForDev?: true;
}

/** Variables that no source has to mention: this library and cdktf read them. */
const ALWAYS = /^(CLOUDFLARE_|CDKTF_|NODE_ENV$|CFKV_PREVIEW$)/;

/** Set by cfkv itself, or by the shell for each command: sources use `_` as a name of their own. */
const NEVER = /^(_|CFKV_DEV|CDKTF_OUTDIR)$/;

/** Those that differ from shell to shell, and matter to no app. */
const NOISE = /^(PWD|OLDPWD|SHLVL|TERM.*|COLUMNS|LINES|WINDOWID|SSH_.*|XDG_.*|npm_.*|INIT_CWD)$/;

/**
 * How what the app would see differs from when it wrote the assembly, for people to read; undefined when it does not.
 * Those variables count that a source of the app mentions by name; all of them where its sources are not known.
 */
export async function environmentChange(
  project: Project,
  env: Environment,
  sources: ReadonlySet<string> | undefined,
): Promise<string | undefined> {
  const seen = await variablesOf(env, sources);
  const run = await readRun(project);
  if (run?.isForDev === true && !isDev(env)) return "cfkv dev made it, which only warns of missing names";
  if (run === undefined || run.written !== (await writtenAt(project))) {
    // What it was made with is unknown, which matters if the app reads any variable.
    const read = sources === undefined ? [] : seen.filter(([name]) => !ALWAYS.test(name)).map(([name]) => name);
    return read.length === 0 ? undefined : `it may have been made with ${other(read)}`;
  }
  const { key, project: digest, variables } = run;
  if (digest !== projectDigest(key, project)) return "cdktf.json has another command or context now";
  const now = digestsOf(key, seen);
  const names = [...new Set([...Object.keys(variables), ...Object.keys(now)])].sort();
  const changed = names.filter((name) => variables[name] !== now[name]);
  return changed.length === 0 ? undefined : `it was made with ${other(changed)}`;
}

function other(names: readonly string[]): string {
  const [first = "", ...more] = names;
  if (more.length === 0) return `another value of the environment variable ${first}`;
  const shown = names.slice(0, SHOWN).join(", ");
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return `other values of the environment variables ${shown}${rest}`;
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
    project: projectDigest(key, project),
    variables: digestsOf(key, await variablesOf(env, sources)),
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

function projectDigest(key: string, { app, context }: Project): string {
  return digestOf(key, JSON.stringify([app, context]));
}

/** The name is part of what is digested: two variables with the same value do not show it. */
function digestsOf(key: string, seen: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(seen.map(([name, value]) => [name, digestOf(key, JSON.stringify([name, value]))]));
}

function digestOf(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Undefined when there is none, or when another version of this program wrote it. */
async function readRun(project: Project): Promise<AppRun | undefined> {
  try {
    const run = JSON.parse(await readFile(fileOf(project), "utf8")) as Partial<AppRun>;
    const { key, project: digest, variables, written, isForDev } = run;
    if (key === undefined || digest === undefined || variables === undefined || written === undefined) return undefined;
    return { key, project: digest, variables, written, ...(isForDev && { isForDev }) };
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
