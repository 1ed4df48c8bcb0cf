import { access, constants, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

/** A file system in memory, where Linux has one. */
const MEMORY = "/dev/shm";
/** Containers often have 64 MB there, which a few values of 25 MiB would fill. */
const MIN_BYTES = 1_000_000_000;

/**
 * Where data that is not kept goes: into memory where there is enough, because each value is flushed to its file
 * otherwise.
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
