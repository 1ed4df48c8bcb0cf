import { randomUUID } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";

/** How a file is replaced. */
export interface ReplaceOptions {
  /**
   * The permissions of the new file.
   *
   * @default - what the process's mask leaves of 0666
   */
  readonly mode?: number;
}

/**
 * Replaces a whole file in one step: a reader finds the old content or the new one, never a part, even after a power
 * failure. What was written beside it is removed when anything fails.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplaceOptions = {},
): Promise<void> {
  // A name of its own: two processes that replace the same file must not write into one.
  const beside = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(beside, "wx", options.mode);
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** The same for a caller that cannot wait, as constructs are synthesized synchronously. */
export function replaceFileSync(path: string, content: string): void {
  const beside = `${path}.${randomUUID()}.new`;
  try {
    const file = openSync(beside, "wx");
    try {
      writeFileSync(file, content);
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
