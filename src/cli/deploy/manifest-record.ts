import { readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { writing } from "../../data/writing.js";
import { replaceFile } from "../../files/replace-file.js";
import { DATA_FOLDER, prepareDataFolder } from "../../local/dev/folder.js";
import { isObject } from "../../values/json.js";
import type { Project } from "../project.js";

/** Notes which manifests an assembly was made of, so that later commands need not name them again. */
export async function recordManifests(project: Project, cwd: string, manifests: readonly string[]): Promise<void> {
  const folder = join(project.directory, DATA_FOLDER);
  const written = await writtenAt(project);
  const paths = manifests.map((path) => relative(project.directory, resolve(cwd, path)));
  await writing(folder, async () => {
    await prepareDataFolder(folder);
    await replaceFile(fileOf(project), `${JSON.stringify({ output: project.output, written, paths })}\n`);
  });
}

/** The manifests that the assembly was made of; undefined when anything else wrote it. */
export async function recordedManifests(project: Project): Promise<readonly string[] | undefined> {
  const record: unknown = await readFile(fileOf(project), "utf8").then(
    (text) => JSON.parse(text) as unknown,
    () => undefined,
  );
  if (!isObject(record) || record["output"] !== project.output || !Array.isArray(record["paths"])) return undefined;
  const isCurrent = record["written"] === (await writtenAt(project));
  return isCurrent ? record["paths"].filter((path) => typeof path === "string") : undefined;
}

async function writtenAt({ output }: Project): Promise<number | undefined> {
  return stat(join(output, "manifest.json")).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function fileOf({ directory }: Project): string {
  return join(directory, DATA_FOLDER, "manifests.json");
}
