import { access, constants, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

/** A file system in memory, on Linux. */
const MEMORY = "/dev/shm";
/** In containers it often has 64 MB, which a few values of 25 MiB would fill. */
const MIN_BYTES = 1_000_000_000;

/**
 * The folder for temporary data: in memory if there is enough, because otherwise each value is flushed to disk.
 */
export async function temporaryParent(): Promise<string> {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    if (bavail * bsize >= MIN_BYTES) return MEMORY;
  } catch {
    // No such file system, or not ours to write.
  }
  return tmpdir();
}
