import { type CacheEntry, decodeEntry, encodeEntry } from "./entry.js";
import type { CacheSettings, ResolvedOptions } from "./options.js";
import { CheckedKv } from "../checked-kv.js";
import { isolateState, remember } from "../isolate-state.js";
import { report } from "../report.js";
import { toKvError } from "../errors.js";
import type { KvLike, KvRead } from "../kv-like.js";
import { expirationOf } from "../ttl.js";

/** What became of the reads and loads of one isolate since it started. */
export interface CacheStats {
  hit: number;
  stale: number;
  miss: number;
  negative: number;
  /** Callers that shared another's load. */
  coalesced: number;
  /** Loads of values that were still served. */
  refresh: number;
  corrupt: number;
  kvError: number;
  loaderError: number;
}

/** One load that several callers wait for. */
export interface Flight {
  promise: Promise<unknown>;
  /** Settles when the value is stored, or is not to be. Never rejects. */
  stored: Promise<void>;
  /** When to stop waiting for it: its request may be gone, and then it never ends. */
  deadline: number;
  /** Deleted or written meanwhile: what it loads is too old to be stored. */
  fenced: boolean;
  tags: readonly string[];
}

/** What an isolate knows about a cache beyond KV. */
export interface CacheMemory {
  stats: CacheStats;
  /** The loads under way, by stored key. */
  flights: Map<string, Flight>;
  /** Keys not to load again before `until`. */
  cooldown: Map<string, { until: number; failed: boolean }>;
  /** When each tag was last invalidated, as known until `until`. */
  tags: Map<string, { at: number; until: number }>;
  l1: Map<string, { entry: CacheEntry; until: number }>;
}

type ReadOptions = Pick<ResolvedOptions, "tags" | "schema">;

const TAG_MEMO = 30_000;

/** Entries in memory and in KV, held against their tags. */
export class CacheStore {
  readonly kv: CheckedKv;
  readonly memory: CacheMemory;
  readonly now: () => number;

  constructor(
    kv: KvLike | undefined,
    readonly settings: CacheSettings,
  ) {
    const { prefix = "", now = Date.now } = settings;
    this.kv = new CheckedKv(kv, prefix, settings);
    this.now = now;
    this.memory = isolateState(this.kv.kv, `cache ${this.kv.prefix}`, () => ({
      stats: {
        hit: 0,
        stale: 0,
        miss: 0,
        negative: 0,
        coalesced: 0,
        refresh: 0,
        corrupt: 0,
        kvError: 0,
        loaderError: 0,
      },
      flights: new Map(),
      cooldown: new Map(),
      tags: new Map(),
      l1: new Map(),
    }));
  }

  /** The entry of one key, one read. A read that fails is a miss, unless `onKvError` says otherwise. */
  async find(key: string, options: ReadOptions): Promise<CacheEntry | undefined> {
    const kept = this.memory.l1.get(key);
    if (kept !== undefined && this.now() < kept.until && !this.#isInvalid(kept.entry, options)) return kept.entry;
    if (this.#unknown(options.tags).length > 0) return (await this.findMany([key], options)).get(key);
    try {
      const read = await this.kv.read(key);
      return read.value === null ? undefined : await this.#judge(key, read as KvRead & { value: string }, options);
    } catch (cause) {
      this.#survive(cause, key);
      return undefined;
    }
  }

  /** The entries of many keys, with their tags in the same bulk read. */
  async findMany(keys: readonly string[], options: ReadOptions): Promise<Map<string, CacheEntry>> {
    const entries = new Map<string, CacheEntry>();
    try {
      const found = await this.#learn(options.tags, keys);
      for (const key of keys) {
        const read = found.get(key);
        const entry = read && (await this.#judge(key, read, options));
        if (entry !== undefined) entries.set(key, entry);
      }
    } catch (cause) {
      this.#survive(cause);
    }
    return entries;
  }

  /** Makes an entry of what was loaded. */
  entry(value: unknown, started: number, options: ResolvedOptions): CacheEntry {
    const { ttl, jitter, negativeTtl, swr, staleIfError, tags } = options;
    const now = this.now();
    const negative = value == null && negativeTtl > 0;
    const freshUntil = now + (negative ? negativeTtl : ttl * (1 - jitter * Math.random())) * 1000;
    return {
      value,
      // Made in the very millisecond of an invalidation, but after it.
      created: tags.some((tag) => this.#tagTime(tag) === started) ? started + 1 : started,
      freshUntil,
      usableUntil: freshUntil + Math.max(swr, staleIfError) * 1000,
      loadTime: now - started,
      negative,
      tags,
    };
  }

  async put(key: string, entry: CacheEntry): Promise<void> {
    const { text, metadata } = encodeEntry(entry);
    this.memory.l1.delete(key);
    await this.kv.put(key, text, { ...expirationOf((entry.usableUntil - this.now()) / 1000), metadata });
    this.#keep(key, entry);
  }

  /** Forgets what is in memory, and makes sure that no load which began before now is stored or handed out. */
  forget(touches: (key: string, tags: readonly string[]) => boolean): void {
    const { flights, l1 } = this.memory;
    for (const [key, flight] of flights) {
      if (!touches(key, flight.tags)) continue;
      flight.fenced = true;
      flights.delete(key);
    }
    for (const [key, { entry }] of l1) if (touches(key, entry.tags)) l1.delete(key);
  }

  /** Invalidates what was stored with one of the tags: one write each. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const at = this.now();
    for (const tag of tags) this.#rememberTag(tag, at);
    this.forget((_, touched) => touched.some((tag) => tags.includes(tag)));
    await Promise.all(tags.map((tag) => this.kv.put(this.#tagKey(tag), String(at), {})));
  }

  /** Reads keys, and with them what is not known of tags. */
  async #learn(tags: readonly string[], keys: readonly string[] = []): ReturnType<CheckedKv["readMany"]> {
    const unknown = this.#unknown(tags);
    const found = await this.kv.readMany([...keys, ...unknown.map((tag) => this.#tagKey(tag))]);
    for (const tag of unknown) this.#rememberTag(tag, Number(found.get(this.#tagKey(tag))?.value ?? -1));
    return found;
  }

  async #judge(key: string, read: KvRead & { value: string }, options: ReadOptions): Promise<CacheEntry | undefined> {
    let entry: CacheEntry;
    try {
      entry = await decodeEntry(read, key, options.schema);
    } catch (cause) {
      this.memory.stats.corrupt++;
      report(this.settings, toKvError("get", key, cause));
      return undefined;
    }
    if (this.#unknown(entry.tags).length > 0) await this.#learn(entry.tags);
    if (this.#isInvalid(entry, options)) return undefined;
    this.#keep(key, entry);
    return entry;
  }

  #keep(key: string, entry: CacheEntry): void {
    const { l1 } = this.settings;
    if (l1) remember(this.memory.l1, key, { entry, until: this.now() + l1.ttl * 1000 }, l1.max);
  }

  #isInvalid(entry: CacheEntry, { tags }: ReadOptions): boolean {
    const touched = (tag: string) => entry.created <= this.#tagTime(tag);
    return entry.tags.some(touched) || tags.some(touched);
  }

  #tagKey(tag: string): string {
    return this.kv.key(`tag:${tag}`);
  }

  #tagTime(tag: string): number {
    return this.memory.tags.get(tag)?.at ?? 0;
  }

  #rememberTag(tag: string, at: number): void {
    remember(this.memory.tags, tag, { at, until: this.now() + TAG_MEMO }, 1000);
  }

  #unknown(tags: readonly string[]): readonly string[] {
    return tags.length === 0
      ? tags
      : tags.filter((tag) => this.now() >= (this.memory.tags.get(tag)?.until ?? -Infinity));
  }

  #survive(cause: unknown, key?: string): void {
    const error = toKvError("get", key, cause);
    this.memory.stats.kvError++;
    if (this.settings.onKvError === "throw") throw error;
    report(this.settings, error);
  }
}
