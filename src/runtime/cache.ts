import { type CacheEntry, type CacheState, encodeEntry } from "./cache-entry.js";
import { type Flight, limited, within } from "./cache-flights.js";
import { type CacheOptions, type CacheSettings, resolveOptions, type ResolvedOptions } from "./cache-options.js";
import { CacheReader, type CacheStats } from "./cache-reader.js";
import { CheckedKv } from "./checked-kv.js";
import { pool, remember, runLater } from "./common.js";
import { deleteByPrefix, type DeleteOptions, type DeleteResult } from "./delete-by-prefix.js";
import { bindingOf, withTtl } from "./env.js";
import { KvError, toKvError } from "./errors.js";
import type { KvLike } from "./kv-like.js";
import { expirationOf } from "./ttl.js";

/** What a loader is told, and what it may ask for. */
export interface LoadContext<T> {
  /** Whether a caller is already served and this load only refreshes. */
  background: boolean;
  /** Aborted when `loaderTimeout` has passed. */
  signal: AbortSignal;
  /** The value that is stale or expired. */
  previous?: T;
  /** Changes how the loaded value is stored. */
  setOptions: (options: Partial<CacheOptions>) => void;
}

/** Loads the value of a missing key; null or undefined for "there is none". */
export type Loader<T> = (context: LoadContext<T>) => Promise<T> | T;

/** What {@link Cache.inspect} finds. */
export interface Inspection<T> {
  value: T;
  state: CacheState | "negative";
  /** Milliseconds since 1970; 0 when it was not written by a cache. */
  createdAt: number;
  tags: string[];
}

/** A key for {@link Cache.warm}. */
export interface WarmItem {
  key: string;
  load: () => Promise<unknown>;
  options?: CacheOptions;
}

/** Misses that come within this time of a load share it: the key takes one write a second anyway. */
const LANDED = 1000;

/**
 * Values that are expensive to make, kept in KV.
 *
 * One isolate loads a missing key once, however many ask; other isolates may load it too. Nothing waits for a load
 * past its deadline. A KV that cannot be read is a miss.
 */
export class Cache {
  /** The cache over a binding, with the TTL that the namespace's construct names. */
  static fromEnv(env: object, binding: string, options?: CacheSettings): Cache {
    const { kv, defaults } = bindingOf(env, binding);
    return new Cache(kv, withTtl(options, defaults));
  }

  private readonly kv: CheckedKv;
  private readonly reader: CacheReader;
  private readonly defaults: ResolvedOptions;
  private readonly now: () => number;

  constructor(
    kv: KvLike | undefined,
    private readonly settings: CacheSettings = {},
  ) {
    const { prefix = "", cacheTtl, now = Date.now } = settings;
    this.kv = new CheckedKv(kv, prefix, cacheTtl);
    this.defaults = resolveOptions(settings);
    this.now = now;
    this.reader = new CacheReader(this.kv, settings, now);
  }

  /** Counts since this isolate started, over all objects with this binding and prefix. */
  get stats(): Readonly<CacheStats> {
    return this.reader.memory.stats;
  }

  /** The value if it is fresh or within `swr`; undefined for a miss. One read. */
  async get<T>(key: string): Promise<T | undefined> {
    const entry = await this.reader.find(this.kv.key(key), this.defaults);
    const state = entry === undefined ? "expired" : this.stateOf(entry, this.defaults);
    if (entry === undefined || state === "expired") {
      this.stats_.miss++;
      return undefined;
    }
    this.count(entry, state);
    return entry.value as T;
  }

  /** What is stored, in whatever state. One read. */
  async inspect<T>(key: string): Promise<Inspection<T> | null> {
    const entry = await this.reader.find(this.kv.key(key), this.defaults);
    if (entry === undefined) return null;
    const state = this.stateOf(entry, this.defaults);
    return {
      value: entry.value as T,
      state: entry.negative && state === "fresh" ? "negative" : state,
      createdAt: entry.created,
      tags: [...entry.tags],
    };
  }

  /**
   * The cached value, or what `load` gives, which is then stored. A hit is one read, a miss one read and one write.
   * What `load` throws reaches the caller, unless `staleIfError` has something better.
   */
  async getOrSet<T>(key: string, load: Loader<T>, options?: CacheOptions<T>): Promise<T> {
    const all = this.resolve(options);
    const stored = this.kv.key(key);
    const entry = await this.reader.find(stored, all);
    if (entry === undefined) {
      this.stats_.miss++;
      all.onServed?.("miss");
      return this.share(stored, load, all, undefined);
    }
    const value = entry.value as T;
    const state = this.stateOf(entry, all, options?.ttl);
    if (state === "fresh") {
      this.count(entry, state);
      all.onServed?.("hit");
      if (this.isEarly(entry, all) && this.mayRefresh(stored)) this.refresh(stored, load, all, entry);
      return value;
    }
    if (state === "stale") {
      this.count(entry, state);
      if (!this.mayRefresh(stored) || this.refresh(stored, load, all, entry)) {
        all.onServed?.("stale");
        return value;
      }
    }
    const usable = state === "stale" || this.isUsable(entry, all, options?.ttl);
    if (usable && this.hasJustFailed(stored)) {
      all.onServed?.("stale");
      return value;
    }
    if (state === "expired") this.stats_.miss++;
    try {
      const loaded = await this.share(stored, load, all, entry);
      all.onServed?.("miss");
      return loaded;
    } catch (error) {
      if (!usable) throw error;
      all.onServed?.("stale");
      this.report(error);
      return value;
    }
  }

  /**
   * Many keys with one bulk read and one load for all that are missing. A key that `load` leaves out has no value and
   * is left out here too. Loads of this kind are not shared between callers.
   */
  async getOrSetMany<T>(
    keys: readonly string[],
    load: (missing: string[]) => Promise<Map<string, T>>,
    options?: CacheOptions<T>,
  ): Promise<Map<string, T>> {
    const all = this.resolve(options);
    const found = await this.reader.findMany(
      keys.map((key) => this.kv.key(key)),
      all,
    );
    const values = new Map<string, T | undefined>();
    const missing: string[] = [];
    const stale: string[] = [];
    let usable = true;
    for (const key of new Set(keys)) {
      const entry = found.get(this.kv.key(key));
      const state = entry === undefined ? "expired" : this.stateOf(entry, all, options?.ttl);
      values.set(key, entry?.value as T | undefined);
      if (entry !== undefined && state !== "expired") this.count(entry, state);
      else this.stats_.miss++;
      if (state === "stale") stale.push(key);
      if (state !== "expired") continue;
      missing.push(key);
      usable &&= entry !== undefined && this.isUsable(entry, all, options?.ttl);
    }
    const { waitUntil } = this.settings;
    if (waitUntil === undefined) missing.push(...stale);
    else if (stale.length > 0) waitUntil(this.loadMany(stale, load, all).catch((error: unknown) => this.report(error)));
    if (missing.length > 0) {
      try {
        const loaded = await this.loadMany(missing, load, all);
        for (const key of missing) values.set(key, loaded.get(key));
      } catch (error) {
        if (!usable) throw error;
        this.report(error);
      }
    }
    return new Map([...values].filter((pair): pair is [string, T] => pair[1] !== undefined));
  }

  /** Stores a value, instead of whatever is being loaded. One write. */
  async set<T>(key: string, value: T, options?: CacheOptions<T>): Promise<void> {
    const all = this.resolve(options);
    const stored = this.kv.key(key);
    if (value === undefined) throw new KvError("INVALID_VALUE", "put", "value must not be undefined", { key: stored });
    this.reader.memory.flights.fenceKey(stored);
    await this.put(stored, this.entryOf(value, this.now(), all));
  }

  /** Deletes a key and keeps a load under way from storing it again. One delete. */
  async delete(key: string): Promise<void> {
    const stored = this.kv.key(key);
    this.forget(stored);
    await this.kv.delete(stored);
  }

  /** Makes a value stale at once: served within `swr` and `staleIfError`, loaded again otherwise. One read, one write. */
  async expire(key: string): Promise<boolean> {
    const stored = this.kv.key(key);
    this.forget(stored);
    const entry = await this.reader.find(stored, this.defaults);
    if (entry === undefined) return false;
    const now = this.now();
    const { swr, staleIfError } = this.defaults;
    const usableUntil = Math.min(entry.usableUntil, now + Math.max(swr, staleIfError) * 1000);
    await this.put(stored, { ...entry, freshUntil: Math.min(entry.freshUntil, now), usableUntil });
    return true;
  }

  /** Invalidates every value stored with one of the tags before now. One write a tag; seen elsewhere after at most 60 s. */
  async invalidateTags(...tags: string[]): Promise<void> {
    const at = this.now();
    for (const tag of tags) this.reader.rememberTag(tag, at);
    this.reader.memory.flights.fence((_, flight) => flight.tags.some((tag) => tags.includes(tag)));
    await Promise.all(tags.map((tag) => this.kv.put(this.reader.tagKey(tag), String(at), {})));
  }

  /** Deletes every key that begins with `prefix`: one delete each. Tags do it with one write. */
  async invalidatePrefix(prefix: string, options?: DeleteOptions): Promise<DeleteResult> {
    const { flights, l1 } = this.reader.memory;
    const begins = (key: string) => key.startsWith(this.kv.prefix + prefix);
    flights.fence(begins);
    for (const key of l1.keys()) if (begins(key)) l1.delete(key);
    return deleteByPrefix(this.kv, prefix, options);
  }

  /**
   * Writes to the source, then to the cache: one write. Where that fails, or there is no value, one delete, so that
   * nothing old is left. Of two concurrent writers the last one to reach KV wins.
   */
  async writeThrough<T>(key: string, write: () => Promise<T | null>, options?: CacheOptions<T>): Promise<T | null> {
    const all = this.resolve(options);
    const value = await write();
    if (value == null) {
      await this.delete(key);
      return value;
    }
    try {
      await this.set(key, value, all);
    } catch (error) {
      this.settings.onError?.(toKvError("put", this.kv.key(key), error));
      await this.delete(key);
    }
    return value;
  }

  /** Loads keys before anyone asks. With `skipFresh` one bulk read finds those that need no loading. */
  async warm(
    items: Iterable<WarmItem>,
    { concurrency = 6, skipFresh = false }: { concurrency?: number; skipFresh?: boolean } = {},
  ): Promise<{ loaded: number; skipped: number; failed: [key: string, error: unknown][] }> {
    const all = [...items];
    const result = { loaded: 0, skipped: 0, failed: [] as [string, unknown][] };
    const stored = skipFresh ? all.map(({ key }) => this.kv.key(key)) : [];
    const found = skipFresh ? await this.reader.findMany(stored, this.defaults) : undefined;
    await pool(all, concurrency, async ({ key, load, options }) => {
      const entry = found?.get(this.kv.key(key));
      if (entry !== undefined && this.stateOf(entry, this.defaults) === "fresh") {
        result.skipped++;
        return;
      }
      try {
        const resolved = this.resolve(options);
        const started = this.now();
        const value = await limited(load, resolved.loaderTimeout);
        if (this.isStored(value, resolved)) await this.put(this.kv.key(key), this.entryOf(value, started, resolved));
        result.loaded++;
      } catch (error) {
        result.failed.push([key, error]);
      }
    });
    return result;
  }

  /** A cached version of a function. `key` must tell apart all arguments that matter: {@link joinKey} does. */
  wrap<A extends unknown[], T>(
    fn: (...args: A) => Promise<T>,
    { key, ...options }: CacheOptions<T> & { key: (...args: A) => string },
  ): (...args: A) => Promise<T> {
    return (...args) => this.getOrSet<T>(key(...args), () => fn(...args), options);
  }

  private get stats_(): CacheStats {
    return this.reader.memory.stats;
  }

  private resolve(options: CacheOptions | undefined): ResolvedOptions {
    return options === undefined ? this.defaults : resolveOptions(this.defaults, options);
  }

  private count(entry: CacheEntry, state: CacheState): void {
    this.stats_[state === "stale" ? "stale" : entry.negative ? "negative" : "hit"]++;
  }

  private freshUntil(entry: CacheEntry, ttl: number | undefined): number {
    // The stored TTL may be longer than the one the code says now. Seeded values have no time of creation.
    if (ttl === undefined || entry.negative || entry.created === 0) return entry.freshUntil;
    return Math.min(entry.freshUntil, entry.created + ttl * 1000);
  }

  private stateOf(entry: CacheEntry, { swr }: ResolvedOptions, ttl?: number): CacheState {
    const now = this.now();
    const freshUntil = this.freshUntil(entry, ttl);
    if (now < freshUntil) return "fresh";
    return now < Math.min(entry.usableUntil, freshUntil + swr * 1000) ? "stale" : "expired";
  }

  private isUsable(entry: CacheEntry, { staleIfError }: ResolvedOptions, ttl: number | undefined): boolean {
    return this.now() < Math.min(entry.usableUntil, this.freshUntil(entry, ttl) + staleIfError * 1000);
  }

  /** Probabilistic early expiration (XFetch): isolates refresh at different times without talking to each other. */
  private isEarly(entry: CacheEntry, { earlyRefresh }: ResolvedOptions): boolean {
    if (this.settings.waitUntil === undefined || entry.loadTime === 0 || earlyRefresh === 0) return false;
    return this.now() - entry.loadTime * earlyRefresh * Math.log(Math.random()) >= entry.freshUntil;
  }

  private mayRefresh(key: string): boolean {
    const now = this.now();
    const { flights, cooldown } = this.reader.memory;
    return flights.live(key, now) === undefined && now >= (cooldown.get(key)?.until ?? 0);
  }

  private hasJustFailed(key: string): boolean {
    const cooldown = this.reader.memory.cooldown.get(key);
    return cooldown?.failed === true && this.now() < cooldown.until;
  }

  /** Loads after the response. False when there is nothing to outlive it with: then the caller waits. */
  private refresh<T>(key: string, load: Loader<T>, options: ResolvedOptions, entry: CacheEntry): boolean {
    this.stats_.refresh++;
    if (this.settings.waitUntil === undefined) return false;
    this.lead(key, load, options, entry, true).promise.catch((error: unknown) => this.report(error));
    return true;
  }

  /** Waits for the load that is under way, or starts one. */
  private async share<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    entry: CacheEntry | undefined,
  ): Promise<T> {
    const { flights } = this.reader.memory;
    for (;;) {
      const flight = flights.live(key, this.now());
      if (flight === undefined) {
        const { promise, stored } = this.lead(key, load, options, entry, false);
        const value = await promise;
        await stored;
        return value as T;
      }
      this.stats_.coalesced++;
      const answered = flight.promise.then((value) => ({ value: value as T }));
      const answer = await within<{ value: T } | undefined>(answered, flight.deadline - this.now(), () => undefined);
      if (answer !== undefined) return answer.value;
      // The request that led it is gone, and its promise with it.
      flights.remove(key, flight);
    }
  }

  /** Starts a load that others may share. */
  private lead<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    entry: CacheEntry | undefined,
    background: boolean,
  ): Flight & { stored: Promise<void> | undefined } {
    const { waitUntil, cacheTtl = 60 } = this.settings;
    const { flights, cooldown } = this.reader.memory;
    const started = this.now();
    let used = options;
    const previous = entry === undefined || entry.negative ? {} : { previous: entry.value as T };
    const promise = limited(
      (signal) =>
        load({
          background,
          signal,
          ...previous,
          setOptions: (more) => {
            used = resolveOptions(used, more);
            flight.tags = used.tags;
          },
        }),
      options.loaderTimeout,
    );
    // A second more than the loader has, so that a leader which is alive answers first.
    const deadline = started + (options.loaderTimeout + 1) * 1000;
    const flight: Flight & { stored: Promise<void> | undefined } = {
      promise,
      deadline,
      fenced: false,
      tags: options.tags,
      stored: undefined,
    };
    flights.add(key, flight, started);
    // Other locations go on reading the old value for cacheTtl: no reason to load again meanwhile.
    const cool = (failed: boolean) => {
      const until = this.now() + (failed ? LANDED : Math.max(LANDED, cacheTtl * 1000));
      remember(cooldown, key, { until, failed }, 1000);
    };
    if (entry !== undefined) cool(false);
    flight.stored = promise.then(
      async (value) => {
        if (!this.isStored(value, used)) {
          flights.remove(key, flight);
          return;
        }
        const made = this.entryOf(value, started, used);
        flight.deadline = Math.min(this.now() + LANDED, made.freshUntil);
        // Asked when it is written: what was fenced meanwhile is too old, a write that is tried again perhaps too.
        await runLater(this.settings, () => (flight.fenced ? Promise.resolve() : this.put(key, made)));
      },
      () => {
        this.stats_.loaderError++;
        flights.remove(key, flight);
        cool(true);
      },
    );
    waitUntil?.(flight.stored);
    return flight;
  }

  private async loadMany<T>(
    keys: string[],
    load: (missing: string[]) => Promise<Map<string, T>>,
    options: ResolvedOptions,
  ): Promise<Map<string, T>> {
    const started = this.now();
    const loaded = await limited(() => load(keys), options.loaderTimeout);
    const writes = keys.flatMap((key) => {
      const value = loaded.get(key);
      if (!this.isStored(value, options)) return [];
      return runLater(this.settings, () => this.put(this.kv.key(key), this.entryOf(value, started, options))) ?? [];
    });
    await Promise.all(writes);
    return loaded;
  }

  private isStored(value: unknown, { negativeTtl }: ResolvedOptions): boolean {
    return value != null || negativeTtl > 0;
  }

  private entryOf(value: unknown, started: number, options: ResolvedOptions): CacheEntry {
    const { ttl, jitter, negativeTtl, swr, staleIfError, tags } = options;
    const now = this.now();
    const negative = value == null && negativeTtl > 0;
    const seconds = negative ? negativeTtl : ttl * (1 - jitter * Math.random());
    const freshUntil = now + seconds * 1000;
    // Made in the very millisecond of an invalidation, but after it.
    const created = tags.some((tag) => this.reader.tagTime(tag) === started) ? started + 1 : started;
    return {
      value,
      created,
      freshUntil,
      usableUntil: freshUntil + Math.max(swr, staleIfError) * 1000,
      loadTime: now - started,
      negative,
      tags,
    };
  }

  private async put(key: string, entry: CacheEntry): Promise<void> {
    const { text, metadata } = encodeEntry(entry);
    this.reader.memory.l1.delete(key);
    await this.kv.put(key, text, { ...expirationOf((entry.usableUntil - this.now()) / 1000), metadata });
    this.reader.keep(key, entry);
  }

  private forget(key: string): void {
    this.reader.memory.flights.fenceKey(key);
    this.reader.memory.l1.delete(key);
  }

  private report(error: unknown): void {
    const known = error instanceof KvError;
    this.settings.onError?.(
      known ? error : new KvError("LOADER_FAILED", "load", "the loader failed", { retryable: true, cause: error }),
    );
  }
}
