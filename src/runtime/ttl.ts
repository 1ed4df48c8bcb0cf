import * as KV_LIMITS from "../kv/limits.js";
import { KvError, type KvErrorCode } from "./errors.js";

/** Seconds a key lives: a number, or null for "until it is deleted", which 0 also means. */
export type Ttl = number | null;

/** Returns the number, or throws unless it is one from `least` to `most`. */
export function between(
  name: string,
  value: unknown,
  least: number,
  most = Infinity,
  code: KvErrorCode = "INVALID_OPTION",
  unit = "",
): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  const range = most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  throw new KvError(code, "setup", `${name} must be ${range}${unit}, got ${String(value)}`);
}

/** Returns the time, or throws `INVALID_TTL` unless it is a number of seconds that KV can keep, or 0. */
export function checkedTtl(ttl: unknown, name = "ttl", least = 0, most: number = KV_LIMITS.maxExpirationTtl): number {
  return between(name, ttl, least, most, "INVALID_TTL", " seconds");
}

/** The `expirationTtl` that keeps a key for at least so many seconds: KV takes no less than 60. */
export function expirationOf(seconds: number): { expirationTtl?: number } {
  if (seconds > KV_LIMITS.maxExpirationTtl) return {};
  return { expirationTtl: Math.max(KV_LIMITS.minExpirationTtl, Math.ceil(seconds)) };
}
