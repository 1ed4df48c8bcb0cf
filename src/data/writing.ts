import { InputError } from "../errors.js";
import { systemCode } from "./records.js";

/**
 * Runs work that writes a file.
 *
 * @throws InputError `FILE_UNWRITABLE` with the system's reason, such as a full disk
 */
export async function writing<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || error instanceof InputError) throw error;
    throw new InputError("FILE_UNWRITABLE", `'${file}' cannot be written (${code})`, HINTS[code], { cause: error });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "check the permissions of the file and of its folder",
  EEXIST: "a file is in the place of a folder: remove or rename it",
  EISDIR: "it is a folder: name a file",
  ENOSPC: "the disk is full: free some space",
  ENOTDIR: "a file is in the place of a folder: remove or rename it",
  EPERM: "check the permissions of the file and of its folder",
  EROFS: "the disk is read-only: name a file elsewhere",
};
