import { isUtf8 } from "node:buffer";
import { CloudflareError } from "../cloudflare/errors.js";
import { type ListedKey } from "../cloudflare/kv-namespace-client.js";
import { KV_LIMITS } from "../kv/limits.js";
import { type Entry } from "./entry.js";
import { type EntriesTarget } from "./target.js";

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
 * Entries as they are stored, up to 100 keys at once. A key that does not exist is not in the map.
 *
 * Bulk reads carry text only and 25 MB at most: what is too much is asked for in halves, what is not text by itself.
 */
export async function readStored(target: EntriesTarget, keys: readonly string[]): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  if (keys.length === 0) return found;
  let values;
  try {
    values = await target.bulkGet(keys);
  } catch (error) {
    if (!(error instanceof CloudflareError) || (error.status !== 400 && error.status !== 413)) throw error;
    if (keys.length === 1) return readAlone(target, keys[0] ?? "", error);
    const middle = keys.length >> 1;
    const halves = [await readStored(target, keys.slice(0, middle)), await readStored(target, keys.slice(middle))];
    return new Map(halves.flatMap((half) => [...half]));
  }
  for (const [key, { value, expiration, metadata }] of values) {
    // Bytes that are no text arrive as replacement characters; so does a replacement character.
    const content = value.includes("\uFFFD") ? await exactValue(target, key) : { value };
    if (content !== undefined) found.set(key, entryOf(key, content, expiration, metadata));
  }
  return found;
}

/** One key whose value no bulk read can carry: its metadata and expiration come from a listing. */
async function readAlone(target: EntriesTarget, key: string, refusal: CloudflareError): Promise<Map<string, Entry>> {
  const content = await exactValue(target, key);
  if (content === undefined) return new Map();
  for await (const { keys } of listPages(target, { prefix: key })) {
    const listed = keys.find(({ name }) => name === key);
    // The key itself is the first of all that begin with it.
    if (listed !== undefined) return new Map([[key, entryOf(key, content, listed.expiration, listed.metadata)]]);
    break;
  }
  throw refusal;
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
