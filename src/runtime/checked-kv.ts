import * as KV_LIMITS from "../kv/limits.js";
import { metadataProblem, type Problem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { KvError, type KvErrorCode, type KvOperation, toKvError } from "./errors.js";
import { bindingName } from "./isolate-state.js";
import { checkedKey, RESERVED } from "./keys.js";
import type { KvLike, KvPage, KvPutOptions, KvRead, KvReadOptions } from "./kv-like.js";
import type { RuntimeOptions } from "./options.js";
import { within } from "./waiting.js";
import { writeInOrder } from "./write-order.js";

/** How a {@link CheckedKv} reads and what it reports. */
export interface CheckedOptions extends Pick<RuntimeOptions, "now" | "onOperation" | "readTimeout"> {
  /** Seconds a location may keep what it read. */
  cacheTtl?: number;
  /** Keeps keys out of errors: they are tokens. */
  secret?: boolean;
}

/** For reads whose answer is changed and written back: the location's copy is as young as KV lets it be. */
export const YOUNGEST: KvReadOptions<"text"> = { type: "text", cacheTtl: KV_LIMITS.minCacheTtl };

/** A binding behind every rule KV has, checked before the network, with every failure as a {@link KvError}. */
export class CheckedKv {
  readonly kv: KvLike;
  /** The beginning of each key, its separator included. */
  readonly prefix: string;
  readonly #options: CheckedOptions;
  readonly #text: KvReadOptions<"text">;

  constructor(kv: KvLike | undefined, prefix: string, options: CheckedOptions = {}) {
    if (kv == null) throw missingBinding();
    const { cacheTtl, readTimeout = 5 } = options;
    if (cacheTtl !== undefined && !(cacheTtl >= KV_LIMITS.minCacheTtl)) {
      throw new KvError("INVALID_TTL", "setup", `cacheTtl must be at least 30 seconds, got ${cacheTtl}`);
    }
    if (!(readTimeout > 0)) {
      throw new KvError("INVALID_OPTION", "setup", `readTimeout must be more than 0 seconds, got ${readTimeout}`);
    }
    this.kv = kv;
    this.prefix = prefix === "" || /[:/]$/.test(prefix) ? prefix : `${prefix}:`;
    if (prefix !== "") checkedKey(this.prefix);
    this.#options = options;
    this.#text = cacheTtl === undefined ? { type: "text" } : { type: "text", cacheTtl };
  }

  /** The stored key. */
  key(name: string): string {
    if (name === "") throw new KvError("INVALID_KEY", "setup", "key must not be empty");
    return checkedKey(this.prefix + name);
  }

  read(key: string, text = this.#text): Promise<KvRead> {
    return this.attempt("get", key, () => this.kv.getWithMetadata(key, text), sizeOfRead);
  }

  /**
   * One bulk read for each hundred keys, into `found`. Missing keys have no entry. When a page fails the others are in
   * `found` all the same.
   */
  async readMany(
    keys: readonly string[],
    found = new Map<string, KvRead & { value: string }>(),
    text = this.#text,
  ): Promise<Map<string, KvRead & { value: string }>> {
    const unique = [...new Set(keys)];
    const pages: Promise<void>[] = [];
    for (let at = 0; at < unique.length; at += KV_LIMITS.maxBulkGetKeys) {
      pages.push(this.#readPage(unique.slice(at, at + KV_LIMITS.maxBulkGetKeys), found, text));
    }
    for (const page of await Promise.allSettled(pages)) if (page.status === "rejected") throw page.reason;
    return found;
  }

  async #readPage(keys: string[], found: Map<string, KvRead>, text: KvReadOptions<"text">): Promise<void> {
    const keep = (key: string, entry: KvRead | null | undefined) => {
      if (entry?.value != null) found.set(key, entry);
    };
    const one = (key: string) => this.attempt("get", key, () => this.kv.getWithMetadata(key, text), sizeOfRead);
    if (keys.length < 2) {
      for (const key of keys) keep(key, await one(key));
      return;
    }
    let page: Map<string, KvRead | null>;
    try {
      page = await this.attempt("get", undefined, () => this.kv.getWithMetadata(keys, text), sizeOfPage, keys.length);
    } catch (error) {
      if ((error as KvError).status !== 413) throw error;
      // More than 25 MiB in one answer: ask for less at a time.
      const half = keys.length >> 1;
      await this.#readPage(keys.slice(0, half), found, text);
      await this.#readPage(keys.slice(half), found, text);
      return;
    }
    await Promise.all(
      // workerd leaves keys that look like array indices, such as "42", out of a bulk answer,
      // and Miniflare the metadata of an empty value.
      keys.map(async (key) => {
        const entry = page.get(key);
        keep(key, entry === null || typeof entry === "object" ? entry : await one(key));
      }),
    );
  }

  /** Writes after this isolate's earlier writes to the key. Unless `patient`, a second write within a second fails. */
  async put(key: string, value: string, options: KvPutOptions, patient = true): Promise<void> {
    this.#check(key, value, options);
    await this.inOrder(key, () => this.#write(key, value, options), patient);
  }

  /**
   * Writes what `change` makes, with no write of this isolate's in between. It `builds` on what is stored when it reads
   * the key for that.
   */
  change(
    key: string,
    change: () => Promise<{ text: string; options: KvPutOptions } | undefined>,
    builds: boolean,
  ): Promise<void> {
    const work = async () => {
      const made = await change();
      if (made === undefined) return;
      this.#check(key, made.text, made.options);
      await this.#write(key, made.text, made.options);
    };
    return writeInOrder(this.kv, key, work, true, builds);
  }

  delete(key: string): Promise<void> {
    return this.inOrder(key, () => this.attempt("delete", key, () => this.kv.delete(key)));
  }

  /** Runs work that writes a key after this isolate's earlier writes to it. See {@link writeInOrder}. */
  inOrder(key: string, work: () => Promise<void>, patient = true): Promise<void> {
    return writeInOrder(this.kv, key, work, patient);
  }

  #write(key: string, value: string, options: KvPutOptions): Promise<void> {
    return this.attempt(
      "put",
      key,
      () => this.kv.put(key, value, options),
      () => utf8Length(value),
    );
  }

  #check(key: string, value: string, { metadata }: KvPutOptions): void {
    if (value.length * 3 > KV_LIMITS.maxValueBytes) {
      this.#refuse("VALUE_TOO_LARGE", key, valueSizeProblem(utf8Length(value)));
    }
    if (metadata !== undefined) this.#refuse("METADATA_TOO_LARGE", key, metadataProblem(metadata));
  }

  /** One page of stored keys, which all begin with this prefix and `prefix`. The library's own are left out. */
  async list(prefix: string, limit: number, cursor: string | undefined): Promise<KvPage> {
    const options = { prefix: this.prefix + prefix, limit };
    const ask = () => this.kv.list(cursor === undefined ? options : { ...options, cursor });
    const page = await this.attempt("list", undefined, ask);
    return { ...page, keys: page.keys.filter(({ name }) => !name.startsWith(RESERVED)) };
  }

  /** Runs one operation: its failure becomes a {@link KvError}, a read has its time, and `onOperation` hears of it. */
  async attempt<T>(
    op: KvOperation,
    key: string | undefined,
    work: () => Promise<T>,
    size: (answer: T) => number = () => 0,
    keys = 1,
  ): Promise<T> {
    const start = this.#options.onOperation === undefined ? 0 : this.#now();
    try {
      const answer = op === "get" || op === "list" ? await this.#inTime(op, work()) : await work();
      this.#observe(op, start, answer, size, keys);
      return answer;
    } catch (cause) {
      const error = toKvError(op, this.#options.secret === true ? undefined : key, cause);
      this.#observe(op, start, error, () => 0, keys);
      throw error;
    }
  }

  async #inTime<T>(op: KvOperation, answer: Promise<T>): Promise<T> {
    let arrived = false as boolean;
    const arrive = () => {
      arrived = true;
    };
    answer.then(arrive, arrive);
    // A timer costs a microsecond: not for an answer that is there already.
    await Promise.resolve();
    if (arrived) return answer;
    const { readTimeout = 5 } = this.#options;
    return within(answer, readTimeout * 1000, () => {
      throw new KvError("UNAVAILABLE", op, `${op} failed: no answer within ${readTimeout} seconds`, {
        retryable: true,
      });
    });
  }

  #observe<T>(op: KvOperation, start: number, answer: T, size: (answer: T) => number, keys: number): void {
    const { onOperation } = this.#options;
    if (onOperation === undefined) return;
    const listed = (answer as { keys?: unknown[] } | null | undefined)?.keys;
    const isMissing = op === "get" && keys === 1 && (answer as { value?: unknown } | null)?.value === null;
    onOperation({
      op,
      binding: bindingName(this.kv),
      prefix: this.prefix,
      keys: op === "list" && Array.isArray(listed) ? listed.length : keys,
      bytes: size(answer),
      start,
      ms: this.#now() - start,
      outcome: answer instanceof KvError ? answer.code : isMissing ? "missing" : "ok",
    });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #refuse(code: KvErrorCode, key: string, problem: Problem): void {
    if (problem === undefined) return;
    throw new KvError(code, "put", problem, { key: this.#options.secret === true ? undefined : key });
  }
}

function sizeOfRead({ value }: KvRead): number {
  return value === null ? 0 : utf8Length(value);
}

function sizeOfPage(page: Map<string, KvRead | null>): number {
  let bytes = 0;
  for (const entry of page.values()) if (entry !== null) bytes += sizeOfRead(entry);
  return bytes;
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
