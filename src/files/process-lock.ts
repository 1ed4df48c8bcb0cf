import { randomUUID } from "node:crypto";
import { constants, copyFile, link, readFile, rename, rm, writeFile } from "node:fs/promises";

/** Which process holds a lock: the content of the lock's file. */
export interface LockOwner {
  readonly pid: number;
  /** When that process began, as the system counts: process ids are reused. */
  readonly started?: string;
  /** What it is, for people: `cfkv dev`. */
  readonly name: string;
}

/** Attempts before giving up on a lock that keeps changing hands. */
const MAX_TRIES = 5;

/**
 * Takes a lock for this process; one that an ended process left behind is taken over. A lock is a file with the owner
 * in it.
 *
 * The caller keeps the locks of this process apart: a lock that names this process was left by an earlier one of its
 * id.
 *
 * @param inUse - the error to throw when a running process holds it, or when the holder is unknown
 * @returns what was written about this process
 */
export async function takeLock(
  path: string,
  name: string,
  inUse: (owner: LockOwner | undefined) => Error,
): Promise<LockOwner> {
  const own: LockOwner = { pid: process.pid, ...(await startOf(process.pid)), name };
  const beside = `${path}.${randomUUID()}`;
  // A lock is linked into place complete, so no process can read half of one.
  await writeFile(beside, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await linked(beside, path)) return own;
      const text = await contentOf(path);
      const owner = parseOwner(text);
      const stale = owner === undefined || owner.pid === process.pid || !(await isRunning(owner));
      if (!stale) throw inUse(owner);
      await removeStale(path, text);
    }
    throw inUse(undefined);
  } finally {
    await rm(beside, { force: true });
  }
}

/** The process that holds a lock, if it is still running. */
export async function lockOwner(path: string): Promise<LockOwner | undefined> {
  const owner = parseOwner(await contentOf(path));
  return owner !== undefined && (await isRunning(owner)) ? owner : undefined;
}

/** What a lock's file says, whether or not its process is running. */
export async function recordedOwner(path: string): Promise<LockOwner | undefined> {
  return parseOwner(await contentOf(path));
}

/** Removes the lock that was read, and not the one that another process may have made since. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  if (!(await rename(path, aside).then(...outcome))) return;
  if ((await contentOf(aside)) !== text) await linked(aside, path);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to)
    .catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" || code === "ENOENT") throw error;
      // A file system without second names, such as a folder shared with a virtual machine.
      return copyFile(from, to, constants.COPYFILE_EXCL);
    })
    .then(...outcome);
}

/** Whether a file operation was done; another process may have been faster. */
const outcome = [
  () => true,
  (error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST" || error.code === "ENOENT") return false;
    throw error;
  },
] as const;

async function contentOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner> | number | null;
    // A number is what versions before this one wrote.
    if (typeof owner === "number") return { pid: owner, name: "another process" };
    if (typeof owner?.pid === "number" && typeof owner.name === "string") return owner as LockOwner;
  } catch {
    // Not ours, or nothing: no process can be asked whether it is in use.
  }
  return undefined;
}

async function isRunning({ pid, started }: LockOwner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = await processStat(pid);
  // A process that has ended is listed until its parent waits for it, which in a container may be never.
  if (now.state === "Z") return false;
  return started === undefined || now.started === undefined || now.started === started;
}

/** When a process began, where the system reports it. */
async function startOf(pid: number): Promise<Pick<LockOwner, "started">> {
  const { started } = await processStat(pid);
  return started === undefined ? {} : { started };
}

async function processStat(pid: number): Promise<{ readonly state?: string; readonly started?: string }> {
  const text = await contentOf(`/proc/${pid}/stat`);
  if (text === "") return {};
  // The name in parentheses may hold anything; the other fields come after it.
  const [state = "", ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const started = fields[18];
  return { state, ...(started === undefined ? {} : { started }) };
}
