import * as KV_LIMITS from "../../kv/limits.js";
import { utf8Length } from "../../kv/rules.js";

/** An error as a KV binding throws it. */
export function refusal(operation: string, status: number, text: string): Error {
  return new Error(`KV ${operation} failed: ${status} ${text}`);
}

/** Throws what workerd throws for a key that it sends nowhere. */
export function requireName(key: string): void {
  if (key === "") throw new TypeError("Key name cannot be empty.");
  if (key === "." || key === "..") throw new TypeError(`"${key}" is not allowed as a key name.`);
}

/** Throws what workerd throws for a key in a URL that is no UTF-8. */
export function requireWellFormed(operation: string, key: string): void {
  if (/\p{Surrogate}/u.test(key)) throw refusal(operation, 400, "Could not URL-decode key name");
}

export function requireShort(operation: string, text: string): void {
  const bytes = utf8Length(text);
  if (bytes <= KV_LIMITS.maxKeyBytes) return;
  const limit = `exceeds key length limit of ${KV_LIMITS.maxKeyBytes}.`;
  throw refusal(operation, 414, `UTF-8 encoded length of ${bytes} ${limit}`);
}

export function requireCacheTtl(operation: string, cacheTtl: number | undefined): void {
  if (cacheTtl === undefined) return;
  const seconds = int32(cacheTtl);
  if (seconds >= KV_LIMITS.minCacheTtl) return;
  const rule = `Cache TTL must be at least ${KV_LIMITS.minCacheTtl}.`;
  throw refusal(operation, 400, `Invalid cache_ttl of ${seconds}. ${rule}`);
}

/** Throws for a bulk read that KV refuses as a whole. */
export function requireBulk(keys: readonly string[], type: string, cacheTtl: number | undefined): void {
  const refuse = (text: string) => refusal("GET_BULK", 400, text);
  if (type !== "text" && type !== "json") throw refuse(`"${type}" is not a valid type. Use "json" or "text"`);
  if (keys.length > KV_LIMITS.maxBulkGetKeys) {
    throw refuse(`You can request a maximum of ${KV_LIMITS.maxBulkGetKeys} keys`);
  }
  if (keys.length === 0) throw refuse("You must request a minimum of 1 key");
  for (const key of keys) {
    if (key === "") throw refuse("Key names must not be empty");
    if (key === "." || key === "..") throw refuse(`Illegal key name "${key}". Please use a different name.`);
    requireShort("GET_BULK", key);
    requireCacheTtl("GET_BULK", cacheTtl);
  }
}

/** When an entry ends, in seconds since 1970. `expirationTtl` wins. */
export function expirationAt(
  { expiration, expirationTtl }: { expiration?: number | undefined; expirationTtl?: number | undefined },
  now: number,
): number | undefined {
  const min = KV_LIMITS.minExpirationTtl;
  if (expirationTtl !== undefined) {
    const ttl = int32(expirationTtl);
    const invalid = (rule: string) => refusal("PUT", 400, `Invalid expiration_ttl of ${ttl}. ${rule}`);
    if (ttl <= 0) throw invalid("Please specify integer greater than 0.");
    if (ttl < min) throw invalid(`Expiration TTL must be at least ${min}.`);
    return now + ttl;
  }
  if (expiration === undefined) return undefined;
  const at = int32(expiration);
  const invalid = (rule: string) => refusal("PUT", 400, `Invalid expiration of ${at}. ${rule}`);
  if (at <= now) {
    throw invalid("Please specify integer greater than the current number of seconds since the UNIX epoch.");
  }
  if (at < now + min) throw invalid(`Expiration times must be at least ${min} seconds in the future.`);
  return at;
}

/** What the binding makes of a number: a 32-bit integer, 0 for what is none. */
export function int32(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const whole = Math.trunc(value);
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return whole;
  throw new TypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).");
}
