import * as KV_LIMITS from "../kv/limits.js";
import { mismatch } from "./compare.js";
import type { Entry } from "./entry.js";
import { type CheckedEntries, type PlacedEntry, placedEntries } from "./entries.js";
import type { ItemPosition } from "./item.js";
import { KeySet } from "./key-set.js";
import { withLifetime } from "./lifetime.js";
import { mapOrdered } from "./map-ordered.js";
import { listPages } from "./pages.js";
import { readStored, withExpiration } from "./stored.js";
import { type Clock, CONCURRENT_REQUESTS, type EntriesTarget } from "./target.js";

/** What a seed would do with one entry of its files. */
export interface Difference {
  readonly kind: "create" | "change" | "unchanged";
  readonly key: string;
  /** The fields that a change affects. */
  readonly what?: "value" | "metadata" | "expiration";
  /** The number of the entry, counted over all files. */
  readonly ordinal: number;
  readonly position: ItemPosition;
}

/** Options for comparing files with a namespace. */
export interface DifferencesOptions {
  /** The lifetime of entries without one, in seconds: 0 for none. */
  readonly ttlSeconds: number;
  readonly clock: Clock;
  /**
   * Whether to compare an entry, by its number.
   *
   * @default - every entry is compared
   */
  readonly include?: (ordinal: number) => boolean;
}

/** Values are compared in groups of this many bytes, so that a bulk read of 25 MB holds them. */
const GROUP_BYTES = 20 * 1024 * 1024;

/** What is noted with a listed key that has no expiration, or one that a note has no room for. */
const NO_EXPIRATION = 0;
const LATE_EXPIRATION = 2 ** 32 - 1;

interface Numbered extends PlacedEntry {
  readonly ordinal: number;
}

/**
 * Compares every entry of the files with what is stored, in the order of the files. Costs one request per hundred
 * existing entries, and for a large set of files at most as many to list existing keys.
 */
export async function* differences(
  target: EntriesTarget,
  checked: CheckedEntries,
  options: DifferencesOptions,
): AsyncGenerator<Difference, void, undefined> {
  const existing = await listAtMost(target, Math.ceil(checked.count / KV_LIMITS.maxBulkGetKeys));
  const complete = async (stored: Entry | undefined, wanted: Entry): Promise<Entry | undefined> => {
    if (stored === undefined || stored.expiration !== undefined) return stored;
    const listed = existing?.noteOf(stored.key);
    if (listed === NO_EXPIRATION) return stored;
    if (listed !== undefined && listed !== LATE_EXPIRATION) return { ...stored, expiration: listed };
    const expires = wanted.expiration !== undefined || wanted.expirationTtl !== undefined;
    return expires ? withExpiration(target, stored) : stored;
  };
  const compareGroup = async (group: readonly Numbered[]): Promise<Difference[]> => {
    const asked = group.filter(({ entry }) => existing?.has(entry.key) ?? true).map(({ entry }) => entry.key);
    const stored = await readStored(target, asked);
    const compared: Difference[] = [];
    for (const numbered of group) {
      const wanted = withLifetime(numbered.entry, options.ttlSeconds);
      compared.push(
        differenceOf(numbered, wanted, await complete(stored.get(wanted.key), wanted), options.clock.now()),
      );
    }
    return compared;
  };
  for await (const group of mapOrdered(groupsOf(checked, options, existing), CONCURRENT_REQUESTS, compareGroup))
    yield* group;
}

function differenceOf(
  { entry, position, ordinal }: Numbered,
  wanted: Entry,
  stored: Entry | undefined,
  now: number,
): Difference {
  const place = { key: entry.key, ordinal, position };
  if (stored === undefined) return { kind: "create", ...place };
  const what = mismatch(wanted, stored, now);
  return what === undefined ? { kind: "unchanged", ...place } : { kind: "change", what, ...place };
}

/** Entries in groups whose existing entries fit into one bulk read. */
async function* groupsOf(
  checked: CheckedEntries,
  { include = () => true }: DifferencesOptions,
  existing: KeySet | undefined,
): AsyncGenerator<Numbered[], void, undefined> {
  let group: Numbered[] = [];
  let asked = 0;
  let bytes = 0;
  let ordinal = -1;
  for await (const placed of placedEntries(checked)) {
    for (const each of placed) {
      if (!include(++ordinal)) continue;
      const exists = existing?.has(each.entry.key) ?? true;
      const size = exists ? each.entry.value.length : 0;
      const full =
        asked >= KV_LIMITS.maxBulkGetKeys || bytes + size > GROUP_BYTES || group.length >= KV_LIMITS.maxBulkPairs;
      if (full && group.length > 0) {
        yield group;
        group = [];
        asked = bytes = 0;
      }
      group.push({ ...each, ordinal });
      asked += exists ? 1 : 0;
      bytes += size;
    }
  }
  if (group.length > 0) yield group;
}

/** Every key of the namespace; undefined when listing takes more requests than looking up each entry. */
async function listAtMost(target: EntriesTarget, maxPages: number): Promise<KeySet | undefined> {
  const keys = new KeySet();
  let pages = 0;
  for await (const page of listPages(target)) {
    for (const { name, expiration } of page.keys)
      keys.add(name, Math.min(expiration ?? NO_EXPIRATION, LATE_EXPIRATION));
    if (++pages >= maxPages && page.next !== undefined) return undefined;
  }
  return keys;
}
