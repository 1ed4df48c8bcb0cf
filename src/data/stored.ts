import { isUtf8 } from "node:buffer";
import { CloudflareError } from "../cloudflare/errors.js";
import type { BulkValue } from "../cloudflare/kv-namespace-client.js";
import * as KV_LIMITS from "../kv/limits.js";
import type { Entry } from "./entry.js";
import { mapOrdered } from "./map-ordered.js";
import { CONCURRENT_REQUESTS, type EntriesTarget } from "./target.js";

/** A value in the form of an entry. */
export interface Content {
  readonly value: string;
  readonly base64?: true;
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
 * Bulk reads return only text and at most 25 MB: larger groups are read in halves, binary values one by one.
 */
export async function readStored(target: EntriesTarget, keys: readonly string[]): Promise<Map<string, Entry>> {
  const all = new Map<string, Entry>();
  for await (const { key, bulk } of bulkValues(target, keys)) {
    const entry = bulk === undefined ? await readAlone(target, key) : await entryOf(target, key, bulk);
    if (entry !== undefined) all.set(key, entry);
  }
  return all;
}

/** What a bulk read returns for a key; `bulk` is missing if none can carry its value. */
export interface BulkRead {
  readonly key: string;
  readonly bulk?: BulkValue | undefined;
}

/** Reads keys in bulk, in as few requests as their sizes allow. A key that does not exist is left out. */
async function* bulkValues(target: EntriesTarget, keys: readonly string[]): AsyncGenerator<BulkRead, void, undefined> {
  const values = await bulkGet(target, keys);
  if (values === undefined) yield* valuesInHalves(target, keys);
  else for (const [key, bulk] of values) yield { key, bulk };
}

/** Reads keys whose values do not fit into one answer. */
export async function* valuesInHalves(
  target: EntriesTarget,
  keys: readonly string[],
): AsyncGenerator<BulkRead, void, undefined> {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    yield { key: only };
    return;
  }
  const middle = keys.length >> 1;
  yield* bulkValues(target, keys.slice(0, middle));
  yield* bulkValues(target, keys.slice(middle));
}

/** Reads keys with one request, or returns undefined when Cloudflare cannot answer for all of them at once. */
export async function bulkGet(
  target: EntriesTarget,
  keys: readonly string[],
): Promise<Map<string, BulkValue> | undefined> {
  if (keys.length === 0) return new Map();
  try {
    return await target.bulkGet(keys);
  } catch (error) {
    const tooMuch = error instanceof CloudflareError && (error.status === 400 || error.status === 413);
    if (!tooMuch || error.code !== "CLOUDFLARE_REFUSED") throw error;
    return undefined;
  }
}

/** An entry from a bulk read, if its value is text or the bytes could be read at the same moment. */
export async function entryOf(target: EntriesTarget, key: string, bulk: BulkValue): Promise<Entry | undefined> {
  const { value, metadata, expiration } = bulk;
  // Binary values arrive with replacement characters, but a string may contain one of its own.
  if (!value.includes("\uFFFD")) return storedEntry(key, { value }, expiration, metadata);
  const bytes = await target.getValue(key);
  // The key was written or deleted between the two reads: they do not belong together.
  if (bytes === undefined || !looksLike(bytes, value)) return readAlone(target, key);
  return storedEntry(key, contentOf(bytes), expiration, metadata);
}

/** Attempts to read a key without a change in between; it can be written once a second. */
const MAX_READS = 8;

/**
 * A single key as it was at one moment: its value is read between two listings that agree. Undefined when there is no
 * such key.
 */
export async function readAlone(target: EntriesTarget, key: string): Promise<Entry | undefined> {
  let before = await listedKey(target, key);
  for (let reads = 0; reads < MAX_READS; reads++) {
    const bytes = await target.getValue(key);
    const after = await listedKey(target, key);
    if (bytes === undefined && after === undefined) return undefined;
    const same = before?.expiration === after?.expiration && sameText(before?.metadata, after?.metadata);
    if (bytes !== undefined && after !== undefined && before !== undefined && same) {
      return storedEntry(key, contentOf(bytes), after.expiration, after.metadata);
    }
    before = after;
  }
  throw new CloudflareError(
    "CLOUDFLARE_UNREADABLE",
    "a key changes faster than it can be read with its metadata and expiration",
    "try again with --resume once it is written less often",
  );
}

/**
 * The entry with its expiration. Cloudflare includes it in a bulk read; reads through a binding do not, so a listing is
 * needed.
 */
export async function withExpiration(target: EntriesTarget, entry: Entry): Promise<Entry> {
  if (entry.expiration !== undefined) return entry;
  const expiration = (await listedKey(target, entry.key))?.expiration;
  return expiration == null ? entry : { ...entry, expiration };
}

/** Applies {@link entryOf} to several keys at once. */
export function entriesOf(target: EntriesTarget, reads: readonly (BulkRead & { readonly bulk: BulkValue })[]) {
  return mapOrdered(reads, CONCURRENT_REQUESTS, ({ key, bulk }) => entryOf(target, key, bulk));
}

async function listedKey(target: EntriesTarget, key: string) {
  // The key itself sorts before all others that begin with it.
  const { keys } = await target.listKeys({ prefix: key });
  return keys.find(({ name }) => name === key);
}

function contentOf(bytes: Uint8Array): Content {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? { value: buffer.toString("utf8") } : { value: buffer.toString("base64"), base64: true };
}

const decoder = new TextDecoder("utf-8");

/** Whether bytes decode to a value that was read as text; some readers drop a byte order mark. */
function looksLike(bytes: Uint8Array, text: string): boolean {
  return decoder.decode(bytes) === text.replace(/^\uFEFF/, "");
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function storedEntry(key: string, content: Content, expiration: number | undefined, metadata: unknown): Entry {
  return { key, ...content, ...(expiration == null ? {} : { expiration }), ...(metadata == null ? {} : { metadata }) };
}
