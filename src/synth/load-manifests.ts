import { existsSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { App, type TerraformStack } from "cdktf";
import { AppLock } from "../constructs/app-lock.js";
import { InputError } from "../errors.js";
import { findLock } from "../lock/index.js";
import { type Diagnostic, type ManifestSet, readManifests, type ReadOptions } from "../manifest/index.js";
import { defineStacks, planStacks } from "./define-stacks.js";
import type { DefineOptions } from "./define-options.js";
import { reportMissingAccounts } from "./problems.js";
import { rehearse } from "./rehearse.js";

/** Options for turning manifests into stacks. */
export interface LoadOptions extends Pick<ReadOptions, "compat" | "set" | "cwd" | "stdin" | "optional"> {
  /**
   * The account of documents that do not set one: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing
   */
  readonly accountId?: string;

  /**
   * The stack's name, if there is only one.
   *
   * @default - the file's name, the name of a kustomization's folder, or the project_name of a template
   */
  readonly stack?: string;

  /**
   * Makes a separate stack of every document.
   *
   * @default false - one stack per file or kustomization
   */
  readonly split?: boolean;
}

/** Manifests that cannot become stacks, with every problem and its position. Exit code 1. */
export class ManifestError extends InputError<"INVALID_MANIFEST"> {
  /** Every problem, warnings included. */
  readonly problems: readonly Diagnostic[];

  constructor(set: ManifestSet) {
    super("INVALID_MANIFEST", `the manifests have problems:\n\n${set.render()}`);
    this.problems = set.problems;
  }
}

/**
 * Defines the stacks of YAML manifests in an app: one for each file or kustomization, and those of every
 * EnvironmentSet.
 *
 * @param paths files, folders and patterns, relative to the working directory
 * @throws ManifestError with every problem of every document; nothing can be synthesized then
 * @example
 * loadManifests(app, "stacks/*.yaml", { optional: true });
 */
export function loadManifests(
  app: App,
  paths: string | readonly string[],
  options: LoadOptions = {},
): TerraformStack[] {
  const set = readForApp(paths, options);
  if (!set.isValid()) throw new ManifestError(set);
  const stacks = defineStacks(app, set, planStacks(set, options), options);
  if (!set.isValid()) throw new ManifestError(set);
  return stacks;
}

/**
 * Synthesizes manifests into a folder, as an app of their own. Nothing is written if there is any problem.
 *
 * @param options - `withoutLock` neither reads nor writes `cfkv.lock.json`, for a folder that is only looked at
 */
export function synthManifests(
  outdir: string,
  paths: string | readonly string[],
  options: LoadOptions & { readonly withoutLock?: true } = {},
): ManifestSet {
  const set = readForApp(paths, options);
  if (!set.isValid()) return set;
  const isNew = !existsSync(outdir);
  const app = new App({
    outdir,
    context: { lock: options.withoutLock === true ? false : (lockOf(set, options) ?? false) },
  });
  AppLock.of(app).isWhole = false;
  defineStacks(app, set, planStacks(set, options), options);
  if (set.isValid()) app.synth();
  // An app creates its folder before it knows whether there will be any output.
  else if (isNew) rmSync(outdir, { recursive: true, force: true });
  return set;
}

function readForApp(paths: string | readonly string[], options: LoadOptions): ManifestSet {
  const set = readManifests(typeof paths === "string" ? [paths] : paths, { ...options, asOneApp: true });
  const plans = planStacks(set, options);
  if (options.stack !== undefined && plans.length !== 1) {
    const hint = "remove it, or combine the files in a kustomization";
    throw new InputError("USAGE", `a stack name requires exactly one stack, got ${plans.length}`, hint);
  }
  const all = set.units.flatMap(({ manifests }) => manifests);
  reportMissingAccounts(all, options satisfies DefineOptions);
  rehearse(set);
  return set;
}

/** Beside the manifests, or in the project that they are a part of, wherever the command runs. */
function lockOf(set: ManifestSet, { cwd = process.cwd() }: LoadOptions): string | undefined {
  const folders = set.units.filter(({ file }) => file !== "-").map(({ file }) => dirname(resolve(cwd, file)));
  return findLock([...folders, cwd]);
}
