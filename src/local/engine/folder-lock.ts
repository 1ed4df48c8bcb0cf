import { randomUUID } from "node:crypto";
import { constants, copyFile, link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../errors.js";

/** Who has a data folder: the content of its file `lock`. */
export interface FolderOwner {
  readonly pid: number;
  /** When that process began, as the system counts: ids of processes are given again. */
  readonly started?: string;
  /** What it is, for people: `cfkv dev`. */
  readonly name: string;
  /** Where it answers. */
  readonly url?: string;
  /** Lets others work on the data through it. */
  readonly secret?: string;
}

/** A folder that is held. */
export interface FolderLock {
  /** Lets others know more about the owner. */
  readonly tell: (more: Pick<FolderOwner, "url" | "secret">) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** A folder of this process. */
interface Held {
  count: number;
  readonly alone: boolean;
  readonly taken: Promise<FolderOwner>;
}

const held = new Map<string, Held>();

/**
 * Keeps every other process out of a data folder: two runtimes on the same files refuse each other's writes. The
 * lock of a process that is gone is taken over.
 *
 * @param alone - whether this process may not hold it twice either
 * @throws InputError `DATA_FOLDER_IN_USE` with who has it and where
 */
export async function lockFolder(folder: string, name: string, alone: boolean): Promise<FolderLock> {
  const path = join(resolve(folder), "lock");
  const before = held.get(path);
  if (before !== undefined && (alone || before.alone)) {
    const owner = await before.taken;
    throw folderInUse(folder, parsed(await content(path)) ?? owner);
  }
  const mine = before ?? { count: 0, alone, taken: take(path, name) };
  mine.count++;
  held.set(path, mine);
  const letGo = async (): Promise<void> => {
    if (--mine.count > 0) return;
    await rm(path, { force: true });
    if (held.get(path) === mine) held.delete(path);
  };
  const own = await mine.taken.catch((error: unknown) => {
    held.delete(path);
    throw error;
  });
  return {
    tell: async (more) => {
      const beside = `${path}.${randomUUID()}`;
      await writeFile(beside, JSON.stringify({ ...own, ...more }), { mode: 0o600 });
      await rename(beside, path);
    },
    release: letGo,
  };
}

/** Who has the folder now, if anybody lives who does. */
export async function ownerOf(folder: string): Promise<FolderOwner | undefined> {
  const owner = parsed(await content(join(folder, "lock")));
  return owner !== undefined && (await lives(owner)) ? owner : undefined;
}

/** The refusal of a second process, with what the first one is. */
export function folderInUse(folder: string, { name, pid, url }: FolderOwner): InputError<"DATA_FOLDER_IN_USE"> {
  const where = url === undefined ? "" : ` at ${url}`;
  return new InputError(
    "DATA_FOLDER_IN_USE",
    `the data in ${folder} is in use by ${name}${where} (process id ${pid})`,
    name === "cfkv dev"
      ? "use that one, stop it, or run without data of its own: cfkv dev --ephemeral"
      : "stop that one, or name another folder",
  );
}

async function take(path: string, name: string): Promise<FolderOwner> {
  const folder = dirname(path);
  const own: FolderOwner = { pid: process.pid, ...(await beginOf(process.pid)), name };
  const beside = `${path}.${randomUUID()}`;
  // A lock appears whole, by its other name: nobody ever reads half of one.
  await writeFile(beside, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let tries = 0; tries < 5; tries++) {
      if (await linked(beside, path)) return own;
      const text = await content(path);
      const owner = parsed(text);
      // This process would know of a lock of its own: an earlier one, with the same id, left this.
      const stale = owner === undefined || owner.pid === process.pid || !(await lives(owner));
      if (!stale) throw folderInUse(folder, owner);
      await removeStale(path, text);
    }
    throw new InputError("DATA_FOLDER_IN_USE", `the data in ${folder} is being taken by others`, "try again");
  } finally {
    await rm(beside, { force: true });
  }
}

/** Removes the lock that was read, and not the one that somebody else may have put in its place since. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  if (!(await rename(path, aside).then(...outcome))) return;
  if ((await content(aside)) !== text) await linked(aside, path);
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

async function content(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function parsed(text: string): FolderOwner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<FolderOwner> | number | null;
    // A number is what versions before this one wrote.
    if (typeof owner === "number") return { pid: owner, name: "another process" };
    if (typeof owner?.pid === "number" && typeof owner.name === "string") return owner as FolderOwner;
  } catch {
    // Not ours, or nothing: nobody can be asked whether it is in use.
  }
  return undefined;
}

async function lives({ pid, started }: FolderOwner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = await processStat(pid);
  // One that has ended and that nobody has asked for its end, as happens in containers, is still listed.
  if (now.state === "Z") return false;
  return started === undefined || now.started === undefined || now.started === started;
}

/** When a process began, where the system tells it. */
async function beginOf(pid: number): Promise<Pick<FolderOwner, "started">> {
  const { started } = await processStat(pid);
  return started === undefined ? {} : { started };
}

async function processStat(pid: number): Promise<{ readonly state?: string; readonly started?: string }> {
  const text = await content(`/proc/${pid}/stat`);
  if (text === "") return {};
  // The name in parentheses may hold anything; the other fields come after it.
  const [state = "", ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const started = fields[18];
  return { state, ...(started === undefined ? {} : { started }) };
}
