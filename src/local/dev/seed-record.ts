import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { InputError } from "../../errors.js";
import { takeLock } from "../../files/process-lock.js";
import { replaceFile } from "../../files/replace-file.js";
import { folderInUse } from "../engine/folder-lock.js";

/** What was loaded into the namespaces of a data folder, so that it is loaded once. Digests, by namespace. */
export interface SeedRecord {
  readonly seeds: Readonly<Record<string, string>>;
  readonly managed: Readonly<Record<string, string>>;
}

/** The record of a folder where nothing was loaded. */
export const NO_SEEDS: SeedRecord = { seeds: {}, managed: {} };

/** Attempts to change the record, and milliseconds between them: a change takes a few milliseconds. */
const TRIES = { limit: 250, pause: 20 };

/** The holder of a lock that changes hands all the time. */
const UNKNOWN = { pid: 0, name: "another process" };

/** The change of each record that this process began last. The lock separates processes, not the changes within one. */
const changes = new Map<string, Promise<unknown>>();

/** What was loaded into the namespaces of this folder; nothing for a new one. */
export async function readSeedRecord(folder: string): Promise<SeedRecord> {
  try {
    return { ...NO_SEEDS, ...(JSON.parse(await readFile(recordFile(folder), "utf8")) as Partial<SeedRecord>) };
  } catch {
    // Never written, or cut off by a crash of the machine: seeding once more does no harm.
    return NO_SEEDS;
  }
}

/**
 * Adds to the record. `cfkv dev` and `cfkv seed --local` do so at the same time: each reads what the other wrote, and
 * adds to that. An interrupted write leaves the old record.
 *
 * @throws InputError `DATA_FOLDER_IN_USE` when another process does not finish its change
 */
export async function addToSeedRecord(folder: string, added: Partial<SeedRecord>): Promise<void> {
  const file = resolve(recordFile(folder));
  const change = (changes.get(file) ?? Promise.resolve()).then(() =>
    locked(`${file}.lock`, folder, async () => {
      const { seeds, managed } = await readSeedRecord(folder);
      const record = { seeds: { ...seeds, ...added.seeds }, managed: { ...managed, ...added.managed } };
      await replaceFile(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    }),
  );
  const settled = change.catch(() => undefined);
  changes.set(file, settled);
  await change;
  if (changes.get(file) === settled) changes.delete(file);
}

async function locked(path: string, folder: string, work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await takeLock(path, "cfkv", (owner) => folderInUse(folder, owner ?? UNKNOWN));
      break;
    } catch (error) {
      const busy = error instanceof InputError && error.code === "DATA_FOLDER_IN_USE";
      if (!busy || tries === TRIES.limit) throw error;
      await wait(TRIES.pause);
    }
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

function recordFile(folder: string): string {
  return join(folder, "seeds.json");
}
