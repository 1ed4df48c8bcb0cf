import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Assembly, migratedDatabases } from "../../assembly/index.js";
import type { Project } from "../project.js";

/** The absolute paths of the files that an assembly records as sources of its Workers. */
export function recordedInputs({ stacks }: Assembly, { directory }: Project): Set<string> {
  const sources = stacks.flatMap(({ workers }) =>
    workers.flatMap(({ versions }) => versions.map(({ source }) => source)),
  );
  return new Set(sources.flatMap((source) => (source?.inputs ?? []).map((input) => resolve(directory, input))));
}

/** The absolute paths of the folders that the migrations of an assembly were copied from. */
export function migrationFolders({ stacks }: Assembly, { directory }: Project): string[] {
  const databases = stacks.flatMap(({ workers }) => migratedDatabases(workers));
  return [...new Set(databases.flatMap(({ folders }) => folders.map(({ source }) => resolve(directory, source))))];
}

/**
 * The absolute paths of the files that the app itself is made of, wherever they are. Undefined when its command does
 * more than run one file: any change may then concern the app.
 */
export async function filesOfApp(project: Project): Promise<ReadonlySet<string> | undefined> {
  const entry = entryOf(project);
  if (entry === undefined) return undefined;
  const { appSources } = await import("../../bundle/app-sources.js");
  const files = await appSources(entry);
  return files === undefined ? undefined : new Set(files);
}

/** As in `npx tsx main.ts`: one file, and nothing that only a shell understands. */
function entryOf({ app = "", directory }: Project): string | undefined {
  if (/[&|;<>`$"'\\()]/.test(app)) return undefined;
  const words = app.split(/\s+/).filter((word) => /\.[cm]?[jt]sx?$/.test(word));
  const files = words.map((word) => resolve(directory, word));
  const [entry, ...others] = files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  return others.length === 0 ? entry : undefined;
}
