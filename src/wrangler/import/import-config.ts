import { basename, dirname, relative, resolve, sep } from "node:path";
import type { WranglerConfig } from "./config-schema.js";
import { draftEnvironments } from "./draft-environment.js";
import { leftOut } from "./draft.js";
import type { LiveFacts } from "./live-facts.js";
import { type PlannedSet, planSet } from "./plan-set.js";
import { slugOf, sourceEnvironments } from "./source-environments.js";

/** What an import needs beside the configuration. */
export interface ImportInput {
  /** The folder that `file` is relative to, absolute. */
  readonly folder: string;
  /** The configuration's path, as it was given. */
  readonly file: string;
  /** The folder that paths of the set are relative to, absolute. */
  readonly base: string;
  /** Only these environments, by wrangler's names; empty for the top level. */
  readonly environments: readonly string[];
  readonly live: LiveFacts | undefined;
  /** Paths of fields that wrangler does not know. */
  readonly unknown: readonly string[];
}

/** Makes a set of a configuration. */
export async function importConfig(config: WranglerConfig, input: ImportInput): Promise<PlannedSet> {
  const { folder, file, base, environments, live, unknown } = input;
  const home = dirname(resolve(folder, file));
  const all = sourceEnvironments(config);
  const wanted = all.filter(
    ({ wranglerName = "" }) => environments.length === 0 || environments.includes(wranglerName),
  );
  const drafts = await draftEnvironments(wanted, {
    file: basename(file),
    repath: (path) => relativePath(base, resolve(home, path)),
    live,
  });
  return planSet(
    appName(config, home),
    drafts,
    unknown.map((path) => leftOut(path, "wrangler has no such field")),
  );
}

/** The names of environments that a configuration has. */
export function environmentNames({ env = {} }: WranglerConfig): readonly string[] {
  return Object.keys(env);
}

function appName({ name, env = {} }: WranglerConfig, home: string): string {
  const [own] = Object.values(env).flatMap((environment) => environment.name ?? []);
  return slugOf(name ?? own ?? basename(home));
}

function relativePath(folder: string, path: string): string {
  const found = relative(folder, path).replaceAll(sep, "/");
  return found === "" ? "." : found;
}
