import * as KV_LIMITS from "../../kv/limits.js";
import { utf8Length } from "../../kv/rules.js";
import type { RuntimeOptions } from "../options.js";
import { KvError } from "../errors.js";
import type { StandardSchemaV1 } from "../schema.js";
import { between, checkedTtl } from "../ttl.js";

/** How long a value may be used and what invalidates it. All times are in seconds. */
export interface CacheOptions<T = unknown> {
  /**
   * How long a value is fresh; fractions and less than KV's 60 seconds are allowed. Passed to `getOrSet`, it also cuts
   * short what was stored with a longer one.
   *
   * @default 3600
   */
  ttl?: number;
  /** How long after `ttl` a value is served while a new one is loaded; `Infinity`: until it is replaced. @default 0 */
  swr?: number;
  /** How long after `ttl` a value is served when loading fails. @default 0 */
  staleIfError?: number;
  /** How long "there is none" (null or undefined) is remembered. @default 0 - it is not remembered */
  negativeTtl?: number;
  /** The part of `ttl` taken off at random, so that entries do not expire together: 0 to 1. @default 0.1 */
  jitter?: number;
  /** How eagerly to refresh before `ttl` ends, by how long loading takes: 0 is never. @default 1 */
  earlyRefresh?: number;
  /** Names that {@link Cache.invalidateTags} takes; together about 900 bytes. */
  tags?: readonly string[];
  /** Seconds after which a load is abandoned. @default 10 */
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

/** The defaults. */
export const DEFAULTS: ResolvedOptions = {
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

/** The least and the most that each number may be, in seconds. */
const TIMES: Partial<Record<string, [least: number, most?: number]>> = {
  ttl: [0.001],
  swr: [0, Infinity],
  staleIfError: [0, Infinity],
  negativeTtl: [0, Infinity],
  loaderTimeout: [0.001, Infinity],
  softTimeout: [0, Infinity],
};

/**
 * Lays options over others that are already checked, so that a hit with its own options only checks those. Throws
 * `INVALID_TTL`, `INVALID_OPTION` or `METADATA_TOO_LARGE`.
 */
export function resolveOptions(defaults: ResolvedOptions, options: CacheOptions): ResolvedOptions {
  const all = { ...defaults } as ResolvedOptions & Record<string, unknown>;
  for (const name in options) {
    const value = options[name as keyof CacheOptions];
    if (value === undefined) continue;
    const range = TIMES[name];
    if (range !== undefined) checkedTtl(value, name, ...range);
    if (name === "jitter") between(name, value, 0, 1);
    if (name === "earlyRefresh") between(name, value, 0, Infinity, "INVALID_TTL");
    // The rest of the metadata takes up to 120 bytes.
    if (name === "tags" && utf8Length(JSON.stringify(value)) > KV_LIMITS.maxMetadataBytes - 120) {
      throw new KvError("METADATA_TOO_LARGE", "setup", "tags must have at most 904 bytes as JSON");
    }
    all[name] = value;
  }
  return all;
}
