import { type CacheState, encodeEntry, stateOf, verify } from "./entry.js";
import { CacheLoads, type Loader } from "./loads.js";
import { type CacheOptions, type CacheSettings, DEFAULTS, resolveOptions, type ResolvedOptions } from "./options.js";
import { CacheServing, reportFailure } from "./serving.js";
import type { CacheStats } from "./stats.js";
import { CacheStore } from "./store.js";
import { pool } from "../pool.js";
import { deleteByPrefix, type DeleteOptions, type DeleteResult } from "../delete-by-prefix.js";
import { bindingOf, withTtl } from "../env.js";
import { KvError } from "../errors.js";
import type { KvBindingName, KvLike } from "../kv-like.js";
import { copyOf } from "../merge.js";

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
  static fromEnv<Env extends object>(env: Env, binding: KvBindingName<Env>, options?: CacheSettings): Cache {
    const { kv, defaults } = bindingOf(env, binding);
    return new Cache(kv, withTtl(options, defaults));
  }

  readonly #store: CacheStore;
  readonly #loads: CacheLoads;
  readonly #serving: CacheServing;
  readonly #defaults: ResolvedOptions;

  constructor(kv: KvLike | undefined, settings: CacheSettings = {}) {
    this.#store = new CacheStore(kv, settings);
    this.#loads = new CacheLoads(this.#store);
    this.#serving = new CacheServing(this.#store, this.#loads);
    this.#defaults = resolveOptions(DEFAULTS, settings);
  }

  /** The beginning of each stored key, its separator included. */
  get prefix(): string {
    return this.#store.kv.prefix;
  }

  /** Counts since this isolate started, over all objects with this binding and prefix. */
  get stats(): Readonly<CacheStats> {
    return this.#store.stats;
  }

  /** The value if it is fresh or within `swr`; undefined for a miss. One read. */
  async get<T>(key: string): Promise<T | undefined> {
    const entry = await this.#store.find(this.#key(key), this.#defaults);
    const state = this.#serving.counted(entry, this.#defaults);
    return state === "fresh" || state === "stale" ? (entry?.value as T) : undefined;
  }

  /** The stored entry, fresh or not. One read. */
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
   * The cached value, or the result of `load`, which is then stored. A hit is one read, a miss one read and one write.
   * An error of `load` is thrown, unless there is an old value within `staleIfError`.
   */
  async getOrSet<T>(key: string, load: Loader<T>, options?: CacheOptions<T>): Promise<T> {
    const all = this.#resolve(options);
    const stored = this.#key(key);
    return this.#serving.serve(stored, load, all, await this.#store.find(stored, all), options?.ttl);
  }

  /**
   * Many keys with one bulk read and one load for all that are missing or stale. A key that `load` leaves out has no
   * value and is left out here too, and so is one whose value is refused, which is reported.
   */
  async getOrSetMany<T>(
    keys: readonly string[],
    load: (missing: string[]) => Promise<Map<string, T>>,
    options?: CacheOptions<T>,
  ): Promise<Map<string, T>> {
    const all = this.#resolve(options);
    const unique = [...new Set(keys)];
    const stored = this.#keys(unique);
    const found = await this.#store.findMany([...stored.values()], all);
    let batch: { keys: string[]; loaded: Promise<Map<string, T>> } | undefined;
    const loadOne = async (key: string): Promise<T | undefined> => {
      if (batch === undefined) {
        const asked: string[] = [];
        // By then every other caller of this turn has added its missing keys; a later one starts its own batch.
        const loaded = Promise.resolve(asked).then((missing) => {
          batch = undefined;
          return load(missing);
        });
        batch = { keys: asked, loaded };
      }
      const { keys: asked, loaded } = batch;
      asked.push(key);
      return (await loaded).get(key);
    };
    const serve = async (key: string): Promise<[string, T | undefined]> => {
      const name = stored.get(key);
      // A key that KV does not accept is loaded too, but not stored.
      if (name === undefined) return [key, copyOf(await loadOne(key))];
      try {
        return [
          key,
          await this.#serving.serve<T | undefined>(name, () => loadOne(key), all, found.get(name), options?.ttl),
        ];
      } catch (error) {
        if (!(error instanceof KvError) || error.code !== "INVALID_VALUE") throw error;
        reportFailure(this.#store.settings, error);
        return [key, undefined];
      }
    };
    const values = await Promise.all(unique.map(serve));
    return new Map(values.filter((pair): pair is [string, T] => pair[1] !== undefined));
  }

  /**
   * Stores a value, which replaces any load under way. One write. If KV keeps refusing it because the key is written
   * too often, the key is deleted, so that no old value is left.
   */
  async set<T>(key: string, value: T, options?: CacheOptions<T>): Promise<void> {
    const stored = this.#key(key);
    if (value === undefined) throw new KvError("INVALID_VALUE", "put", "value must not be undefined", { key: stored });
    const all = this.#resolve(options);
    const made = encodeEntry(this.#store.entry(value, this.#store.now(), all), stored);
    this.#store.forgetKey(stored);
    // Nothing is awaited before this: writes are stored in the order of the calls.
    const write =
      all.schema === undefined
        ? this.#store.put(stored, made, true)
        : this.#store.change(stored, () => verify(made, stored, all.schema));
    await this.#orDelete(stored, write);
    if (all.schema !== undefined) this.#store.forgetRead(stored);
  }

  /** Deletes a key and keeps a load under way from storing it again. One delete. */
  async delete(key: string): Promise<void> {
    const stored = this.#key(key);
    this.#store.forgetKey(stored);
    await this.#store.kv.delete(stored).finally(() => this.#store.forgetRead(stored));
  }

  /**
   * Makes a value stale at once: served within the `swr` and `staleIfError` it was stored with, loaded again
   * otherwise. One read, one write.
   */
  async expire(key: string): Promise<boolean> {
    const stored = this.#key(key);
    const store = this.#store;
    store.forgetKey(stored);
    let found = false;
    const change = store.change(stored, async () => {
      // The value as it is stored: a schema may transform it, and memory may hold what was read before the last write.
      store.forgetRead(stored);
      const entry = await store.find(stored, { tags: this.#defaults.tags });
      found = entry !== undefined;
      return entry && encodeEntry({ ...entry, freshUntil: Math.min(entry.freshUntil, store.now()) }, stored);
    });
    await this.#orDelete(stored, change);
    // What was read for this is fresh.
    store.forgetKey(stored);
    return found;
  }

  /** Invalidates every value stored with one of the tags before now. One write a tag; seen elsewhere within 60 s. */
  invalidateTags(...tags: string[]): Promise<void> {
    return this.#store.invalidate(tags);
  }

  /** Deletes every key that begins with `prefix`: one delete each. Tags do it with one write. */
  async invalidatePrefix(prefix: string, options?: DeleteOptions): Promise<DeleteResult> {
    const { kv } = this.#store;
    const forget = () => this.#store.forget((key) => key.startsWith(kv.prefix + prefix));
    forget();
    return deleteByPrefix(kv, prefix, options).finally(forget);
  }

  /**
   * Writes to the source, then to the cache: one write. If that fails, or there is no value, one delete, so that no old
   * value is left. The value is returned even when both fail. Of two concurrent writers the last one to
   * reach KV wins.
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
      reportFailure(this.#store.settings, error);
    }
    await this.delete(key).catch((error: unknown) => reportFailure(this.#store.settings, error));
    return value;
  }

  /** Loads keys before anyone asks. With `skipFresh` one bulk read finds those that need no loading. */
  async warm(
    items: Iterable<WarmItem>,
    { concurrency = 6, skipFresh = false }: { concurrency?: number; skipFresh?: boolean } = {},
  ): Promise<{ loaded: number; skipped: number; failed: [key: string, error: unknown][] }> {
    const all = [...items];
    const result = { loaded: 0, skipped: 0, failed: [] as [string, unknown][] };
    const stored = this.#keys(skipFresh ? all.map(({ key }) => key) : []);
    const found = await this.#store.findMany([...stored.values()], this.#defaults);
    await pool(all, concurrency, async ({ key, load, options }) => {
      try {
        const name = this.#key(key);
        if (stateOf(found.get(name), this.#defaults, this.#store.now()) === "fresh") {
          result.skipped++;
          return;
        }
        const { written } = this.#loads.live(name) ?? this.#loads.fly(name, load, this.#resolve(options), false);
        await written;
        result.loaded++;
      } catch (error) {
        result.failed.push([key, error]);
      }
    });
    return result;
  }

  /** A cached version of a function. `key` must differ for all arguments that matter, as with {@link joinKey}. */
  wrap<A extends unknown[], T>(
    fn: (...args: A) => Promise<T>,
    { key, ...options }: CacheOptions<T> & { key: (...args: A) => string },
  ): (...args: A) => Promise<T> {
    return (...args) => this.getOrSet<T>(key(...args), () => fn(...args), options);
  }

  /** Waits for a write. If KV refuses it because it came too soon after another, the key is deleted. */
  async #orDelete(stored: string, write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (!(error instanceof KvError) || error.code !== "RATE_LIMITED") throw error;
      reportFailure(this.#store.settings, error);
      await this.delete(stored.slice(this.prefix.length));
    }
  }

  /** The stored keys of those that KV accepts; the others are reported. */
  #keys(keys: readonly string[]): Map<string, string> {
    const stored = new Map<string, string>();
    for (const key of keys) {
      try {
        stored.set(key, this.#key(key));
      } catch (error) {
        reportFailure(this.#store.settings, error);
      }
    }
    return stored;
  }

  #key(key: string): string {
    return this.#store.kv.key(key);
  }

  #resolve(options: CacheOptions | undefined): ResolvedOptions {
    return options === undefined ? this.#defaults : resolveOptions(this.#defaults, options);
  }
}
