import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../errors.js";
import { type LockOwner, takeLock } from "../files/process-lock.js";
import { writing } from "./writing.js";

/** Locks of this process, each with whether it is already taken. */
const held = new Map<string, boolean>();

/**
 * Performs a run that keeps a record, and keeps other runs from using the same record: two of them would mix up their
 * lines.
 *
 * @param name - what the run is, for people: `cfkv seed`
 * @throws InputError `RUN_IN_PROGRESS` while another one uses the record
 */
export async function withRunLock<Result>(record: string, name: string, run: () => Promise<Result>): Promise<Result> {
  const path = `${resolve(record)}.lock`;
  if (held.has(path)) throw inProgress(record, { pid: process.pid, name });
  held.set(path, false);
  try {
    await writing(path, () => takeLock(path, name, (owner) => inProgress(record, owner)));
    held.set(path, true);
    try {
      return await run();
    } finally {
      await rm(path, { force: true });
    }
  } finally {
    held.delete(path);
  }
}

/** Releases the locks of this process before it ends, so that its runs can be continued at once. */
export function releaseRunLocks(): void {
  for (const [path, taken] of held) if (taken) rmSync(path, { force: true });
}

function inProgress(record: string, owner: LockOwner | undefined): InputError<"RUN_IN_PROGRESS"> {
  const who = owner === undefined ? "another run" : `${owner.name} (process id ${owner.pid})`;
  return new InputError(
    "RUN_IN_PROGRESS",
    `${who} is already doing the same, with the record ${record}`,
    "wait until it ends, or stop it",
  );
}
