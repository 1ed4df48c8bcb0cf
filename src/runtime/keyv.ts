import { KvError } from "./errors.js";
import type { KvLike } from "./kv-like.js";
import { KvStore } from "./kv-store.js";
import type { RuntimeOptions } from "./options.js";

/** How a {@link KvKeyv} stores. */
export interface KvKeyvOptions extends RuntimeOptions {
  /** Seconds a location may keep what it read; at least 30. @default - KV's own, 60 */
  cacheTtl?: number;
}

/** One write of {@link KvKeyv.setMany}; `ttl` is in milliseconds. */
export interface KvKeyvEntry {
  key: string;
  value: unknown;
  ttl?: number;
}

/**
 * A storage adapter for Keyv over a KV namespace. Keyv adds its namespace to the keys and ends entries on time itself;
 * KV keeps them for at least 60 seconds.
 *
 * @example
 * const keyv = new Keyv({ store: new KvKeyv(env.CACHE), namespace: "app" });
 */
export class KvKeyv {
  /** As Keyv reads it: it iterates only over stores whose dialect it knows, and this one is not among them. */
  readonly opts = { dialect: "redis", url: "" };
  /** Set by Keyv, which has put it into the keys by then. */
  namespace: string | undefined;
  readonly #store: KvStore;
  readonly #listeners = new Map<string, Set<(...values: unknown[]) => void>>();

  constructor(kv: KvLike | undefined, options: KvKeyvOptions = {}) {
    this.#store = new KvStore(kv, options);
  }

  /** One read. */
  async get<Value>(key: string): Promise<Value | undefined> {
    return (await this.#store.getEntry(key))?.value as Value | undefined;
  }

  /** One read a key, one subrequest a hundred. */
  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    const found = await this.#store.getManyEntries(keys);
    return keys.map((key) => found.get(key)?.value as Value | undefined);
  }

  /** One write. `ttl` is in milliseconds. */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    await this.#store.set(key, value, { ttl: (ttl ?? 0) / 1000 });
    return true;
  }

  /** One write each, at most 900. Throws when some were not stored. */
  async setMany(entries: KvKeyvEntry[]): Promise<void> {
    const items = entries.map(({ key, value, ttl }) => [key, value, { ttl: (ttl ?? 0) / 1000 }] as const);
    const { failed } = await this.#store.setMany(items);
    if (failed[0] !== undefined) throw failed[0][1];
  }

  /** Whether there is such a key. One read. */
  has(key: string): Promise<boolean> {
    return this.#store.has(key);
  }

  /** One read a key, one subrequest a hundred. */
  async hasMany(keys: string[]): Promise<boolean[]> {
    const found = await this.#store.getManyEntries(keys);
    return keys.map((key) => found.get(key) != null);
  }

  /** Whether there was such a key, as far as this location knows. One read and one delete. */
  delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /** Whether there was any of the keys. A read and a delete each. */
  async deleteMany(keys: string[]): Promise<boolean> {
    const found = await this.#store.getManyEntries(keys);
    await Promise.all(keys.map((key) => this.#store.delete(key)));
    return [...found.values()].some((entry) => entry !== null);
  }

  /** Deletes every key of the namespace, or every key. One list for each thousand and a delete each. */
  async clear(): Promise<void> {
    const { failed, done } = await this.#store.deleteByPrefix(this.#prefix, { all: true });
    if (done && failed.length === 0) return;
    throw new KvError("OP_BUDGET", "delete", "not every key was deleted, call clear again", { retryable: true });
  }

  /** Every key with its value. One list for each thousand, and a read each. */
  async *iterator(namespace = this.namespace): AsyncGenerator<[key: string, value: unknown], void> {
    yield* this.#store.entries({ prefix: namespace === undefined ? "" : `${namespace}:` });
  }

  /** Nothing to end: a binding has no connection. */
  disconnect(): Promise<void> {
    return Promise.resolve();
  }

  on(event: string, listener: (...values: unknown[]) => void): this {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  get #prefix(): string {
    return this.namespace === undefined ? "" : `${this.namespace}:`;
  }
}
