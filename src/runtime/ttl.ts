import * as KV_LIMITS from "../kv/limits.js";
import { KvError } from "./errors.js";

/** Seconds a key lives: a number, or null for "until it is deleted", which 0 also means. */
export type Ttl = number | null;

/** Throws `INVALID_TTL` unless it is a number of seconds that KV can keep, or 0. */
export function checkedTtl(ttl: number, name = "ttl"): number {
  if (typeof ttl === "number" && ttl >= 0 && ttl <= KV_LIMITS.maxExpirationTtl) return ttl;
  throw new KvError("INVALID_TTL", "setup", `${name} must be 0 to ${KV_LIMITS.maxExpirationTtl} seconds, got ${ttl}`);
}

/** The `expirationTtl` that keeps a key for at least so many seconds: KV takes no less than 60. */
export function expirationOf(seconds: number): { expirationTtl?: number } {
  if (seconds > KV_LIMITS.maxExpirationTtl) return {};
  return { expirationTtl: Math.max(KV_LIMITS.minExpirationTtl, Math.ceil(seconds)) };
}
