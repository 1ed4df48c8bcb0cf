import { type CacheEntry, corrupt, decodeEntry, type Stored, type StoredEntry, tagsOf } from "./entry.js";
import type { Flight } from "./loads.js";
import type { CacheSettings, ResolvedOptions } from "./options.js";
import { type CacheStats, newStats } from "./stats.js";
import { TAG_LIFE, Tags, type TagTime } from "./tags.js";
import { TextMap } from "./text-map.js";
import { CheckedKv } from "../checked-kv.js";
import { toKvError } from "../errors.js";
import { isolateState } from "../isolate-state.js";
import type { KvLike, KvPutOptions } from "../kv-like.js";
import { report } from "../report.js";
import { expirationOf } from "../ttl.js";

/** What an isolate knows about the caches of a binding beyond KV. Everything is bounded in number and size. */
interface CacheMemory {
  /** The loads under way, by stored key. */
  flights: Map<string, Flight>;
  /** What was loaded within the last second. */
  landed: TextMap;
  /** Keys not to load again before `until`. */
  cooldown: Map<string, { until: number; failed: boolean }>;
  tags: Map<string, TagTime>;
  l1: TextMap;
  /** How often something was forgotten: what was read before is not kept after. */
  epoch: number;
}

const LANDED_CHARACTERS = 4e6;
const L1_CHARACTERS = 1e7;

type ReadOptions = Pick<ResolvedOptions, "tags" | "schema">;

/** Entries in memory and in KV, checked against their tags. */
export class CacheStore {
  readonly kv: CheckedKv;
  readonly memory: CacheMemory;
  readonly stats: CacheStats;
  readonly tags: Tags;
  readonly now: () => number;

  constructor(
    kv: KvLike | undefined,
    readonly settings: CacheSettings,
  ) {
    const { prefix = "", now = Date.now } = settings;
    this.kv = new CheckedKv(kv, prefix, settings);
    this.now = now;
    this.memory = isolateState(this.kv.kv, "cache", () => ({
      flights: new Map(),
      landed: new TextMap(LANDED_CHARACTERS),
      cooldown: new Map(),
      tags: new Map(),
      l1: new TextMap(L1_CHARACTERS),
      epoch: 0,
    }));
    this.stats = isolateState(this.kv.kv, `cache ${this.kv.prefix}`, newStats);
    this.tags = new Tags(this.kv, now, this.memory.tags);
  }

  /** The entry of one key, one read. A read that fails is a miss, unless `onKvError` says otherwise. */
  async find(key: string, options: ReadOptions): Promise<CacheEntry | undefined> {
    const found = new Map<string, Stored>();
    // Most keys have no tags: for them there is a short way.
    const { epoch } = this.memory;
    if (options.tags.length === 0) {
      try {
        const kept = this.#kept(key);
        const read = kept ?? (await this.kv.read(key));
        if (!isThere(read)) return undefined;
        const entry = await decodeEntry(read, key, options.schema);
        if (entry.tags.length === 0) {
          if (kept === undefined && epoch === this.memory.epoch) this.#keep(key, read);
          return entry;
        }
        found.set(key, read);
      } catch (cause) {
        this.#recover(cause, key);
        return undefined;
      }
    }
    return (await this.findMany([key], options, found, epoch)).get(key);
  }

  /**
   * The entries of many keys, with the tags asked for in the same bulk reads; one more for tags found on entries.
   * What was `found` before was read in `epoch`.
   */
  async findMany(
    keys: readonly string[],
    options: ReadOptions,
    found = new Map<string, Stored>(),
    epoch = this.memory.epoch,
  ): Promise<Map<string, CacheEntry>> {
    const read = new Set(keys);
    for (const key of keys) {
      const kept = this.#kept(key);
      if (kept === undefined) continue;
      found.set(key, kept);
      read.delete(key);
    }
    let times = await this.#timesOf(
      options.tags,
      [...read].filter((key) => !found.has(key)),
      found,
    );
    const entries = new Map<string, CacheEntry>();
    const more = new Set(options.tags);
    for (const key of keys) {
      const stored = found.get(key);
      if (stored === undefined) continue;
      try {
        const entry = await decodeEntry(stored, key, options.schema);
        for (const tag of entry.tags) if (this.tags.key(tag)) more.add(tag);
        entries.set(key, entry);
      } catch {
        this.#recover(corrupt(key));
      }
    }
    if (more.size > options.tags.length) times = await this.#timesOf([...more]);
    for (const [key, entry] of entries) {
      const touched = [...options.tags, ...entry.tags];
      if (touched.some((tag) => entry.created <= (times?.get(tag) ?? Infinity))) entries.delete(key);
      else if (read.has(key) && epoch === this.memory.epoch) this.#keep(key, found.get(key) as Stored);
    }
    return entries;
  }

  /** Reads keys with tags. Without an answer no entry that has tags can be trusted. */
  async #timesOf(...asked: Parameters<Tags["read"]>): Promise<Map<string, number> | undefined> {
    try {
      return await this.tags.read(...asked);
    } catch (cause) {
      this.#recover(cause);
      return undefined;
    }
  }

  /** Makes an entry of what was loaded. */
  entry(value: unknown, started: number, options: ResolvedOptions): CacheEntry {
    const { ttl, jitter, negativeTtl, swr, staleIfError, tags } = options;
    const now = this.now();
    const negative = value === undefined || (value === null && negativeTtl > 0);
    const longest = tags.length === 0 ? Infinity : now + TAG_LIFE * 1000;
    const lifetime = (negative ? negativeTtl : ttl * (1 - jitter * Math.random())) * 1000;
    const freshUntil = Math.min(now + lifetime, longest);
    return {
      value,
      created: this.tags.after(tags, started),
      freshUntil,
      usableUntil: Math.min(freshUntil + Math.max(swr, staleIfError) * 1000, longest),
      loadTime: now - started,
      negative,
      tags,
    };
  }

  /** Stores what `made` makes, with no write of this isolate's in between. */
  change(key: string, made: () => Promise<StoredEntry | undefined>): Promise<void> {
    return this.kv.change(key, async () => {
      const stored = await made();
      return stored && [stored.value, this.#putOptions(stored)];
    });
  }

  /** Stores what was encoded. */
  async put(key: string, stored: StoredEntry, patient: boolean): Promise<void> {
    this.#keep(key, stored);
    try {
      await this.kv.put(key, stored.value, this.#putOptions(stored), patient);
    } catch (error) {
      if (this.#kept(key) === stored) this.memory.l1.delete(key);
      throw error;
    }
    // What was read meanwhile may be older than this.
    if (this.#kept(key) !== stored) this.forgetRead(key);
  }

  /** KV keeps an entry for as long as it may be used. */
  #putOptions({ metadata }: StoredEntry): KvPutOptions {
    const [, , usableUntil] = metadata.c;
    return { ...(usableUntil !== null && expirationOf((usableUntil - this.now()) / 1000)), metadata };
  }

  /** Forgets what is in memory, and makes sure that no load which began before now is stored or handed out. */
  forget(touches: (key: string, tags: readonly string[]) => boolean): void {
    const { flights, landed, l1 } = this.memory;
    this.memory.epoch++;
    for (const [key, flight] of flights) if (touches(key, flight.tags)) flights.delete(key);
    for (const map of [landed, l1]) {
      for (const [key, { metadata }] of map) if (touches(key, tagsOf(metadata))) map.delete(key);
    }
  }

  /** Forgets one key. */
  forgetKey(key: string): void {
    const { flights, landed, l1, cooldown } = this.memory;
    this.memory.epoch++;
    for (const map of [flights, landed, l1, cooldown]) map.delete(key);
  }

  /** Forgets what was read of a key while it was being written. */
  forgetRead(key: string): void {
    this.memory.epoch++;
    this.memory.l1.delete(key);
  }

  /** Invalidates what was stored with one of the tags: one write each. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const written = this.tags.invalidate(tags);
    this.forget((key, touched) => key.startsWith(this.kv.prefix) && touched.some((tag) => tags.includes(tag)));
    await written;
  }

  /** What is kept in memory, where that was asked for. */
  #kept(key: string): Stored | undefined {
    const { l1 } = this.settings;
    return l1 ? this.memory.l1.get(key, this.now(), l1.ttl * 1000) : undefined;
  }

  #keep(key: string, stored: Stored): void {
    const { l1 } = this.settings;
    if (l1) this.memory.l1.set(key, stored, this.now() + l1.ttl * 1000, l1.max);
  }

  #recover(cause: unknown, key?: string): void {
    const error = toKvError("get", key, cause);
    const isCorrupt = error.code === "CORRUPT_VALUE";
    this.stats[isCorrupt ? "corrupt" : "kvError"]++;
    if (!isCorrupt && this.settings.onKvError === "throw") throw error;
    report(this.settings, error);
  }
}

function isThere(read: { value: string | null; metadata: unknown }): read is Stored {
  return read.value !== null;
}
