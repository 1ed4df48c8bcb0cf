import { type CacheEntry, type CacheState, stateOf } from "./entry.js";
import { CacheLoads, limited, type Loader } from "./loads.js";
import { type CacheOptions, type CacheSettings, isStored, resolveOptions, type ResolvedOptions } from "./options.js";
import { type CacheStats, CacheStore } from "./store.js";
import { pool } from "../pool.js";
import { report } from "../report.js";
import { deleteByPrefix, type DeleteOptions, type DeleteResult } from "../delete-by-prefix.js";
import { bindingOf, withTtl } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import type { KvLike } from "../kv-like.js";

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

  readonly #store: CacheStore;
  readonly #loads: CacheLoads;
  readonly #defaults: ResolvedOptions;

  constructor(kv: KvLike | undefined, settings: CacheSettings = {}) {
    this.#store = new CacheStore(kv, settings);
    this.#loads = new CacheLoads(this.#store);
    this.#defaults = resolveOptions(settings);
  }

  /** Counts since this isolate started, over all objects with this binding and prefix. */
  get stats(): Readonly<CacheStats> {
    return this.#store.memory.stats;
  }

  /** The value if it is fresh or within `swr`; undefined for a miss. One read. */
  async get<T>(key: string): Promise<T | undefined> {
    const entry = await this.#store.find(this.#key(key), this.#defaults);
    const state = this.#judge(entry, this.#defaults);
    return state === "fresh" || state === "stale" ? (entry?.value as T) : undefined;
  }

  /** What is stored, in whatever state. One read. */
  async inspect<T>(key: string): Promise<Inspection<T> | null> {
    const entry = await this.#store.find(this.#key(key), this.#defaults);
    if (entry === undefined) return null;
    const { value, created, negative, tags } = entry;
    const state = stateOf(entry, this.#defaults, this.#store.now());
    return {
      value: value as T,
      state: state === "fallback" ? "expired" : state === "fresh" && negative ? "negative" : state,
      createdAt: created,
      tags: [...tags],
    };
  }

  /**
   * The cached value, or what `load` gives, which is then stored. A hit is one read, a miss one read and one write.
   * What `load` throws reaches the caller, unless `staleIfError` has something better.
   */
  async getOrSet<T>(key: string, load: Loader<T>, options?: CacheOptions<T>): Promise<T> {
    const all = this.#resolve(options);
    const stored = this.#key(key);
    return this.#serve(stored, load, all, await this.#store.find(stored, all), options?.ttl);
  }

  /**
   * Many keys with one bulk read and one load for all that are missing or stale. A key that `load` leaves out has no
   * value and is left out here too.
   */
  async getOrSetMany<T>(
    keys: readonly string[],
    load: (missing: string[]) => Promise<Map<string, T>>,
    options?: CacheOptions<T>,
  ): Promise<Map<string, T>> {
    const all = this.#resolve(options);
    const unique = [...new Set(keys)];
    const found = await this.#store.findMany(
      unique.map((key) => this.#key(key)),
      all,
    );
    const missing: string[] = [];
    let loaded: Promise<Map<string, T>> | undefined;
    const serve = async (key: string): Promise<[string, T | undefined]> => {
      const loader = async () => {
        missing.push(key);
        // By then every other loader of this call has said what it misses.
        loaded ??= Promise.resolve(missing).then(load);
        return (await loaded).get(key);
      };
      const stored = this.#key(key);
      return [key, await this.#serve<T | undefined>(stored, loader, all, found.get(stored), options?.ttl)];
    };
    const values = await Promise.all(unique.map(serve));
    return new Map(values.filter((pair): pair is [string, T] => pair[1] !== undefined));
  }

  /** Stores a value, instead of whatever is being loaded. One write. */
  async set<T>(key: string, value: T, options?: CacheOptions<T>): Promise<void> {
    const stored = this.#key(key);
    if (value === undefined) throw new KvError("INVALID_VALUE", "put", "value must not be undefined", { key: stored });
    this.#forget(stored);
    await this.#store.put(stored, this.#store.entry(value, this.#store.now(), this.#resolve(options)));
  }

  /** Deletes a key and keeps a load under way from storing it again. One delete. */
  async delete(key: string): Promise<void> {
    const stored = this.#key(key);
    this.#forget(stored);
    await this.#store.kv.delete(stored);
  }

  /** Makes a value stale at once: served within `swr` and `staleIfError`, loaded again otherwise. One read, one write. */
  async expire(key: string): Promise<boolean> {
    const stored = this.#key(key);
    this.#forget(stored);
    const entry = await this.#store.find(stored, this.#defaults);
    if (entry === undefined) return false;
    const now = this.#store.now();
    const { swr, staleIfError } = this.#defaults;
    const usableUntil = Math.min(entry.usableUntil, now + Math.max(swr, staleIfError) * 1000);
    await this.#store.put(stored, { ...entry, freshUntil: Math.min(entry.freshUntil, now), usableUntil });
    return true;
  }

  /** Invalidates every value stored with one of the tags before now. One write a tag; seen elsewhere after at most 60 s. */
  invalidateTags(...tags: string[]): Promise<void> {
    return this.#store.invalidate(tags);
  }

  /** Deletes every key that begins with `prefix`: one delete each. Tags do it with one write. */
  async invalidatePrefix(prefix: string, options?: DeleteOptions): Promise<DeleteResult> {
    const { kv } = this.#store;
    this.#store.forget((key) => key.startsWith(kv.prefix + prefix));
    return deleteByPrefix(kv, prefix, options);
  }

  /**
   * Writes to the source, then to the cache: one write. Where that fails, or there is no value, one delete, so that
   * nothing old is left. Of two concurrent writers the last one to reach KV wins.
   */
  async writeThrough<T>(key: string, write: () => Promise<T | null>, options?: CacheOptions<T>): Promise<T | null> {
    const all = this.#resolve(options);
    const value = await write();
    try {
      if (value != null) {
        await this.set(key, value, all);
        return value;
      }
    } catch (error) {
      report(this.#store.settings, toKvError("put", this.#key(key), error));
    }
    await this.delete(key);
    return value;
  }

  /** Loads keys before anyone asks. With `skipFresh` one bulk read finds those that need no loading. */
  async warm(
    items: Iterable<WarmItem>,
    { concurrency = 6, skipFresh = false }: { concurrency?: number; skipFresh?: boolean } = {},
  ): Promise<{ loaded: number; skipped: number; failed: [key: string, error: unknown][] }> {
    const all = [...items];
    const result = { loaded: 0, skipped: 0, failed: [] as [string, unknown][] };
    const stored = (item: WarmItem) => this.#key(item.key);
    const found = skipFresh ? await this.#store.findMany(all.map(stored), this.#defaults) : undefined;
    await pool(all, concurrency, async (item) => {
      try {
        const started = this.#store.now();
        if (stateOf(found?.get(stored(item)), this.#defaults, started) === "fresh") {
          result.skipped++;
          return;
        }
        const options = this.#resolve(item.options);
        const value = await limited(item.load, options.loaderTimeout);
        if (isStored(value, options)) {
          await this.#store.put(stored(item), this.#store.entry(value, started, options));
        }
        result.loaded++;
      } catch (error) {
        result.failed.push([item.key, error]);
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

  /** What there is for a key, at once where it can be: no promise, because a hit is worth each microsecond. */
  #serve<T>(
    key: string,
    load: Loader<T>,
    options: ResolvedOptions,
    entry: CacheEntry | undefined,
    ttl: number | undefined,
  ): T | Promise<T> {
    const state = this.#judge(entry, options, ttl);
    if (entry === undefined || state === "expired") {
      options.onServed?.("miss");
      return this.#loads.share(key, load, options, entry);
    }
    const value = entry.value as T;
    if (state === "fresh") {
      if (this.#isEarly(entry, options) && this.#loads.isIdle(key)) this.#refresh(key, load, options, entry);
      options.onServed?.("hit");
      return value;
    }
    const serveOld = () => {
      options.onServed?.("stale");
      return value;
    };
    if (state === "stale") {
      if (!this.#loads.isIdle(key)) return serveOld();
      if (this.#refresh(key, load, options, entry)) return serveOld();
    }
    if (this.#loads.hasJustFailed(key)) return serveOld();
    return this.#loads.share(key, load, options, entry).then(
      (loaded) => {
        options.onServed?.("miss");
        return loaded;
      },
      (error: unknown) => {
        this.#report(error);
        return serveOld();
      },
    );
  }

  /** The state of an entry, counted. */
  #judge(entry: CacheEntry | undefined, options: ResolvedOptions, ttl?: number): ReturnType<typeof stateOf> {
    const state = stateOf(entry, options, this.#store.now(), ttl);
    const { stats } = this.#store.memory;
    if (state === "stale") stats.stale++;
    else if (state !== "fresh") stats.miss++;
    else if (entry?.negative === true) stats.negative++;
    else stats.hit++;
    return state;
  }

  /** Probabilistic early expiration (XFetch): isolates refresh at different times without talking to each other. */
  #isEarly({ loadTime, freshUntil }: CacheEntry, { earlyRefresh }: ResolvedOptions): boolean {
    if (this.#store.settings.waitUntil === undefined || loadTime === 0 || earlyRefresh === 0) return false;
    return this.#store.now() - loadTime * earlyRefresh * Math.log(Math.random()) >= freshUntil;
  }

  /** Loads after the response. False when there is nothing to outlive it with: then the caller waits. */
  #refresh<T>(key: string, load: Loader<T>, options: ResolvedOptions, entry: CacheEntry): boolean {
    this.#store.memory.stats.refresh++;
    if (this.#store.settings.waitUntil === undefined) return false;
    this.#loads.start(key, load, options, true, entry).promise.catch((error: unknown) => this.#report(error));
    return true;
  }

  #key(key: string): string {
    return this.#store.kv.key(key);
  }

  #resolve(options: CacheOptions | undefined): ResolvedOptions {
    return options === undefined ? this.#defaults : resolveOptions(this.#defaults, options);
  }

  #forget(stored: string): void {
    this.#store.forget((key) => key === stored);
  }

  #report(error: unknown): void {
    const known = error instanceof KvError;
    report(
      this.#store.settings,
      known ? error : new KvError("LOADER_FAILED", "load", "the loader failed", { retryable: true, cause: error }),
    );
  }
}
