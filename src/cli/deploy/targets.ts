import { resolve } from "node:path";
import { chooseStack, readAssembly, type Assembly, type Stack } from "../../assembly/index.js";
import type { ManifestSet } from "../../manifest/index.js";
import { InputError } from "../../errors.js";
import { filesOfApp } from "../app/app-files.js";
import { recordEnvironment } from "../app/app-environment.js";
import { synthesizeApp, synthesizeIfStale } from "../app/synth.js";
import type { CommandContext } from "../command.js";
import { UsageError } from "../errors.js";
import { synthesizeManifests } from "../manifests/synthesize.js";
import { readProject, type Project } from "../project.js";
import { recordedManifests, recordManifests } from "./manifest-record.js";

/** The stacks that a command works on. */
export interface Targets {
  readonly project: Project;
  readonly stacks: readonly Stack[];
  /** The manifests that they were made of, if they were. */
  readonly manifests?: ManifestSet;
  /** The command's surroundings, with the credentials of a manifest. */
  readonly context: CommandContext;
}

/** How targets are looked up. */
export interface TargetOptions {
  readonly output?: string;
  /** Whether the assembly is used as it is, where there is one: nothing is deployed from it. */
  readonly isRead?: boolean;
}

/**
 * Finds the stacks that words name: stacks, environments with all their stacks, or manifests. Without words, the only
 * stack there is, or all stacks of the manifests that were named last. What is older than its sources is synthesized.
 *
 * @returns undefined when manifests have problems, which have been printed
 */
export async function findTargets(
  words: readonly string[],
  options: TargetOptions,
  context: CommandContext,
): Promise<Targets | undefined> {
  const project = readProject(context, options.output);
  const named = words.filter(isManifest);
  if (named.length > 0 && named.length < words.length) {
    throw new UsageError(
      `manifests and stacks cannot be mixed: '${named[0] ?? ""}' is a manifest, '${words.find((word) => !isManifest(word)) ?? ""}' is not`,
      "run the command once for each",
    );
  }
  if (named.includes("-"))
    throw new UsageError("manifests of a deployment must be files", "write them to a file first");
  const recorded = await recordedManifests(project);
  if (named.length > 0) {
    const paths = named.map((path) => resolve(context.cwd, path));
    const isSame = recorded?.map((path) => resolve(project.directory, path)).join("\n") === paths.join("\n");
    return ofManifests(named, { isFresh: isSame && options.isRead === true }, project, context);
  }
  if (recorded !== undefined && knowsAll(words, project)) {
    const targets = await ofManifests(recorded, { isFresh: options.isRead === true }, project, context);
    return targets && { ...targets, stacks: choose(words, targets.stacks, readAssembly(project.output)) };
  }
  await synthesize(project, options, recorded !== undefined, context);
  const assembly = readAssembly(project.output);
  return { project, context, stacks: choose(words, undefined, assembly) };
}

/** A path or a YAML file; names of stacks and environments have neither dots nor slashes. */
export function isManifest(word: string): boolean {
  return word === "-" || /[\\/]|\.(ya?ml|json)$/.test(word) || /^\.+$/.test(word);
}

async function ofManifests(
  paths: readonly string[],
  { isFresh }: { readonly isFresh: boolean },
  project: Project,
  context: CommandContext,
): Promise<Targets | undefined> {
  const { providerEnvironment, readManifests } = await import("../../manifest/index.js");
  const options = { set: [], output: project.output };
  const set = isFresh
    ? readManifests(paths, { cwd: context.cwd, set: [] })
    : await synthesizeManifests(paths, options, project, context);
  if (set === undefined) return undefined;
  if (!isFresh) await recordManifests(project, context.cwd, paths);
  const credentials = set.units
    .flatMap(({ manifests }) => manifests)
    .filter((manifest) => manifest.kind === "CloudflareCredential");
  if (credentials.length > 1) {
    throw new UsageError("several credentials are named, and only one can be used", "name one CloudflareCredential");
  }
  const [credential] = isFresh ? [] : credentials;
  const env =
    credential === undefined ? context.env : { ...context.env, ...providerEnvironment(credential, context.env) };
  return { project, manifests: set, context: { ...context, env }, stacks: readAssembly(project.output).stacks };
}

/** Whether the assembly has every stack that is named. */
function knowsAll(words: readonly string[], project: Project): boolean {
  const { stacks } = readAssembly(project.output);
  return words.every((word) => stacks.some(({ name, environment }) => name === word || environment === word));
}

async function synthesize(
  project: Project,
  options: TargetOptions,
  isOfManifests: boolean,
  context: CommandContext,
): Promise<void> {
  // A folder named on the command line is the user's: it is not overwritten.
  if (options.output !== undefined || project.app === undefined) return;
  if (isOfManifests) {
    context.notes.line(context.notes.paint("dim", "synthesizing: the assembly was made of manifests"));
    await synthesizeApp(project, context);
    await recordEnvironment(project, context.env, await filesOfApp(project));
  } else if (options.isRead !== true || !hasAssembly(project)) {
    await synthesizeIfStale(project, context, { isDeployed: true });
  }
}

function hasAssembly({ output }: Project): boolean {
  try {
    readAssembly(output);
    return true;
  } catch (error) {
    if (error instanceof InputError && error.code === "ASSEMBLY_MISSING") return false;
    throw error;
  }
}

/** The stacks that words name, each once, in the order of the assembly. */
function choose(words: readonly string[], all: readonly Stack[] | undefined, assembly: Assembly): readonly Stack[] {
  if (words.length === 0) return all ?? [onlyStack(assembly)];
  const chosen = new Set(
    words.flatMap((word) => {
      const ofEnvironment = assembly.stacks.filter(({ environment }) => environment === word);
      const exact = assembly.stacks.filter(({ name }) => name === word);
      return exact.length > 0
        ? exact
        : ofEnvironment.length > 0
          ? ofEnvironment
          : [chooseStack(assembly, { name: word })];
    }),
  );
  return assembly.stacks.filter(({ name }) => [...chosen].some((stack) => stack.name === name));
}

/** Nothing is deployed because it happens to come first. */
function onlyStack({ stacks }: Assembly): Stack {
  const [only, ...others] = stacks;
  if (only !== undefined && others.length === 0) return only;
  throw new InputError(
    "STACK_NOT_CHOSEN",
    stacks.length === 0 ? "the assembly has no stacks" : "several stacks could be meant",
    stacks.length === 0
      ? "define one in the app, then run the command again"
      : `name some of: ${stacks.map(({ name }) => name).join(", ")}; or an environment`,
  );
}
