import type { ResolvedOptions } from "./options.js";
import type { StoredText } from "./text-map.js";
import { KvError } from "../errors.js";
import { encodeJson } from "../json.js";
import type { KvRead } from "../kv-like.js";
import { conform, type StandardSchemaV1 } from "../schema.js";

/** What is stored beside a cached value, about 60 bytes. The value itself stays plain JSON. */
export interface CacheMetadata {
  /** Created, fresh until, usable until: milliseconds since 1970; null stands for "for ever". */
  c: [number, number | null, number | null];
  /** Milliseconds the loader took. */
  d: number;
  /** A negative entry: the loader answered null (1) or undefined (2). */
  n?: 1 | 2;
  t?: string[];
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

/** Whether an entry may be served: at once, while a new one is loaded, or not any more. */
export type CacheState = "fresh" | "stale" | "expired";

/**
 * Whether an entry may be served; a `fallback` is served only when loading fails or takes too long. `ttl` is what the
 * caller says now: what was stored with a longer one ends with it.
 */
export function stateOf(
  entry: CacheEntry | undefined,
  { swr, staleIfError }: ResolvedOptions,
  now: number,
  ttl = Infinity,
): CacheState | "fallback" {
  if (entry === undefined) return "expired";
  const { created, negative, usableUntil } = entry;
  // A seeded value has no time of creation, and what is not there has a lifetime of its own.
  const end = negative || created === 0 ? Infinity : created + ttl * 1000;
  const freshUntil = Math.min(entry.freshUntil, end);
  if (now < freshUntil) return "fresh";
  if (now >= usableUntil) return "expired";
  if (now < freshUntil + swr * 1000) return "stale";
  return now < freshUntil + staleIfError * 1000 ? "fallback" : "expired";
}

/** Reads what {@link CacheMetadata} describes; a value without it, such as a seeded one, is fresh until KV drops it. */
export async function decodeEntry(
  { value, metadata }: KvRead & { value: string },
  key: string,
  schema: StandardSchemaV1 | undefined,
): Promise<CacheEntry> {
  const { c, d = 0, n, t } = (metadata ?? {}) as Partial<CacheMetadata>;
  const [created, freshUntil, usableUntil] = Array.isArray(c) ? c : [0, null, null];
  const entry = {
    created,
    freshUntil: freshUntil ?? Infinity,
    usableUntil: usableUntil ?? Infinity,
    loadTime: d,
    negative: n !== undefined,
    tags: Array.isArray(t) ? t : [],
  };
  if (n !== undefined) return { value: n === 1 ? null : undefined, ...entry };
  try {
    const parsed = JSON.parse(value) as unknown;
    return { value: schema === undefined ? parsed : await conform(parsed, schema), ...entry };
  } catch {
    throw new KvError("CORRUPT_VALUE", "get", "the stored value cannot be read", { key });
  }
}

/** The other way: what to store. Throws `INVALID_VALUE` for what JSON does not carry. */
export function encodeEntry(
  { value, created, freshUntil, usableUntil, loadTime, negative, tags }: CacheEntry,
  key: string,
): StoredText {
  const metadata: CacheMetadata = { c: [created, finite(freshUntil), finite(usableUntil)], d: Math.round(loadTime) };
  if (negative) metadata.n = value === null ? 1 : 2;
  if (tags.length > 0) metadata.t = [...tags];
  return { text: negative ? "null" : encodeJson(value, key), metadata };
}

/** Throws `INVALID_VALUE` for what could not be read again. */
export async function verify(
  { text, metadata }: StoredText,
  key: string,
  schema: StandardSchemaV1 | undefined,
): Promise<StoredText> {
  if (schema === undefined || metadata.n !== undefined) return { text, metadata };
  try {
    await conform(JSON.parse(text), schema);
  } catch {
    throw new KvError("INVALID_VALUE", "put", "the value does not match the schema", { key });
  }
  return { text, metadata };
}

function finite(time: number): number | null {
  return time === Infinity ? null : Math.round(time);
}
