import type { ResolvedOptions } from "./options.js";
import { KvError } from "../errors.js";
import { encodeJson } from "../json.js";
import { conform, type StandardSchemaV1 } from "../schema.js";

/** What is stored beside a cached value, about 60 bytes. The value itself stays plain JSON. */
export interface CacheMetadata {
  /** Created, fresh until, usable until: milliseconds since 1970; null stands for "forever". */
  c: [number, number | null, number | null];
  /** Milliseconds the loader took. */
  d: number;
  /** A negative entry: the loader answered null (1) or undefined (2). */
  n?: 1 | 2;
  t?: string[];
}

/** A value as it is stored. Another program may have written it, with any metadata. */
export interface Stored {
  readonly value: string;
  readonly metadata: unknown;
}

/** What a cache stores. */
export interface StoredEntry extends Stored {
  readonly metadata: CacheMetadata;
}

/** A cached value as it was read. */
export interface CacheEntry {
  value: unknown;
  created: number;
  freshUntil: number;
  usableUntil: number;
  loadTime: number;
  negative: boolean;
  tags: readonly string[];
}

/** Whether an entry may be served: at once, while a new one is loaded, or no longer. */
export type CacheState = "fresh" | "stale" | "expired";

/**
 * Whether an entry may be served; a `fallback` is served only when loading fails or takes too long. `ttl` is the
 * caller's current one and cuts short what was stored with a longer one.
 */
export function stateOf(
  entry: CacheEntry | undefined,
  { swr, staleIfError }: ResolvedOptions,
  now: number,
  ttl = Infinity,
): CacheState | "fallback" {
  if (entry === undefined) return "expired";
  const { created, negative, usableUntil } = entry;
  // A seeded value has no creation time, and a negative entry has its own lifetime.
  const end = negative || created === 0 ? Infinity : created + ttl * 1000;
  const freshUntil = Math.min(entry.freshUntil, end);
  if (now < freshUntil) return "fresh";
  if (now >= usableUntil) return "expired";
  if (now < freshUntil + swr * 1000) return "stale";
  return now < freshUntil + staleIfError * 1000 ? "fallback" : "expired";
}

/**
 * Reads what {@link CacheMetadata} describes; a value without it, such as a seeded one, is fresh until KV drops it.
 * Returns no promise unless there is a schema, to keep hits fast.
 */
export function decodeEntry(
  { value, metadata }: Stored,
  key: string,
  schema: StandardSchemaV1 | undefined,
): CacheEntry | Promise<CacheEntry> {
  const { c = [0, null, null], d = 0, n } = own(metadata);
  const [created, freshUntil, usableUntil] = c;
  const entry: CacheEntry = {
    value: n === 1 ? null : undefined,
    created,
    freshUntil: freshUntil ?? Infinity,
    usableUntil: usableUntil ?? Infinity,
    loadTime: d,
    negative: n !== undefined,
    tags: tagsOf(metadata),
  };
  if (entry.negative) return entry;
  const fail = () => {
    throw corrupt(key);
  };
  try {
    entry.value = JSON.parse(value);
  } catch {
    return fail();
  }
  return schema === undefined ? entry : conform(entry.value, schema).then((value) => ({ ...entry, value }), fail);
}

/** Without its cause: the messages of JSON.parse and of schemas quote the value. */
export function corrupt(key: string): KvError {
  return new KvError("CORRUPT_VALUE", "get", "the stored value cannot be read", { key });
}

/** The tags of what is stored. */
export function tagsOf(metadata: unknown): readonly string[] {
  const { t } = own(metadata);
  return Array.isArray(t) ? t : [];
}

/** The cache's metadata; metadata that others wrote is ignored. */
function own(metadata: unknown): Partial<CacheMetadata> {
  const known = metadata as Partial<CacheMetadata> | null;
  return Array.isArray(known?.c) ? known : {};
}

/** The reverse: what to store. Throws `INVALID_VALUE` for what JSON cannot represent. */
export function encodeEntry(
  { value, created, freshUntil, usableUntil, loadTime, negative, tags }: CacheEntry,
  key: string,
): StoredEntry {
  const metadata: CacheMetadata = { c: [created, finite(freshUntil), finite(usableUntil)], d: Math.round(loadTime) };
  if (negative) metadata.n = value === null ? 1 : 2;
  if (tags.length > 0) metadata.t = [...tags];
  return { value: negative ? "null" : encodeJson(value, key), metadata };
}

/** Throws `INVALID_VALUE` for a value that could not be read back. */
export async function verify<S extends StoredEntry>(
  stored: S,
  key: string,
  schema: StandardSchemaV1 | undefined,
): Promise<S> {
  try {
    if (schema !== undefined) await decodeEntry(stored, key, schema);
  } catch {
    throw new KvError("INVALID_VALUE", "put", "the value does not match the schema", { key });
  }
  return stored;
}

function finite(time: number): number | null {
  return time === Infinity ? null : Math.round(time);
}
