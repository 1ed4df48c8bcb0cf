import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { storageName } from "./storage-name.js";
import type { EngineStore } from "./store.js";

/** What a namespace holds. */
export interface Stored {
  readonly keyCount: number;
  /** Bytes of keys, values and metadata. */
  readonly byteCount: number;
}

/** Files whose size is asked for at a time. */
const AT_ONCE = 64;

/**
 * Counts the keys of a namespace and the bytes of all it holds.
 *
 * @param folder - workerd's, in which each value is a file
 */
export async function storedIn(folder: string, namespaceId: string, store: EngineStore): Promise<Stored> {
  let keyCount = 0;
  let byteCount = 0;
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { name, metadata } of page.keys) {
      keyCount += 1;
      byteCount += Buffer.byteLength(name);
      if (metadata != null) byteCount += Buffer.byteLength(JSON.stringify(metadata));
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  if (keyCount === 0) return { keyCount: 0, byteCount: 0 };
  return { keyCount, byteCount: byteCount + (await sizeOf(join(folder, "kv", storageName(namespaceId), "blobs"))) };
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => [] as string[]);
  let total = 0;
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const part = files.slice(at, at + AT_ONCE).map((file) => stat(join(folder, file)).catch(() => undefined));
    for (const file of await Promise.all(part)) total += file?.size ?? 0;
  }
  return total;
}
