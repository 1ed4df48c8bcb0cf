import { mkdirSync, rmSync, statSync } from "node:fs";

/** A turn lasts as long as reading and writing a small file; an older one was left by a killed process. */
const LEFT_AFTER_MS = 10_000;
const PAUSE_MS = 10;

/**
 * Waits for this process's turn at a file, and takes it: a folder beside the file, as making one succeeds only once.
 * Constructs are synthesized synchronously, so the waiting is too.
 *
 * @returns ends the turn
 */
export function takeTurn(path: string): () => void {
  const mark = `${path}.turn`;
  while (!isMade(mark)) {
    if (isLeft(mark)) rmSync(mark, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  return () => rmSync(mark, { recursive: true, force: true });
}

function isMade(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isLeft(mark: string): boolean {
  const made = statSync(mark, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > LEFT_AFTER_MS;
}
