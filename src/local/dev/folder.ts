import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.js";

/** The folder for data that a project's Workers store on this machine, beside its `cdktf.json`. */
export const DATA_FOLDER = ".cfkv";

/** Digests of the seeds that were loaded into each namespace, so that they are loaded only once. */
export interface SeedRecord {
  readonly seeds: Readonly<Record<string, string>>;
  readonly managed: Readonly<Record<string, string>>;
}

/** Creates the data folder: for its owner only, and ignored by git whatever the project's `.gitignore` says. */
export async function prepareDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const ignore = join(folder, ".gitignore");
  if (!existsSync(ignore)) await writeFile(ignore, "*\n", { mode: 0o600 });
}

/** The folder of workerd's files. */
export function workerdFolder(folder: string): string {
  return join(folder, "data");
}

/** The seeds loaded into the namespaces of this folder; none for a new one. */
export async function readSeedRecord(folder: string): Promise<SeedRecord> {
  const nothing: SeedRecord = { seeds: {}, managed: {} };
  try {
    return { ...nothing, ...(JSON.parse(await readFile(recordFile(folder), "utf8")) as Partial<SeedRecord>) };
  } catch {
    // Never written, or cut off by a crash of the machine: loading the seeds once more does no harm.
    return nothing;
  }
}

/** Replaces the record at once: an interrupted write leaves the old one. */
export async function writeSeedRecord(folder: string, record: SeedRecord): Promise<void> {
  await replaceFile(recordFile(folder), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

function recordFile(folder: string): string {
  return join(folder, "seeds.json");
}
