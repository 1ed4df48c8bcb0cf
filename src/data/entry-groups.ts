import type { BulkValue, ListedKey } from "../cloudflare/kv-namespace-client.js";
import type { Entry } from "./entry.js";
import { mapOrdered } from "./map-ordered.js";
import { type ListingPoint, listPages, type Page } from "./pages.js";
import { bulkGet, type BulkRead, entriesOf, readAlone, readGroups, valuesInHalves } from "./stored.js";
import { CONCURRENT_REQUESTS, type EntriesTarget } from "./target.js";

/** Some entries, in the order of their keys. */
export interface EntryGroup {
  readonly entries: readonly Entry[];
  /** Where reading continues after them; missing when they are the last. */
  readonly next?: ListingPoint;
  /** How many entries the namespace has, when the listing shows it. */
  readonly total?: number;
}

/** The most characters of entries that wait for a second listing. */
const HELD_LENGTH = 32 * 1024 * 1024;

/** Every entry of a namespace after a point, a few megabytes at a time, each as it was at one moment. */
export async function* entryGroups(
  target: EntriesTarget,
  { prefix, ...from }: ListingPoint & { readonly prefix: string },
): AsyncGenerator<EntryGroup, void, undefined> {
  const reader = new EntryReader(target, prefix);
  let first = true;
  for await (const page of listPages(target, { prefix, ...from })) {
    const total = first && page.next === undefined && from.lastKey === undefined ? page.keys.length : undefined;
    first = false;
    for await (const { entries, lastKey } of reader.read(page)) {
      yield { entries, next: { ...page.from, lastKey }, ...(total === undefined ? {} : { total }) };
    }
    yield { entries: [], ...(page.next === undefined ? {} : { next: page.next }) };
  }
}

/** Entries up to a listed key. */
interface ReadEntries {
  readonly entries: readonly Entry[];
  readonly lastKey: string;
}

/**
 * Reads the entries of listed keys. A key may be written between its listing and its reading, and the new value must
 * not get the old expiration. A bulk read includes the expiration; one that does not, though the key expires, is
 * compared with a second listing.
 */
class EntryReader {
  /** Whether bulk reads have turned out to omit expirations. */
  private silent: boolean;

  constructor(
    private readonly target: EntriesTarget,
    private readonly prefix: string,
  ) {
    this.silent = target.readsExpirations === false;
  }

  async *read(page: Page): AsyncGenerator<ReadEntries, void, undefined> {
    const held: Entry[] = [];
    let length = 0;
    let lastKey = "";
    const release = async (): Promise<ReadEntries> => {
      const entries = await this.confirmed(held.splice(0), page);
      length = 0;
      return { entries, lastKey };
    };
    for await (const entries of this.readKeys(page.keys)) {
      lastKey = entries.lastKey;
      if (!this.silent && held.length === 0) {
        yield entries;
        continue;
      }
      held.push(...entries.entries);
      length += entries.entries.reduce((sum, { value }) => sum + value.length, 0);
      if (length > HELD_LENGTH) yield await release();
    }
    if (held.length > 0) yield await release();
  }

  /** In groups that each fit into one bulk read, smaller where the values are large. */
  private async *readKeys(keys: readonly ListedKey[]): AsyncGenerator<ReadEntries, void, undefined> {
    const read = async (group: readonly ListedKey[]) => ({
      group,
      values: await bulkGet(
        this.target,
        group.map(({ name }) => name),
      ),
    });
    for await (const { group, values } of mapOrdered(readGroups(keys), CONCURRENT_REQUESTS, read)) {
      if (values !== undefined) yield await this.entriesOf(group, values);
      else yield* this.readInParts(group);
    }
  }

  private async *readInParts(group: readonly ListedKey[]): AsyncGenerator<ReadEntries, void, undefined> {
    const listed = new Map(group.map((key) => [key.name, key]));
    const names = group.map(({ name }) => name);
    for await (const { key, bulk } of valuesInHalves(this.target, names)) {
      const one = listed.get(key) ?? { name: key };
      if (bulk !== undefined) {
        yield await this.entriesOf([one], new Map([[key, bulk]]));
        continue;
      }
      const entry = await readAlone(this.target, key);
      yield { entries: entry === undefined ? [] : [entry], lastKey: key };
    }
  }

  private async entriesOf(group: readonly ListedKey[], values: ReadonlyMap<string, BulkValue>): Promise<ReadEntries> {
    const reads: (BulkRead & { readonly bulk: BulkValue })[] = [];
    const found = new Map<string, Entry>();
    for (const { name, expiration } of group) {
      const bulk = values.get(name);
      if (bulk === undefined || (expiration !== undefined && bulk.expiration === undefined && !this.silent)) {
        // Deleted since the listing, no longer expiring, or not reported: reading one key at a time finds out which.
        const entry = await readAlone(this.target, name);
        if (entry === undefined) continue;
        found.set(name, entry);
        if (bulk !== undefined && entry.expiration === expiration) this.silent = true;
      } else {
        reads.push({ key: name, bulk: this.silent ? withListed(bulk, expiration) : bulk });
      }
    }
    for await (const entry of entriesOf(this.target, reads)) if (entry !== undefined) found.set(entry.key, entry);
    const entries = group.flatMap(({ name }) => found.get(name) ?? []);
    return { entries, lastKey: group.at(-1)?.name ?? "" };
  }

  /** Entries with the expirations of a listing before them, compared with a listing after them. */
  private async confirmed(entries: readonly Entry[], { from }: Page): Promise<Entry[]> {
    const last = entries.at(-1)?.key ?? "";
    const now = new Map<string, ListedKey>();
    for await (const { keys } of listPages(this.target, { prefix: this.prefix, ...from })) {
      for (const key of keys) now.set(key.name, key);
      if (now.has(last) || now.size > 2 * entries.length + 1000) break;
    }
    const read = async (entry: Entry) => {
      const listed = now.get(entry.key);
      return listed?.expiration === entry.expiration && listed !== undefined
        ? entry
        : readAlone(this.target, entry.key);
    };
    const same: Entry[] = [];
    for await (const entry of mapOrdered(entries, CONCURRENT_REQUESTS, read)) if (entry !== undefined) same.push(entry);
    return same;
  }
}

function withListed(bulk: BulkValue, expiration: number | undefined): BulkValue {
  return expiration === undefined || bulk.expiration !== undefined ? bulk : { ...bulk, expiration };
}
