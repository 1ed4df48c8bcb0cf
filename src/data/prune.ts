import * as KV_LIMITS from "../kv/limits.js";
import type { KeySet } from "./key-set.js";
import { listPages } from "./pages.js";
import { type Clock, type EntriesTarget, MAX_ROUNDS, roundDelay } from "./target.js";

/** Stored keys that are not in the files, one page of the listing at a time. */
export async function* strayKeys(
  target: EntriesTarget,
  wanted: KeySet,
  prefix = "",
): AsyncGenerator<string[], void, undefined> {
  for await (const { keys } of listPages(target, { prefix })) {
    yield keys.map(({ name }) => name).filter((name) => !wanted.has(name));
  }
}

/** Deletes keys in as few requests as possible. Returns those that Cloudflare could not delete in any round. */
export async function deleteKeys(
  target: EntriesTarget,
  pages: AsyncIterable<readonly string[]>,
  clock: Clock,
  onDeleted: (count: number) => void,
): Promise<string[]> {
  const left: string[] = [];
  let batch: string[] = [];
  const flush = async () => {
    const remaining = batch.length === 0 ? [] : await deleteBatch(target, batch, clock);
    onDeleted(batch.length - remaining.length);
    left.push(...remaining);
    batch = [];
  };
  for await (const page of pages) {
    for (const key of page) {
      batch.push(key);
      if (batch.length === KV_LIMITS.maxBulkPairs) await flush();
    }
  }
  await flush();
  return left;
}

async function deleteBatch(target: EntriesTarget, keys: readonly string[], clock: Clock): Promise<readonly string[]> {
  let remaining = keys;
  for (let round = 0; round < MAX_ROUNDS && remaining.length > 0; round++) {
    await clock.wait(roundDelay(round));
    remaining = (await target.bulkDelete(remaining)).unsuccessfulKeys;
  }
  return remaining;
}
