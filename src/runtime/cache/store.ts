import { type CacheEntry, decodeEntry } from "./entry.js";
import type { Flight } from "./loads.js";
import type { CacheSettings, ResolvedOptions } from "./options.js";
import { type CacheStats, newStats } from "./stats.js";
import { TAG_LIFE, Tags, type TagTime } from "./tags.js";
import { type StoredText, TextMap } from "./text-map.js";
import { CheckedKv } from "../checked-kv.js";
import { toKvError } from "../errors.js";
import { isolateState } from "../isolate-state.js";
import type { KvLike, KvRead } from "../kv-like.js";
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
type Found = KvRead & { value: string };

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
    const { settings, memory, tags } = this;
    const kept = settings.l1 ? memory.l1.get(key, this.now()) : undefined;
    if (options.tags.length > 0 && !tags.isKnown(options.tags)) return (await this.findMany([key], options)).get(key);
    try {
      const { epoch } = memory;
      const read = kept === undefined ? await this.kv.read(key) : { ...kept, value: kept.text, cacheStatus: null };
      if (read.value === null) return undefined;
      const entry = await this.#decode(key, read as Found, options);
      if (entry === undefined) return undefined;
      const touched = options.tags.length === 0 ? entry.tags : [...options.tags, ...entry.tags];
      if (touched.length > 0 && isInvalid(entry, touched, await tags.read(touched))) return undefined;
      if (kept === undefined && epoch === memory.epoch) this.#keep(key, read as Found);
      return entry;
    } catch (cause) {
      this.#recover(cause, key);
      return undefined;
    }
  }

  /** The entries of many keys, with the tags asked for in the same bulk reads; one more for tags found on entries. */
  async findMany(keys: readonly string[], options: ReadOptions): Promise<Map<string, CacheEntry>> {
    const entries = new Map<string, CacheEntry>();
    const found = new Map<string, Found>();
    const { epoch } = this.memory;
    let times = await this.#timesOf(options.tags, keys, found);
    for (const key of keys) {
      const read = found.get(key);
      const entry = read && (await this.#decode(key, read, options));
      if (entry !== undefined) entries.set(key, entry);
    }
    const more = [...entries.values()].flatMap(({ tags }) => tags);
    if (more.length > 0) times = await this.#timesOf([...new Set([...options.tags, ...more])]);
    for (const [key, entry] of entries) {
      const touched = [...options.tags, ...entry.tags];
      if (touched.length > 0 && (times === undefined || isInvalid(entry, touched, times))) entries.delete(key);
      else if (epoch === this.memory.epoch) this.#keep(key, found.get(key) as Found);
    }
    return entries;
  }

  /** Reads keys with tags. Without an answer no entry that has tags can be trusted. */
  async #timesOf(
    ...[tags, keys, found]: Parameters<Tags["read"]>
  ): Promise<Awaited<ReturnType<Tags["read"]>> | undefined> {
    try {
      return await this.tags.read(tags, keys, found);
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
  change(key: string, made: () => Promise<StoredText | undefined>, builds: boolean): Promise<void> {
    return this.kv.change(
      key,
      async () => {
        const stored = await made();
        return stored && { text: stored.text, options: { ...this.lifeOf(stored.metadata), metadata: stored.metadata } };
      },
      builds,
    );
  }

  /** Stores what was encoded. */
  async put(key: string, { text, metadata }: StoredText, patient: boolean): Promise<void> {
    const mine = { text, metadata };
    this.#keep(key, { value: text, metadata, cacheStatus: null }, mine);
    try {
      await this.kv.put(key, text, { ...this.lifeOf(metadata), metadata }, patient);
    } catch (error) {
      if (this.memory.l1.get(key, this.now()) === mine) this.memory.l1.delete(key);
      throw error;
    }
  }

  /** How long KV keeps an entry. */
  lifeOf({ c: [, , usableUntil] }: StoredText["metadata"]): { expirationTtl?: number } {
    return usableUntil === null ? {} : expirationOf((usableUntil - this.now()) / 1000);
  }

  /** Forgets what is in memory, and makes sure that no load which began before now is stored or handed out. */
  forget(touches: (key: string, tags: readonly string[]) => boolean): void {
    const { flights, landed, l1 } = this.memory;
    this.memory.epoch++;
    for (const [key, flight] of flights) if (touches(key, flight.tags)) flights.delete(key);
    for (const map of [landed, l1]) {
      for (const [key, { metadata }] of map) if (touches(key, metadata.t ?? [])) map.delete(key);
    }
  }

  /** Forgets one key. */
  forgetKey(key: string): void {
    const { flights, landed, l1, cooldown } = this.memory;
    this.memory.epoch++;
    for (const map of [flights, landed, l1, cooldown]) map.delete(key);
  }

  /** Invalidates what was stored with one of the tags: one write each. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const written = this.tags.invalidate(tags);
    this.forget((key, touched) => key.startsWith(this.kv.prefix) && touched.some((tag) => tags.includes(tag)));
    await written;
  }

  async #decode(key: string, read: Found, options: ReadOptions): Promise<CacheEntry | undefined> {
    try {
      return await decodeEntry(read, key, options.schema);
    } catch (cause) {
      this.stats.corrupt++;
      report(this.settings, toKvError("get", key, cause));
      return undefined;
    }
  }

  #keep(key: string, { value, metadata }: Found, stored?: StoredText): void {
    const { l1 } = this.settings;
    if (!l1) return;
    const text = stored ?? { text: value, metadata: (metadata ?? {}) as StoredText["metadata"] };
    this.memory.l1.set(key, text, this.now() + l1.ttl * 1000, l1.max);
  }

  #recover(cause: unknown, key?: string): void {
    const error = toKvError("get", key, cause);
    this.stats.kvError++;
    if (this.settings.onKvError === "throw") throw error;
    report(this.settings, error);
  }
}

function isInvalid({ created }: CacheEntry, tags: readonly string[], times: Map<string, number>): boolean {
  return tags.some((tag) => created <= (times.get(tag) ?? 0));
}
