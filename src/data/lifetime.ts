import type { Entry } from "./entry.js";

/** The entry as it is written: with the namespace's lifetime when it has no expiration. */
export function withLifetime(entry: Entry, ttlSeconds: number): Entry {
  if (ttlSeconds === 0 || entry.expiration !== undefined || entry.expirationTtl !== undefined) return entry;
  return { ...entry, expirationTtl: ttlSeconds };
}
