import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.js";

/**
 * Keeps a second emulator out of a data folder. The lock of a process that is gone is taken over.
 *
 * @returns what gives the folder free
 * @throws InputError `DATA_FOLDER_IN_USE` with the process that has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  for (let tries = 0; tries < 3; tries++) {
    const file = await open(path, "wx", 0o600).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
      throw error;
    });
    if (file !== undefined) {
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    }
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (owner > 0 && isAlive(owner)) {
      throw new InputError(
        "DATA_FOLDER_IN_USE",
        `the folder ${folder} is in use by the emulator with process id ${owner}`,
        "stop that one, or name another folder",
      );
    }
    await rm(path, { force: true });
  }
  throw new InputError("DATA_FOLDER_IN_USE", `the folder ${folder} is being taken by another emulator`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
