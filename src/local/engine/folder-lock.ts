import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { lockOwner, type LockOwner, recordedOwner, takeLock } from "../../files/process-lock.js";
import { replaceFile } from "../../files/replace-file.js";

/** The owner of a data folder: the content of its file `lock`. */
export interface FolderOwner extends LockOwner {
  /** Its address. */
  readonly url?: string;
  /** The secret with which others may access the data through it. */
  readonly secret?: string;
}

/** A locked folder. */
export interface FolderLock {
  /** Publishes more about the owner. */
  readonly publish: (more: Pick<FolderOwner, "url" | "secret">) => Promise<void>;
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
 * Keeps every other process out of a data folder: two instances of workerd on the same files refuse each other's
 * writes. The lock of an ended process is taken over.
 *
 * @param alone - whether this process may hold it only once
 * @throws InputError `DATA_FOLDER_IN_USE` with the owner and its address
 */
export async function lockFolder(folder: string, name: string, alone: boolean): Promise<FolderLock> {
  const path = join(resolve(folder), "lock");
  const before = held.get(path);
  if (before !== undefined && (alone || before.alone)) {
    const owner = await before.taken;
    throw folderInUse(folder, (await recordedOwner(path)) ?? owner);
  }
  const mine = before ?? { count: 0, alone, taken: takeLock(path, name, (owner) => busy(folder, owner)) };
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
    publish: async (more) => {
      await replaceFile(path, JSON.stringify({ ...own, ...more }), { mode: 0o600 });
    },
    release: letGo,
  };
}

/** The current owner, if its process is still running. */
export async function ownerOf(folder: string): Promise<FolderOwner | undefined> {
  return lockOwner(join(folder, "lock"));
}

/** The error for a second process, which names the first one. */
export function folderInUse(folder: string, { name, pid, url }: FolderOwner): InputError<"DATA_FOLDER_IN_USE"> {
  const where = url === undefined ? "" : ` at ${url}`;
  return new InputError(
    "DATA_FOLDER_IN_USE",
    `the data in ${folder} is in use by ${name}${where} (process id ${pid})`,
    name === "cfkv dev"
      ? "use that one, stop it, or run without keeping data: cfkv dev --ephemeral"
      : "stop that one, or name another folder",
  );
}

function busy(folder: string, owner: FolderOwner | undefined): InputError<"DATA_FOLDER_IN_USE"> {
  if (owner !== undefined) return folderInUse(folder, owner);
  return new InputError("DATA_FOLDER_IN_USE", `other processes are locking the data in ${folder}`, "try again");
}
