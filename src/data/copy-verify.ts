import * as KV_LIMITS from "../kv/limits.js";
import { mismatch } from "./compare.js";
import type { Entry } from "./entry.js";
import { entryGroups } from "./entry-groups.js";
import { type KeyMapping, mappedKey } from "./key-mapping.js";
import { mapOrdered } from "./map-ordered.js";
import { readGroups, readStored, withExpiration } from "./stored.js";
import { type Clock, CONCURRENT_REQUESTS, type EntriesTarget, MAX_ROUNDS, roundDelay } from "./target.js";

/** Options for comparing the two sides of a copy. */
export interface CopyComparison {
  readonly prefix: string;
  readonly mappings: readonly KeyMapping[];
  readonly clock: Clock;
}

/** Reads both sides of a copy and compares them. Returns the keys that differ, and how many entries were compared. */
export async function* copyDifferences(
  source: EntriesTarget,
  target: EntriesTarget,
  { prefix, mappings, clock }: CopyComparison,
): AsyncGenerator<{ differing: readonly string[]; compared: number }, void, undefined> {
  let compared = 0;
  for await (const { entries } of entryGroups(source, { prefix })) {
    const expected = entries.map((entry) => ({ ...entry, key: mappedKey(entry.key, mappings) }));
    const differing: string[] = [];
    for await (const keys of mapOrdered(readGroups(expected), CONCURRENT_REQUESTS, (group) =>
      differingIn(target, group, clock),
    )) {
      differing.push(...keys);
    }
    compared += entries.length;
    yield { differing, compared };
  }
}

/** The keys of a group that differ, after a write has had time to become visible. */
async function differingIn(target: EntriesTarget, group: readonly Entry[], clock: Clock): Promise<string[]> {
  let suspects = group.filter(({ expiration = Infinity }) => expiration >= clock.now() + KV_LIMITS.minExpirationTtl);
  for (let round = 0; round <= MAX_ROUNDS && suspects.length > 0; round++) {
    await clock.wait(roundDelay(round));
    const stored = await readStored(
      target,
      suspects.map(({ key }) => key),
    );
    const differing: Entry[] = [];
    for (const entry of suspects) {
      const found = stored.get(entry.key);
      const complete = found && entry.expiration !== undefined ? await withExpiration(target, found) : found;
      if (complete === undefined || mismatch(entry, complete, clock.now())) differing.push(entry);
    }
    suspects = differing;
  }
  return suspects.map(({ key }) => key);
}
