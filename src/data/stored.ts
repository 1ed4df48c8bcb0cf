import { isUtf8 } from "node:buffer";
import { CloudflareError } from "../cloudflare/errors.js";
import type { ListedKey } from "../cloudflare/kv-namespace-client.js";
import * as KV_LIMITS from "../kv/limits.js";
import type { Entry } from "./entry.js";
import { mapOrdered } from "./map-ordered.js";
import { CONCURRENT_REQUESTS, type EntriesTarget } from "./target.js";

/** Every key of a namespace in pages, in the order of their bytes. */
export async function* listPages(
  target: EntriesTarget,
  options: { readonly prefix?: string; readonly cursor?: string } = {},
): AsyncGenerator<{ keys: readonly ListedKey[]; cursor?: string }, void, undefined> {
  let { cursor } = options;
  do {
    const page = await target.listKeys({ ...options, ...(cursor === undefined ? {} : { cursor }) });
    yield page;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Groups of keys that fit one bulk read by their number. */
export function readGroups<Key>(keys: readonly Key[]): Key[][] {
  const groups: Key[][] = [];
  for (let at = 0; at < keys.length; at += KV_LIMITS.maxBulkGetKeys)
    groups.push(keys.slice(at, at + KV_LIMITS.maxBulkGetKeys));
  return groups;
}

/**
 * Entries as they are stored, for up to 100 keys. A key that does not exist is not in the map.
 *
 * Bulk reads carry text only and 25 MB at most: what is too much is asked for in halves, what is not text by itself.
 */
export async function readStored(target: EntriesTarget, keys: readonly string[]): Promise<Map<string, Entry>> {
  const found = await readAtOnce(target, keys);
  if (found !== undefined) return found;
  const all = new Map<string, Entry>();
  for await (const part of readInParts(target, keys)) for (const [key, entry] of part) all.set(key, entry);
  return all;
}

/** Entries in the order of their keys, in groups of which a few are in memory at a time, however large the values. */
export async function* readInOrder(
  target: EntriesTarget,
  keys: readonly string[],
): AsyncGenerator<Map<string, Entry>, void, undefined> {
  const read = async (group: readonly string[]) => ({ group, found: await readAtOnce(target, group) });
  for await (const { group, found } of mapOrdered(readGroups(keys), CONCURRENT_REQUESTS, read)) {
    if (found === undefined) yield* readInParts(target, group);
    else yield found;
  }
}

/** Reads keys with one bulk read, or nothing when Cloudflare cannot answer for all of them at once. */
async function readAtOnce(target: EntriesTarget, keys: readonly string[]): Promise<Map<string, Entry> | undefined> {
  if (keys.length === 0) return new Map();
  let values;
  try {
    values = await target.bulkGet(keys);
  } catch (error) {
    if (error instanceof CloudflareError && (error.status === 400 || error.status === 413)) return undefined;
    throw error;
  }
  const found = new Map<string, Entry>();
  for (const [key, { value, expiration, metadata }] of values) {
    // Bytes that are no text arrive as replacement characters; so does a replacement character.
    const content = value.includes("\uFFFD") ? await exactValue(target, key) : { value };
    if (content !== undefined) found.set(key, entryOf(key, content, expiration, metadata));
  }
  return found;
}

/**
 * The entry with its expiration. Cloudflare tells it in a bulk read; a runtime that reads through a binding cannot, so a
 * listing is asked.
 */
export async function withExpiration(target: EntriesTarget, entry: Entry): Promise<Entry> {
  if (entry.expiration !== undefined) return entry;
  // The key itself is the first of all that begin with it.
  const { keys } = await target.listKeys({ prefix: entry.key });
  const expiration = keys.find(({ name }) => name === entry.key)?.expiration;
  return expiration == null ? entry : { ...entry, expiration };
}

/** Halves of keys that could not be read at once, one after the other. */
async function* readInParts(
  target: EntriesTarget,
  keys: readonly string[],
): AsyncGenerator<Map<string, Entry>, void, undefined> {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    yield await readAlone(target, only);
    return;
  }
  const middle = keys.length >> 1;
  for (const half of [keys.slice(0, middle), keys.slice(middle)]) {
    const found = await readAtOnce(target, half);
    if (found === undefined) yield* readInParts(target, half);
    else yield found;
  }
}

/** One key whose value no bulk read can carry: its metadata and expiration come from a listing. */
async function readAlone(target: EntriesTarget, key: string): Promise<Map<string, Entry>> {
  const content = await exactValue(target, key);
  if (content === undefined) return new Map();
  // The key itself is the first of all that begin with it.
  const { keys } = await target.listKeys({ prefix: key });
  const listed = keys.find(({ name }) => name === key);
  return listed === undefined ? new Map() : new Map([[key, entryOf(key, content, listed.expiration, listed.metadata)]]);
}

interface Content {
  readonly value: string;
  readonly base64?: true;
}

async function exactValue(target: EntriesTarget, key: string): Promise<Content | undefined> {
  const bytes = await target.getValue(key);
  if (bytes === undefined) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? { value: buffer.toString("utf8") } : { value: buffer.toString("base64"), base64: true };
}

function entryOf(key: string, content: Content, expiration: number | undefined, metadata: unknown): Entry {
  return { key, ...content, ...(expiration == null ? {} : { expiration }), ...(metadata == null ? {} : { metadata }) };
}
