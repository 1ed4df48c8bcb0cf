import * as KV_LIMITS from "../../kv/limits.js";
import { utf8Length } from "../../kv/rules.js";
import type { RuntimeOptions } from "../options.js";
import { KvError } from "../errors.js";
import type { StandardSchemaV1 } from "../schema.js";
import { checkedTtl } from "../ttl.js";

/** How long a value may be used and what invalidates it. All times are in seconds. */
export interface CacheOptions<T = unknown> {
  /**
   * Fresh for so long, fractions and less than KV's 60 seconds included. Passed to `getOrSet`, it also cuts short
   * what was stored with a longer one.
   *
   * @default 3600
   */
  ttl?: number;
  /** Then served for so long while a new value is loaded; `Infinity`: until it is replaced. @default 0 */
  swr?: number;
  /** Served for so long after `ttl` when loading fails. @default 0 */
  staleIfError?: number;
  /** How long "there is none" (null or undefined) is remembered. @default 0 - it is not */
  negativeTtl?: number;
  /** The part of `ttl` taken off at random, so that entries do not expire together: 0 to 1. @default 0.1 */
  jitter?: number;
  /** How eagerly to refresh before `ttl` ends, by how long loading takes: 0 is never. @default 1 */
  earlyRefresh?: number;
  /** Names that {@link Cache.invalidateTags} takes; together about 900 bytes. */
  tags?: readonly string[];
  /** Seconds until a load is given up. @default 10 */
  loaderTimeout?: number;
  /**
   * Seconds a caller waits for a load while there is an old value within `swr` or `staleIfError`; then the old value
   * is served and the load continues in the background.
   *
   * @default - as long as the load takes
   */
  softTimeout?: number;
  /** Called with how a call was answered. @default - nothing is called */
  onServed?: (from: "hit" | "stale" | "miss") => void;
  /**
   * What a value must look like: a stored one that does not match counts as missing, a loaded or set one is refused
   * with `INVALID_VALUE`.
   *
   * @default - anything
   */
  schema?: StandardSchemaV1<T>;
}

/** Options of a {@link Cache}; those of {@link CacheOptions} are defaults for every key. */
export interface CacheSettings extends RuntimeOptions, CacheOptions {
  /** Stands before every key, followed by `:` unless it ends in `:` or `/`. @default - none */
  prefix?: string;
  /** Seconds a location may keep what it read; at least 30. @default - KV's own, 60 */
  cacheTtl?: number;
  /**
   * Keeps up to `max` values, at most 10 million characters, in memory for `ttl` seconds. What other isolates write or
   * delete is seen only after that. All caches of a binding share the memory.
   *
   * @default false
   */
  l1?: false | { ttl: number; max: number };
  /** Whether a failed read counts as a miss or is thrown. @default "bypass" */
  onKvError?: "bypass" | "throw";
}

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<CacheOptions, "schema" | "onServed">> &
  Pick<CacheOptions, "schema" | "onServed">;

const DEFAULTS: ResolvedOptions = {
  ttl: 3600,
  swr: 0,
  staleIfError: 0,
  negativeTtl: 0,
  jitter: 0.1,
  earlyRefresh: 1,
  tags: [],
  loaderTimeout: 10,
  softTimeout: Infinity,
};

/** Fills in the defaults. Throws `INVALID_TTL`, `INVALID_OPTION` or `METADATA_TOO_LARGE`. */
export function resolveOptions(defaults: CacheOptions | undefined, options?: CacheOptions): ResolvedOptions {
  const all: ResolvedOptions = { ...DEFAULTS, ...defaults, ...options };
  for (const name of ["ttl", "loaderTimeout"] as const) {
    if (!(all[name] > 0)) throw wrong("INVALID_TTL", `${name} must be more than 0 seconds, got ${all[name]}`);
  }
  checkedTtl(all.ttl);
  for (const name of ["swr", "staleIfError", "negativeTtl", "earlyRefresh", "softTimeout"] as const) {
    if (!(all[name] >= 0)) throw wrong("INVALID_TTL", `${name} must be 0 or more, got ${all[name]}`);
  }
  if (!(all.jitter >= 0 && all.jitter <= 1)) throw wrong("INVALID_OPTION", `jitter must be 0 to 1, got ${all.jitter}`);
  // The rest of the metadata takes up to 120 bytes.
  if (all.tags.length > 0 && utf8Length(JSON.stringify(all.tags)) > KV_LIMITS.maxMetadataBytes - 120) {
    throw wrong("METADATA_TOO_LARGE", "tags must have at most 904 bytes as JSON");
  }
  return all;
}

function wrong(code: "INVALID_TTL" | "INVALID_OPTION" | "METADATA_TOO_LARGE", message: string): KvError {
  return new KvError(code, "setup", message);
}
