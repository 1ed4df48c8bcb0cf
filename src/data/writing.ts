import { InputError } from "../errors.js";

/**
 * Does what writes a file.
 *
 * @throws InputError `FILE_UNWRITABLE` with the system's reason, such as a full disk
 */
export async function writing<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw error;
    throw new InputError("FILE_UNWRITABLE", `'${file}' cannot be written (${code})`, HINTS[code], { cause: error });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "check the permissions of the file and of its folder",
  EISDIR: "it is a folder: name a file",
  ENOSPC: "the disk is full: free some space",
  EROFS: "the disk cannot be written to: name a file elsewhere",
};
