import type { Entry } from "./entry.js";
import type { EntriesTarget } from "./target.js";

/** The entry as it is written: with the namespace's lifetime when it has no expiration. */
export function withLifetime(entry: Entry, ttlSeconds: number): Entry {
  if (ttlSeconds === 0 || entry.expiration !== undefined || entry.expirationTtl !== undefined) return entry;
  return { ...entry, expirationTtl: ttlSeconds };
}

/** The entry as a target can store it: without an expiration later than the target supports. */
export function storable(
  entry: Entry,
  { latestExpiration = Infinity }: Pick<EntriesTarget, "latestExpiration">,
): Entry {
  if (!expiresTooLate(entry, latestExpiration)) return entry;
  const { expiration: _, ...rest } = entry;
  return rest;
}

/** Whether an entry expires later than the target supports. */
export function expiresTooLate({ expiration }: Pick<Entry, "expiration">, latestExpiration: number): boolean {
  return expiration !== undefined && expiration > latestExpiration;
}
