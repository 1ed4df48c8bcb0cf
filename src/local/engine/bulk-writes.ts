import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { promisify } from "node:util";
import * as KV_LIMITS from "../../kv/limits.js";
import { keyProblem, metadataProblem, valueSizeProblem } from "../../kv/rules.js";
import type { StoreEntry, StoreRow } from "./store-entry.js";

/** The latest expiration of the binding, in seconds since 1970; it uses 32 bits. */
export const BINDING_MAX = 2 ** 31 - 1;
/** Fewer entries are faster one by one, because a bulk write flushes the whole file system. */
const MIN_ENTRIES = 50;
/** How many files are written before other work gets a turn. */
const BURST = 200;

/** Sends rows to the object of a namespace, which writes them in one transaction. */
export type InsertRows = (rows: string) => Promise<void>;

/** Whether to use {@link writeBulk}: for many entries, or some that the binding cannot store. */
export function wantsBulk(entries: readonly StoreEntry[], now = Date.now()): boolean {
  return (entries.length >= MIN_ENTRIES || entries.some((entry) => isFar(entry, now))) && entries.every(fits);

  function fits({ key, value, base64, metadata, expiration, expirationTtl }: StoreEntry): boolean {
    const soonest = Math.floor(now / 1000) + KV_LIMITS.minExpirationTtl;
    const bytes = Buffer.byteLength(value, base64 === true ? "base64" : "utf8");
    return (
      keyProblem(key) === undefined &&
      valueSizeProblem(bytes) === undefined &&
      (metadata === undefined || metadataProblem(metadata) === undefined) &&
      (expirationTtl === undefined || expirationTtl >= KV_LIMITS.minExpirationTtl) &&
      (expiration === undefined || expirationTtl !== undefined || expiration >= soonest)
    );
  }
}

/** Whether an entry expires later than the binding supports. */
export function isFar(entry: Pick<StoreEntry, "expiration" | "expirationTtl">, now = Date.now()): boolean {
  return (expirationOf(entry, now) ?? 0) > BINDING_MAX * 1000;
}

/**
 * Writes all entries or none: the values as files first, flushed together, then their rows in one transaction. If the
 * process is killed in between, the files belong to no key.
 *
 * @param folder - where workerd keeps the files of the namespace
 */
export async function writeBulk(
  folder: string,
  entries: readonly StoreEntry[],
  insert: InsertRows,
  now = Date.now(),
): Promise<void> {
  const written: string[] = [];
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const rows: StoreRow[] = [];
    for (const entry of entries) {
      const blobId = randomBytes(40).toString("hex");
      const path = join(folder, blobId);
      written.push(path);
      // Three times as fast as asynchronous writes, for files this small; other work gets a turn in between.
      writeFileSync(path, Buffer.from(entry.value, entry.base64 === true ? "base64" : "utf8"), { mode: 0o600 });
      const metadata = entry.metadata === undefined ? null : JSON.stringify(entry.metadata);
      rows.push([entry.key, blobId, expirationOf(entry, now) ?? null, metadata]);
      if (written.length % BURST === 0) await breathe();
    }
    await flush(folder, written);
    await insert(JSON.stringify(rows));
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
}

/** When an entry expires, in milliseconds; a TTL takes precedence over a time. */
function expirationOf(
  { expiration, expirationTtl }: Pick<StoreEntry, "expiration" | "expirationTtl">,
  now: number,
): number | undefined {
  if (expirationTtl !== undefined) return (Math.floor(now / 1000) + expirationTtl) * 1000;
  return expiration === undefined ? undefined : expiration * 1000;
}

/** Flushes files to disk, all at once if the system supports that. */
async function flush(folder: string, paths: readonly string[]): Promise<void> {
  if (process.platform === "linux") {
    const done = await promisify(execFile)("sync", ["-f", folder]).then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  for (const path of [...paths, folder]) {
    const file = await open(path, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
