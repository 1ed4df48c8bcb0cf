import * as KV_LIMITS from "../kv/limits.js";
import type { CheckedKv } from "./checked-kv.js";
import { RESERVED } from "./keys.js";
import { pool } from "./pool.js";
import { keysBeingWritten } from "./write-order.js";
import { between } from "./ttl.js";
import { KvError } from "./errors.js";

/** Bounds of one round of deletions. */
export interface DeleteOptions {
  /**
   * Lists and deletes of this call together. One invocation has 1,000 KV operations.
   *
   * @default 900
   */
  maxOps?: number;
  /** Where the last call stopped. */
  cursor?: string;
  /** Allows an empty prefix, which deletes every key the object can see. */
  all?: true;
}

/** What was deleted, and whether more is left. */
export interface DeleteResult {
  deleted: number;
  /** Keys that KV refused to delete: call again. */
  failed: string[];
  /** False when operations ran out first: call again with `cursor`. */
  done: boolean;
  cursor?: string;
}

/** Deletes every key that begins with `prefix`, page by page. */
export async function deleteByPrefix(
  kv: CheckedKv,
  prefix: string,
  options: DeleteOptions = {},
): Promise<DeleteResult> {
  const { maxOps = 900, all } = options;
  if (prefix === "" && all !== true) {
    throw new KvError("INVALID_KEY", "delete", "prefix must not be empty: pass { all: true } to delete every key");
  }
  between("maxOps", maxOps, 2);
  const result: DeleteResult = { deleted: 0, failed: [], done: false };
  let { cursor } = options;
  // What is being written is not listed yet.
  const pending = keysBeingWritten(kv.kv, (key) => key.startsWith(kv.prefix + prefix) && !key.startsWith(RESERVED));
  await Promise.allSettled(pending.map((key) => kv.delete(key)));
  for (let left = maxOps; left >= 2;) {
    const page = await kv.list(prefix, Math.min(KV_LIMITS.maxListKeys, left - 1), cursor);
    left -= 1 + page.keys.length;
    await pool(page.keys, 6, async ({ name }) => {
      try {
        await kv.delete(name);
        result.deleted++;
      } catch {
        result.failed.push(name.slice(kv.prefix.length));
      }
    });
    if (page.list_complete) return { ...result, done: true };
    cursor = page.cursor;
  }
  return cursor === undefined ? result : { ...result, cursor };
}
