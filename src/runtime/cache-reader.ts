import { type CacheEntry, decodeEntry } from "./cache-entry.js";
import { Flights } from "./cache-flights.js";
import type { CacheSettings, ResolvedOptions } from "./cache-options.js";
import type { CheckedKv } from "./checked-kv.js";
import { isolateState, remember } from "./common.js";
import { type KvError, toKvError } from "./errors.js";
import type { KvRead } from "./kv-like.js";

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

/** What an isolate knows about a cache beyond KV. */
export interface CacheMemory {
  stats: CacheStats;
  flights: Flights;
  /** Keys not to load again before `until`. */
  cooldown: Map<string, { until: number; failed: boolean }>;
  /** When each tag was last invalidated, as known until `until`. */
  tags: Map<string, { at: number; until: number }>;
  l1: Map<string, { entry: CacheEntry; until: number }>;
}

const TAG_MEMO = 30_000;

/** Finds entries: in memory, then in KV, and then holds them against their tags. */
export class CacheReader {
  readonly memory: CacheMemory;

  constructor(
    readonly kv: CheckedKv,
    private readonly settings: CacheSettings,
    private readonly now: () => number,
  ) {
    this.memory = isolateState(kv.kv, `cache ${kv.prefix}`, () => ({
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
      flights: new Flights(),
      cooldown: new Map(),
      tags: new Map(),
      l1: new Map(),
    }));
  }

  /** The entry of one key, one read. A read that fails is a miss, unless `onKvError` says otherwise. */
  async find(key: string, options: Pick<ResolvedOptions, "tags" | "schema">): Promise<CacheEntry | undefined> {
    const kept = this.memory.l1.get(key);
    if (kept !== undefined && this.now() < kept.until && !this.invalidated(kept.entry, options.tags)) return kept.entry;
    try {
      const unknown = options.tags.length === 0 ? [] : this.unknownTags(options.tags);
      if (unknown.length > 0) return (await this.findMany([key], options)).get(key);
      const read = await this.kv.read(key);
      return read.value === null ? undefined : await this.judge(key, { ...read, value: read.value }, options);
    } catch (cause) {
      this.survive(toKvError("get", key, cause));
      return undefined;
    }
  }

  /** The entries of many keys, with their tags in the same bulk read. */
  async findMany(
    keys: readonly string[],
    options: Pick<ResolvedOptions, "tags" | "schema">,
  ): Promise<Map<string, CacheEntry>> {
    const entries = new Map<string, CacheEntry>();
    try {
      const tags = this.unknownTags(options.tags);
      const found = await this.kv.readMany([...keys, ...tags.map((tag) => this.tagKey(tag))]);
      this.learn(tags, found);
      for (const key of keys) {
        const read = found.get(key);
        const entry = read === undefined ? undefined : await this.judge(key, read, options);
        if (entry !== undefined) entries.set(key, entry);
      }
    } catch (cause) {
      this.survive(toKvError("get", undefined, cause));
    }
    return entries;
  }

  tagKey(tag: string): string {
    return this.kv.key(`tag:${tag}`);
  }

  /** When a tag was last invalidated, as far as this isolate knows. */
  tagTime(tag: string): number {
    return this.memory.tags.get(tag)?.at ?? 0;
  }

  rememberTag(tag: string, at: number): void {
    remember(this.memory.tags, tag, { at, until: this.now() + TAG_MEMO }, 1000);
  }

  private async judge(
    key: string,
    read: KvRead & { value: string },
    { tags, schema }: Pick<ResolvedOptions, "tags" | "schema">,
  ): Promise<CacheEntry | undefined> {
    let entry: CacheEntry;
    try {
      entry = await decodeEntry(read, key, schema);
    } catch (cause) {
      this.memory.stats.corrupt++;
      this.settings.onError?.(toKvError("get", key, cause));
      return undefined;
    }
    if (entry.tags.length > 0) {
      const unknown = this.unknownTags(entry.tags);
      if (unknown.length > 0) this.learn(unknown, await this.kv.readMany(unknown.map((tag) => this.tagKey(tag))));
    }
    if (this.invalidated(entry, tags)) return undefined;
    this.keep(key, entry);
    return entry;
  }

  /** Puts an entry into memory, where the caller asked for that. */
  keep(key: string, entry: CacheEntry): void {
    const { l1 } = this.settings;
    if (l1) remember(this.memory.l1, key, { entry, until: this.now() + l1.ttl * 1000 }, l1.max);
  }

  private invalidated(entry: CacheEntry, tags: readonly string[]): boolean {
    const touched = (tag: string) => entry.created <= this.tagTime(tag);
    return entry.tags.some(touched) || tags.some(touched);
  }

  private unknownTags(tags: readonly string[]): string[] {
    const now = this.now();
    return tags.filter((tag) => now >= (this.memory.tags.get(tag)?.until ?? -Infinity));
  }

  private learn(tags: readonly string[], found: Map<string, KvRead>): void {
    for (const tag of tags) this.rememberTag(tag, Number(found.get(this.tagKey(tag))?.value ?? -1));
  }

  private survive(error: KvError): void {
    this.memory.stats.kvError++;
    if (this.settings.onKvError === "throw") throw error;
    this.settings.onError?.(error);
  }
}
