import * as KV_LIMITS from "../kv/limits.js";
import { metadataProblem, type Problem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { KvError, type KvErrorCode, type KvOperation, toKvError } from "./errors.js";
import { bindingName } from "./isolate-state.js";
import { checkedKey, RESERVED } from "./keys.js";
import type { KvLike, KvPage, KvPutOptions, KvRead, KvReadOptions } from "./kv-like.js";
import type { RuntimeOptions } from "./options.js";
import { between, checkedTtl } from "./ttl.js";
import { within } from "./waiting.js";
import { writeInOrder } from "./write-order.js";

type ListOptions = NonNullable<Parameters<KvLike["list"]>[0]>;

/** How a {@link CheckedKv} reads and what it reports. */
export interface CheckedOptions extends Pick<RuntimeOptions, "now" | "onOperation" | "readTimeout"> {
  /** Seconds a location may keep what it read. */
  cacheTtl?: number;
  /** Keeps keys out of errors: they are tokens. */
  secret?: boolean;
}

/** What was read of a key that has a value. */
export interface KvFound extends Partial<KvRead> {
  value: string;
  metadata: unknown;
}

/** For reads whose answer is changed and written back: the location's copy is as young as KV lets it be. */
export const YOUNGEST: KvReadOptions<"text"> = { type: "text", cacheTtl: KV_LIMITS.minCacheTtl };

/** A binding that checks every rule of KV before the network and throws every failure as a {@link KvError}. */
export class CheckedKv {
  readonly kv: KvLike;
  /** The beginning of each key, its separator included. */
  readonly prefix: string;
  readonly #options: CheckedOptions;
  readonly #text: KvReadOptions<"text">;

  constructor(kv: KvLike | undefined, prefix: string, options: CheckedOptions = {}) {
    if (kv == null) throw missingBinding();
    const { cacheTtl, readTimeout = 5 } = options;
    if (cacheTtl !== undefined) checkedTtl(cacheTtl, "cacheTtl", KV_LIMITS.minCacheTtl);
    between("readTimeout", readTimeout, 0.001, Infinity, "INVALID_OPTION", " seconds");
    this.kv = kv;
    this.prefix = prefix === "" || /[:/]$/.test(prefix) ? prefix : `${prefix}:`;
    if (prefix !== "") checkedKey(this.prefix);
    this.#options = options;
    this.#text = { type: "text", cacheTtl } as KvReadOptions<"text">;
  }

  /** The stored key. */
  key(name: string): string {
    if (name === "") throw new KvError("INVALID_KEY", "setup", "key must not be empty");
    return checkedKey(this.prefix + name);
  }

  read(key: string, text = this.#text): Promise<KvRead> {
    return this.attempt("get", key, () => this.kv.getWithMetadata(key, text));
  }

  /**
   * One bulk read for each hundred keys, into `found`. Missing keys have no entry. When a page fails the others are in
   * `found` all the same.
   */
  async readMany(
    keys: readonly string[],
    found = new Map<string, KvFound>(),
    text = this.#text,
  ): Promise<Map<string, KvFound>> {
    const unique = [...new Set(keys)];
    const pages: Promise<void>[] = [];
    for (let at = 0; at < unique.length; at += KV_LIMITS.maxBulkGetKeys) {
      pages.push(this.#readPage(unique.slice(at, at + KV_LIMITS.maxBulkGetKeys), found, text));
    }
    for (const page of await Promise.allSettled(pages)) if (page.status === "rejected") throw page.reason;
    return found;
  }

  async #readPage(keys: string[], found: Map<string, KvFound>, text: KvReadOptions<"text">): Promise<void> {
    const keep = (key: string, entry: KvRead | null | undefined) => {
      if (entry?.value != null) found.set(key, entry as KvFound);
    };
    if (keys.length < 2) {
      for (const key of keys) keep(key, await this.read(key, text));
      return;
    }
    let page: Map<string, KvRead | null>;
    try {
      page = await this.attempt("get", undefined, () => this.kv.getWithMetadata(keys, text), keys.length);
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
        keep(key, entry === null || typeof entry === "object" ? entry : await this.read(key, text));
      }),
    );
  }

  /** Writes after this isolate's earlier writes to the key. Unless `patient`, a second write within a second fails. */
  async put(key: string, value: string, options: KvPutOptions, patient = true): Promise<void> {
    this.#check(key, value, options);
    await writeInOrder(this.kv, key, () => this.#write(key, value, options), patient);
  }

  /**
   * Writes what `change` makes, with no write of this isolate's in between. It does not stand for the writes before it:
   * it may read what they stored, or make nothing.
   */
  change(
    key: string,
    change: () => Promise<readonly [value: string, options: KvPutOptions] | undefined>,
  ): Promise<void> {
    const work = async () => {
      const made = await change();
      if (made === undefined) return;
      this.#check(key, ...made);
      await this.#write(key, ...made);
    };
    return writeInOrder(this.kv, key, work, true, true);
  }

  delete(key: string): Promise<void> {
    return writeInOrder(this.kv, key, () => this.attempt("delete", key, () => this.kv.delete(key)), true);
  }

  async #write(key: string, value: string, options: KvPutOptions): Promise<void> {
    await this.attempt("put", key, async () => {
      await this.kv.put(key, value, options);
      return { value };
    });
  }

  #check(key: string, value: string, { metadata }: KvPutOptions): void {
    if (value.length * 3 > KV_LIMITS.maxValueBytes) {
      this.#refuse("VALUE_TOO_LARGE", key, valueSizeProblem(utf8Length(value)));
    }
    if (metadata !== undefined) this.#refuse("METADATA_TOO_LARGE", key, metadataProblem(metadata));
  }

  /** One page of stored keys, which all begin with this prefix and `prefix`. The library's own are left out. */
  async list(prefix: string, limit: number, cursor: string | undefined): Promise<KvPage> {
    const ask = () => this.kv.list({ prefix: this.prefix + prefix, limit, cursor } as ListOptions);
    const page = await this.attempt("list", undefined, ask);
    return { ...page, keys: page.keys.filter(({ name }) => !name.startsWith(RESERVED)) };
  }

  /** Runs one operation: its failure becomes a {@link KvError}, a read has its time, and `onOperation` hears of it. */
  async attempt<T>(op: KvOperation, key: string | undefined, work: () => Promise<T>, keys = 1): Promise<T> {
    const start = this.#options.onOperation === undefined ? 0 : this.#now();
    try {
      const answer = await (op === "get" || op === "list" ? this.#inTime(op, work()) : work());
      this.#observe(op, start, answer, keys);
      return answer;
    } catch (cause) {
      const error = toKvError(op, this.#options.secret === true ? undefined : key, cause);
      this.#observe(op, start, error, keys);
      throw error;
    }
  }

  #inTime<T>(op: KvOperation, answer: Promise<T>): Promise<T> {
    const { readTimeout = 5 } = this.#options;
    return within(answer, readTimeout * 1000, () => {
      throw new KvError("UNAVAILABLE", op, `${op} failed: no answer within ${readTimeout} seconds`, {
        retryable: true,
      });
    });
  }

  #observe(op: KvOperation, start: number, answer: unknown, keys: number): void {
    const { onOperation } = this.#options;
    if (onOperation === undefined) return;
    const listed = (answer as { keys?: unknown[] } | null | undefined)?.keys;
    const isMissing = op === "get" && keys === 1 && (answer as { value?: unknown } | null)?.value === null;
    onOperation({
      op,
      binding: bindingName(this.kv),
      prefix: this.prefix,
      keys: op === "list" && Array.isArray(listed) ? listed.length : keys,
      bytes: bytesOf(answer),
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

/** Bytes of the values in an answer: of one read, of many, or what a write wrote. */
function bytesOf(answer: unknown): number {
  if (answer instanceof Map) return [...answer.values()].reduce((sum: number, read) => sum + bytesOf(read), 0);
  const { value } = (answer ?? {}) as { value?: unknown };
  return typeof value === "string" ? utf8Length(value) : 0;
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
