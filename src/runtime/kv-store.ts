import * as KV_LIMITS from "../kv/limits.js";
import { CheckedKv } from "./checked-kv.js";
import { pool } from "./pool.js";
import { report } from "./report.js";
import { deleteByPrefix, type DeleteOptions, type DeleteResult } from "./delete-by-prefix.js";
import { bindingOf, withTtl } from "./env.js";
import { KvError, toKvError } from "./errors.js";
import { encodeJson } from "./json.js";
import type { KvBindingName, KvLike, KvValueOf, KvPutOptions, KvReadOptions } from "./kv-like.js";
import type {
  BatchResult,
  Codec,
  Entry,
  KeyInfo,
  KeyPage,
  ListOptions,
  SetOptions,
  StoreOptions,
} from "./kv-store-types.js";
import { conform } from "./schema.js";
import { checkedTtl, expirationOf } from "./ttl.js";

const CODECS: Record<"json" | "text", Codec<unknown>> = {
  json: { encode: encodeJson, decode: (text) => JSON.parse(text) as unknown },
  text: { encode: encodeText, decode: (text) => text },
};

function encodeText(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new KvError("INVALID_VALUE", "put", "value must be a string: the codec is text");
}

/**
 * Typed keys and values in a KV namespace. The last write wins; other locations may see it up to
 * `cacheTtl` later, and a key takes one write a second.
 */
export class KvStore<T = unknown, M extends object = Record<string, unknown>> {
  /**
   * The store over a binding, with the TTL that the namespace's construct names.
   *
   * @example
   * const sessions = KvStore.fromEnv<Session>(env, "SESSIONS");
   */
  static fromEnv<Env extends object, Name extends KvBindingName<Env>>(
    env: Env,
    binding: Name,
    options?: StoreOptions<KvValueOf<Env, Name>>,
  ): KvStore<KvValueOf<Env, Name>>;
  static fromEnv<T = unknown, M extends object = Record<string, unknown>, Env extends object = object>(
    env: Env,
    binding: KvBindingName<Env>,
    options?: StoreOptions<T>,
  ): KvStore<T, M>;
  static fromEnv<T = unknown, M extends object = Record<string, unknown>, Env extends object = object>(
    env: Env,
    binding: KvBindingName<Env>,
    options?: StoreOptions<T>,
  ): KvStore<T, M> {
    const { kv, defaults } = bindingOf(env, binding);
    return new KvStore<T, M>(kv, withTtl(options, defaults));
  }

  readonly #options: StoreOptions<T>;
  readonly #kv: CheckedKv;
  readonly #codec: Codec<T>;
  readonly #ttl: number;

  constructor(kv: KvLike | undefined, options: StoreOptions<T> = {}) {
    this.#options = options;
    const { prefix = "", codec = "json", ttl } = options;
    this.#kv = new CheckedKv(kv, prefix, options);
    this.#codec = typeof codec === "string" ? (CODECS[codec] as Codec<T>) : codec;
    this.#ttl = this.#seconds(ttl ?? 0);
  }

  /** The value, or null when there is none. One read. */
  async get(key: string): Promise<T | null> {
    return (await this.getEntry(key))?.value ?? null;
  }

  /** The value with its metadata, or null. One read. */
  async getEntry(key: string): Promise<Entry<T, M> | null> {
    const stored = this.#kv.key(key);
    const read = await this.#kv.read(stored);
    return read.value === null ? null : this.#decode(stored, { ...read, value: read.value });
  }

  /** Each key's value or null, in the order asked for. One read a key, one subrequest a hundred. */
  async getMany(keys: readonly string[]): Promise<Map<string, T | null>> {
    const entries = await this.getManyEntries(keys);
    return new Map([...entries].map(([key, entry]) => [key, entry === null ? null : entry.value]));
  }

  /**
   * Each key's value with its metadata, or null, in the order asked for. A key that KV does not accept is null, and
   * reported.
   */
  async getManyEntries(keys: readonly string[]): Promise<Map<string, Entry<T, M> | null>> {
    const stored = keys.map((key) => {
      try {
        return this.#kv.key(key);
      } catch (error) {
        report(this.#options, toKvError("get", undefined, error));
        return undefined;
      }
    });
    const found = await this.#kv.readMany(stored.filter((key) => key !== undefined));
    const decoded = keys.map(async (key, index): Promise<[string, Entry<T, M> | null]> => {
      const name = stored[index] ?? "";
      const read = found.get(name);
      return [key, read === undefined ? null : await this.#decode(name, read)];
    });
    return new Map(await Promise.all(decoded));
  }

  /** Stores a value. One write. `undefined` is refused: KV would store the string "undefined". */
  async set(key: string, value: T, options: SetOptions<M> = {}): Promise<void> {
    const stored = this.#kv.key(key);
    await this.#kv.put(stored, this.#encode(value, stored), this.#putOptions(options));
  }

  /** Stores many values, each with one write; of two with the same key the last. At most 900 a call. */
  async setMany(
    items: Iterable<readonly [key: string, value: T, options?: SetOptions<M>]>,
    { concurrency = 6 }: { concurrency?: number } = {},
  ): Promise<BatchResult> {
    const result: BatchResult = { written: 0, failed: [] };
    // KV takes one write a second for each key: an earlier one would only delay the later.
    const last = [...new Map([...items].map((item) => [item[0], item])).values()];
    for (const [key] of last.splice(900)) {
      result.failed.push([key, new KvError("OP_BUDGET", "put", "one call writes at most 900 keys")]);
    }
    await pool(last, concurrency, async ([key, value, options]) => {
      try {
        await this.set(key, value, options);
        result.written++;
      } catch (error) {
        result.failed.push([key, toKvError("put", key, error)]);
      }
    });
    return result;
  }

  /** Whether there is such a key. One read, whose value is not downloaded. */
  async has(key: string): Promise<boolean> {
    const body = await this.stream(key);
    await body?.cancel();
    return body !== null;
  }

  /** The stored bytes as they come, or null. One read. */
  stream(key: string): Promise<ReadableStream | null> {
    const { cacheTtl } = this.#options;
    const stored = this.#kv.key(key);
    const options = { type: "stream", cacheTtl } as KvReadOptions<"stream">;
    return this.#kv.attempt("get", stored, () => this.#kv.kv.get(stored, options) as Promise<ReadableStream | null>);
  }

  /** Deletes a key, whether there is one or not. One delete. */
  async delete(key: string): Promise<void> {
    await this.#kv.delete(this.#kv.key(key));
  }

  /** One page of at most 1,000 keys, without the store's prefix. A page may be empty before the last. */
  async list({ prefix = "", limit = KV_LIMITS.maxListKeys, cursor }: ListOptions = {}): Promise<KeyPage<M>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > KV_LIMITS.maxListKeys) {
      throw new KvError("INVALID_OPTION", "list", `limit must be 1 to ${KV_LIMITS.maxListKeys}, got ${limit}`);
    }
    const page = await this.#kv.list(prefix, limit, cursor);
    const keys = page.keys.map((info) => ({ ...info, name: info.name.slice(this.#kv.prefix.length) }) as KeyInfo<M>);
    const { list_complete: done, cursor: next } = page;
    return done || next === undefined ? { keys, done: true } : { keys, done, cursor: next };
  }

  /** Every key, over as many pages as it takes. One list for each thousand. */
  async *keys({ prefix = "", max = Infinity }: { prefix?: string; max?: number } = {}): AsyncGenerator<KeyInfo<M>> {
    let left = max;
    let cursor: string | undefined;
    do {
      if (left <= 0) return;
      const limit = Math.min(left, KV_LIMITS.maxListKeys);
      const page = await this.list({ prefix, limit, cursor } as ListOptions);
      yield* page.keys;
      left -= page.keys.length;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** Every key with its value: bulk reads after {@link keys}. Keys deleted in the meantime are left out. */
  async *entries({ prefix = "" }: { prefix?: string } = {}): AsyncGenerator<[key: string, value: T]> {
    let batch: string[] = [];
    for await (const { name } of this.keys({ prefix })) {
      if (batch.push(name) < KV_LIMITS.maxBulkGetKeys) continue;
      yield* await this.#present(batch);
      batch = [];
    }
    yield* await this.#present(batch);
  }

  /** Deletes every key that begins with `prefix`, as far as `maxOps` goes. */
  deleteByPrefix(prefix: string, options?: DeleteOptions): Promise<DeleteResult> {
    return deleteByPrefix(this.#kv, prefix, options);
  }

  /** A store for the keys under a further prefix, with this store's options. */
  sub<U = T>(prefix: string, options?: StoreOptions<U>): KvStore<U, M> {
    const inherited = this.#options as StoreOptions<unknown> as StoreOptions<U>;
    return new KvStore<U, M>(this.#kv.kv, { ...inherited, ...options, prefix: this.#kv.prefix + prefix });
  }

  async #present(keys: string[]): Promise<[string, T][]> {
    const entries = await this.getManyEntries(keys);
    return [...entries].flatMap(([key, entry]): [string, T][] => (entry === null ? [] : [[key, entry.value]]));
  }

  #encode(value: T, key: string): string {
    let text: unknown;
    let cause: unknown;
    try {
      if (value !== undefined) text = this.#codec.encode(value);
    } catch (error) {
      cause = error;
    }
    if (typeof text === "string") return text;
    const reason =
      cause instanceof KvError
        ? cause.message
        : `value cannot be stored, got ${value === undefined ? "undefined" : `a ${typeof value}`}`;
    throw new KvError("INVALID_VALUE", "put", reason, { key, cause });
  }

  async #decode(
    key: string,
    { value, metadata, cacheStatus }: { value: string; metadata: unknown; cacheStatus?: string | null },
  ): Promise<Entry<T, M> | null> {
    try {
      const decoded = await conform(this.#codec.decode(value), this.#options.schema);
      return { value: decoded, metadata: metadata as M | null, cacheStatus: cacheStatus ?? null };
    } catch {
      // Without its cause: the messages of JSON.parse and of schemas quote the value.
      const error = new KvError("CORRUPT_VALUE", "get", "the stored value cannot be read", { key });
      if (this.#options.onCorrupt === "throw") throw error;
      report(this.#options, error);
      return null;
    }
  }

  #putOptions({ ttl, expiresAt, metadata }: SetOptions<M>): KvPutOptions {
    const seconds = ttl === undefined ? this.#ttl : this.#seconds(ttl ?? 0);
    const times = expiresAt === undefined ? (seconds > 0 ? expirationOf(seconds) : {}) : this.#until(+expiresAt);
    return metadata === undefined ? times : { ...times, metadata };
  }

  #until(milliseconds: number): KvPutOptions {
    const left = milliseconds / 1000 - (this.#options.now ?? Date.now)() / 1000;
    if (!(left > 0)) throw new KvError("INVALID_TTL", "put", "expiresAt must be in the future");
    this.#seconds(left);
    // KV wants 60 seconds ahead when the write arrives, which is later than now.
    return left > 61 ? { expiration: Math.ceil(milliseconds / 1000) } : expirationOf(left);
  }

  #seconds(ttl: number): number {
    checkedTtl(ttl);
    if (this.#options.shortTtl === "throw" && ttl > 0 && ttl < KV_LIMITS.minExpirationTtl) {
      throw new KvError("INVALID_TTL", "setup", `ttl must be 0 or at least 60 seconds, got ${ttl}`);
    }
    return ttl;
  }
}
