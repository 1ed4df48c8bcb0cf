import { type Entry, entryBytes } from "./entry.js";

/** Seconds by which an expiration may differ that was counted from the moment of writing. */
const TTL_TOLERANCE = 3600;

/** The fields in which a stored entry differs; none when it is the same. */
export type Mismatch = "value" | "metadata" | "expiration" | undefined;

/**
 * Compares an entry with what is stored under its key.
 *
 * An entry with an `expirationTtl` counts as the same when the stored one expires at all, and not later than a key
 * written now would (give or take an hour): writing it again would only restart its lifetime.
 *
 * @param now - seconds since 1970
 */
export function mismatch(wanted: Entry, stored: Entry, now: number): Mismatch {
  if (!sameValue(wanted, stored)) return "value";
  if (!sameJson(wanted.metadata ?? null, stored.metadata ?? null)) return "metadata";
  return sameExpiry(wanted, stored.expiration, now) ? undefined : "expiration";
}

/** Whether two JSON values are the same, whatever the order of their fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [fields, others] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    fields.length === others.size &&
    fields.every(([name, value]) => others.has(name) && sameJson(value, others.get(name)))
  );
}

function sameValue(wanted: Entry, stored: Entry): boolean {
  if ((wanted.base64 ?? false) === (stored.base64 ?? false)) return wanted.value === stored.value;
  return Buffer.compare(entryBytes(wanted), entryBytes(stored)) === 0;
}

function sameExpiry({ expiration, expirationTtl }: Entry, stored: number | undefined, now: number): boolean {
  if (expirationTtl === undefined) return expiration === stored;
  return stored !== undefined && stored <= now + expirationTtl + TTL_TOLERANCE;
}
