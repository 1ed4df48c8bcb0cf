import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../../errors.js";

/**
 * Writes a file that does not exist yet; one that does stays as it is, even when it has just appeared.
 *
 * @throws InputError `FILE_EXISTS`, `FILE_UNWRITABLE`
 */
export async function writeNew(path: string, name: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new InputError(
        "FILE_EXISTS",
        `${name} exists already, and is left as it is`,
        "name another file with --to",
      );
    }
    throw new InputError("FILE_UNWRITABLE", `${name} cannot be written`, "name another file with --to", { cause });
  }
}
