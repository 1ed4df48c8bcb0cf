/** A key as {@link MemoryKV} holds it. */
export interface StoredEntry {
  bytes: Uint8Array;
  metadata: unknown;
  /** Seconds since 1970. */
  expiration: number | undefined;
}

/** What a location remembers of a read: an entry, or that there was none. */
interface Cached {
  entry: StoredEntry | undefined;
  at: number;
}

/** The central copy, and what each location has read of it. */
export class MemoryEntries {
  private readonly entries = new Map<string, StoredEntry>();
  private readonly locations = new Map<string, Map<string, Cached>>();

  constructor(
    private readonly clock: () => number,
    private readonly eventual: boolean,
  ) {}

  /** What a location sees: its own copy while that is younger than `cacheTtl` seconds. */
  read(location: string, key: string, cacheTtl: number): { entry: StoredEntry | undefined; hot: boolean } {
    const now = this.clock();
    const cache = this.cacheOf(location);
    const cached = this.eventual ? cache.get(key) : undefined;
    const hot = cached !== undefined && now < cached.at + cacheTtl * 1000;
    const entry = hot ? cached.entry : this.entries.get(key);
    if (this.eventual && !hot) cache.set(key, { entry, at: now });
    return { entry: this.hasNotExpired(entry) ? entry : undefined, hot };
  }

  /** Writes, or deletes where there is no entry. The location that does so sees it at once. */
  write(location: string, key: string, entry: StoredEntry | undefined): void {
    if (entry === undefined) this.entries.delete(key);
    else this.entries.set(key, entry);
    this.cacheOf(location).delete(key);
  }

  /** All keys that begin with `prefix` in the order of their UTF-8 bytes. */
  sorted(prefix: string): [string, StoredEntry][] {
    const found = [...this.entries].filter(([key, entry]) => key.startsWith(prefix) && this.hasNotExpired(entry));
    return found.sort(([a], [b]) => compareUtf8(a, b));
  }

  private hasNotExpired(entry: StoredEntry | undefined): boolean {
    return entry !== undefined && (entry.expiration === undefined || this.clock() < entry.expiration * 1000);
  }

  private cacheOf(location: string): Map<string, Cached> {
    let cache = this.locations.get(location);
    if (cache === undefined) this.locations.set(location, (cache = new Map<string, Cached>()));
    return cache;
  }
}

/** Orders strings by code points, which is the order of their UTF-8 bytes; JavaScript's own is by UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const right = b[Symbol.iterator]();
  for (const left of a) {
    const next = right.next();
    if (next.done === true) return 1;
    const difference = (left.codePointAt(0) ?? 0) - (next.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return right.next().done === true ? 0 : -1;
}
