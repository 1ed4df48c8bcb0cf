import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readChunks } from "./read-chunks.js";

const CHUNK_BYTES = 256 * 1024;

/** A hash over the paths and bytes of files and of everything in directories. */
export async function fingerprint(files: readonly string[], ...decisive: readonly unknown[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(decisive));
  for (const file of files) await addFile(file);
  return hash.digest("hex");

  async function addFile(file: string): Promise<void> {
    const found = await stat(file);
    hash.update(JSON.stringify([file, found.isDirectory() ? null : found.size]));
    if (found.isFile()) {
      for await (const chunk of readChunks(file, CHUNK_BYTES)) hash.update(chunk);
    }
    if (!found.isDirectory()) return;
    for (const name of (await readdir(file)).sort()) await addFile(join(file, name));
  }
}
