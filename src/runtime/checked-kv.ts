import * as KV_LIMITS from "../kv/limits.js";
import { metadataProblem, type Problem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { KvError, type KvErrorCode, type KvOperation, toKvError } from "./errors.js";
import { checkedKey } from "./keys.js";
import type { KvLike, KvPage, KvPutOptions, KvRead } from "./kv-like.js";

/** A binding behind every rule KV has, checked before the network, with every failure as a {@link KvError}. */
export class CheckedKv {
  readonly kv: KvLike;
  /** What stands before each key, its separator included. */
  readonly prefix: string;
  readonly #text: { type: "text"; cacheTtl?: number };
  readonly #secret: boolean;

  /** `secret` keeps keys out of errors: they are tokens. */
  constructor(kv: KvLike | undefined, prefix: string, cacheTtl: number | undefined, secret = false) {
    if (kv == null) throw missingBinding();
    if (cacheTtl !== undefined && !(cacheTtl >= KV_LIMITS.minCacheTtl)) {
      throw new KvError("INVALID_TTL", "setup", `cacheTtl must be at least 30 seconds, got ${cacheTtl}`);
    }
    this.kv = kv;
    this.prefix = prefix === "" || /[:/]$/.test(prefix) ? prefix : `${prefix}:`;
    if (prefix !== "") checkedKey(this.prefix);
    this.#secret = secret;
    this.#text = cacheTtl === undefined ? { type: "text" } : { type: "text", cacheTtl };
  }

  /** The stored key. */
  key(name: string): string {
    if (name === "") throw new KvError("INVALID_KEY", "setup", "key must not be empty");
    return checkedKey(this.prefix + name);
  }

  async read(key: string): Promise<KvRead> {
    try {
      return await this.kv.getWithMetadata(key, this.#text);
    } catch (cause) {
      throw toKvError("get", this.#shown(key), cause);
    }
  }

  /** One bulk read for each hundred keys. Missing keys have no entry. */
  async readMany(keys: readonly string[]): Promise<Map<string, KvRead & { value: string }>> {
    const found = new Map<string, KvRead & { value: string }>();
    const unique = [...new Set(keys)];
    const pages: Promise<void>[] = [];
    for (let at = 0; at < unique.length; at += KV_LIMITS.maxBulkGetKeys) {
      pages.push(this.#readPage(unique.slice(at, at + KV_LIMITS.maxBulkGetKeys), found));
    }
    await Promise.all(pages);
    return found;
  }

  async #readPage(keys: string[], found: Map<string, KvRead>): Promise<void> {
    const keep = (key: string, entry: KvRead | null | undefined) => {
      if (entry?.value != null) found.set(key, entry);
    };
    if (keys.length < 2) {
      for (const key of keys) keep(key, await this.read(key));
      return;
    }
    let page: Map<string, KvRead | null>;
    try {
      page = await this.kv.getWithMetadata(keys, this.#text);
    } catch (cause) {
      const error = toKvError("get", undefined, cause);
      if (error.status !== 413) throw error;
      // More than 25 MiB in one answer: ask for less at a time.
      const half = keys.length >> 1;
      await this.#readPage(keys.slice(0, half), found);
      await this.#readPage(keys.slice(half), found);
      return;
    }
    await Promise.all(
      // workerd leaves keys that look like array indices, such as "42", out of a bulk answer,
      // and Miniflare the metadata of an empty value.
      keys.map(async (key) => {
        const entry = page.get(key);
        keep(key, entry === null || typeof entry === "object" ? entry : await this.read(key));
      }),
    );
  }

  async put(key: string, value: string, options: KvPutOptions): Promise<void> {
    const { metadata } = options;
    if (value.length * 3 > KV_LIMITS.maxValueBytes) {
      this.#refuse("VALUE_TOO_LARGE", key, valueSizeProblem(utf8Length(value)));
    }
    if (metadata !== undefined) this.#refuse("METADATA_TOO_LARGE", key, metadataProblem(metadata));
    await this.attempt("put", key, () => this.kv.put(key, value, options));
  }

  delete(key: string): Promise<void> {
    return this.attempt("delete", key, () => this.kv.delete(key));
  }

  /** One page of stored keys, which all begin with this prefix and `prefix`. */
  list(prefix: string, limit: number, cursor: string | undefined): Promise<KvPage> {
    const options = { prefix: this.prefix + prefix, limit };
    return this.attempt("list", undefined, () => this.kv.list(cursor === undefined ? options : { ...options, cursor }));
  }

  async attempt<T>(op: KvOperation, key: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw toKvError(op, this.#shown(key), cause);
    }
  }

  #refuse(code: KvErrorCode, key: string, problem: Problem): void {
    if (problem !== undefined) throw new KvError(code, "put", problem, { key: this.#shown(key) });
  }

  #shown(key: string | undefined): string | undefined {
    return this.#secret ? undefined : key;
  }
}

/** The error for a binding that is not there. */
export function missingBinding(binding?: string): KvError {
  const what = binding === undefined ? "the KV binding is missing" : `the KV binding ${binding} is missing`;
  const name = binding ?? "SESSIONS";
  return new KvError(
    "BINDING_MISSING",
    "setup",
    `${what}: bind a namespace to the Worker, with WorkerWithKvBindings { kv: { ${name}: namespace } }`,
  );
}
