import type { KvError } from "./errors.js";
import type { RuntimeOptions } from "./options.js";
import type { StandardSchemaV1 } from "./schema.js";
import type { Ttl } from "./ttl.js";

/** Turns values into the text that is stored, and back. `decode` may throw: the value is then corrupt. */
export interface Codec<T> {
  encode(value: T): string;
  decode(text: string): T;
}

/** How a {@link KvStore} stores. */
export interface StoreOptions<T> extends RuntimeOptions {
  /**
   * Stands before every key, followed by `:` unless it ends in `:` or `/`.
   *
   * @default - keys are used as they are
   */
  prefix?: string;

  /**
   * Seconds a key lives when `set` names no other time; null or 0: until it is deleted.
   *
   * @default null
   */
  ttl?: Ttl;

  /**
   * Seconds a location may keep what it read, misses included; at least 30.
   *
   * @default - KV's own, 60
   */
  cacheTtl?: number;

  /**
   * How values become text.
   *
   * @default "json"
   */
  codec?: "json" | "text" | Codec<T>;

  /**
   * What a value must look like when it is read: any Standard Schema, such as zod's.
   *
   * @default - anything
   */
  schema?: StandardSchemaV1<T>;

  /**
   * Whether a value that cannot be read counts as missing and is reported to `onError`, or throws `CORRUPT_VALUE`.
   *
   * @default "miss"
   */
  onCorrupt?: "miss" | "throw";

  /**
   * Whether a time below KV's 60 seconds becomes 60 or throws `INVALID_TTL`.
   *
   * @default "clamp"
   */
  shortTtl?: "clamp" | "throw";
}

/** How one key is written. */
export interface SetOptions<M> {
  /** Seconds; null or 0: until it is deleted. @default - the store's */
  ttl?: Ttl;
  /** A date, or milliseconds since 1970. Wins over `ttl`. */
  expiresAt?: Date | number;
  /** At most 1024 bytes as JSON; comes back with lists too. */
  metadata?: M;
}

/** A key's value and what is stored beside it. */
export interface Entry<T, M> {
  value: T;
  metadata: M | null;
  /** `HIT` or `MISS` of the location's cache; null where there is none, as in local runs. */
  cacheStatus: string | null;
}

/** A key in a list. */
export interface KeyInfo<M> {
  name: string;
  /** Seconds since 1970. */
  expiration?: number;
  metadata?: M;
}

/** The result of many writes. */
export interface BatchResult {
  written: number;
  failed: [key: string, error: KvError][];
}

/** Which page of keys. */
export interface ListOptions {
  /** @default - all of the store's keys */
  prefix?: string;
  /** @default 1000 */
  limit?: number;
  cursor?: string;
}

/** A page of keys; `cursor` asks for the next. */
export interface KeyPage<M> {
  keys: KeyInfo<M>[];
  done: boolean;
  cursor?: string;
}
