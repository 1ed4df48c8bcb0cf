import { CheckedKv } from "../checked-kv.js";
import { isolateState, remember } from "../isolate-state.js";
import type { RuntimeOptions } from "../options.js";
import { report } from "../report.js";
import { bindingOf } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import { checkedFlag, type Evaluation, evaluateFlag, type Flag, type FlagUser, type JsonValue } from "./flag.js";
import { utf8Length } from "../../kv/rules.js";
import type { KvLike } from "../kv-like.js";
import * as KV_LIMITS from "../../kv/limits.js";

/** How flags are read. Times are in seconds. */
export interface FlagOptions extends RuntimeOptions {
  /** Stands before every name. @default "flag" */
  prefix?: string;
  /** How long an isolate remembers a flag: a change takes this and `cacheTtl` to reach every user. @default 30 */
  memoTtl?: number;
  /** How long a location may keep a flag; at least 30. @default 60 */
  cacheTtl?: number;
  /** When KV cannot be read: the last value this isolate saw, else off; or `evaluate` throws. @default "last-known" */
  failure?: "last-known" | "throw";
}

interface Memo {
  flag: Flag | "missing" | "corrupt";
  until: number;
}

const MAX_MEMO = 1000;
/** Seconds until KV is asked again after it failed. */
const RETRY = 5;

/**
 * Feature flags in KV: one key each, the definition also in its metadata, so that one list reads a thousand.
 *
 * A change reaches everyone within `memoTtl` + `cacheTtl`. An outage never turns a flag on.
 */
export class FeatureFlags {
  /** The flags in a binding. A flag lives until it is deleted, whatever the namespace's TTL. */
  static fromEnv(env: object, binding: string, options?: FlagOptions): FeatureFlags {
    return new FeatureFlags(bindingOf(env, binding).kv, options);
  }

  readonly #options: FlagOptions;
  readonly #kv: CheckedKv;
  readonly #now: () => number;
  readonly #memoTtl: number;
  readonly #memo: Map<string, Memo>;

  constructor(kv: KvLike | undefined, options: FlagOptions = {}) {
    this.#options = options;
    const { prefix = "flag", memoTtl = 30, now = Date.now } = options;
    if (!(memoTtl >= 0)) throw new KvError("INVALID_TTL", "setup", `memoTtl must be 0 or more, got ${memoTtl}`);
    this.#kv = new CheckedKv(kv, prefix, options);
    this.#now = now;
    this.#memoTtl = memoTtl;
    this.#memo = isolateState(this.#kv.kv, `flags ${this.#kv.prefix}`, () => new Map<string, Memo>());
  }

  /** Whether a user has a feature; `fallback` when there is no such flag or it cannot be read. Never throws. */
  async isEnabled(name: string, user?: FlagUser, fallback = false): Promise<boolean> {
    try {
      const { value, reason } = await this.evaluate(name, user);
      return reason === "ERROR" ? fallback : value;
    } catch {
      return fallback;
    }
  }

  /** A flag's state for a user, and why. No read while the isolate remembers the flag, else one. */
  async evaluate(name: string, user?: FlagUser): Promise<Evaluation> {
    return (await this.evaluateAll([name], user))[name] as Evaluation;
  }

  /** Many flags for one user, with one subrequest for each hundred that the isolate does not remember. */
  async evaluateAll(names: readonly string[], user?: FlagUser): Promise<Record<string, Evaluation>> {
    const memos = await this.#recall(names);
    return Object.fromEntries(names.map((name) => [name, this.#judge(name, memos.get(name), user)]));
  }

  /**
   * The value of a flag's variant for a user. A boolean flag needs no variants. `fallback` for those who do not get
   * the flag, and, with `TYPE_MISMATCH`, when the variant is of another type.
   */
  async evaluateVariant<T extends JsonValue>(name: string, fallback: T, user?: FlagUser): Promise<Evaluation<T>> {
    const memo = (await this.#recall([name])).get(name);
    const evaluation = this.#judge(name, memo, user);
    const { value: on, variant, reason } = evaluation;
    if (reason === "ERROR" || reason === "DISABLED") return { ...evaluation, value: fallback };
    const flag = memo?.flag as Flag;
    const value = flag.variants === undefined ? on : on && variant !== undefined ? flag.variants[variant] : fallback;
    if (typeOf(value) === typeOf(fallback)) return { ...evaluation, value: value as T };
    return { value: fallback, reason: "ERROR", errorCode: "TYPE_MISMATCH" };
  }

  /** A flag's definition, as it is stored now, or null. One read. Throws when it is corrupt or KV fails. */
  async get(name: string): Promise<Flag | null> {
    const { value } = await this.#kv.read(this.#key(name));
    if (value === null) return null;
    const flag = parseFlag(value);
    if (flag !== "corrupt") return flag;
    throw new KvError("CORRUPT_VALUE", "get", "the stored flag cannot be read", { key: this.#key(name) });
  }

  /** Stores a flag and returns what was stored. One write. Throws `INVALID_VALUE` for a flag that makes no sense. */
  async set(name: string, flag: Flag): Promise<Flag> {
    const stored: Flag = { ...checkedFlag(flag), updatedAt: this.#now() };
    const text = JSON.stringify(stored);
    const inMetadata = utf8Length(text) + '{"f":}'.length <= KV_LIMITS.maxMetadataBytes;
    await this.#kv.put(this.#key(name), text, inMetadata ? { metadata: { f: stored } } : {});
    this.#keep(name, stored);
    return stored;
  }

  /** Changes some fields of a flag, or makes a disabled one. One read, one write. Of two changes the last wins. */
  async patch(name: string, patch: Partial<Flag>): Promise<Flag> {
    return this.set(name, { ...((await this.get(name)) ?? { enabled: false }), ...patch });
  }

  /** Deletes a flag: it is off from now on. One delete. */
  async delete(name: string): Promise<void> {
    await this.#kv.delete(this.#key(name));
    this.#keep(name, "missing");
  }

  /** Every flag. One list for each thousand, and bulk reads only for flags too large for metadata. */
  async list(): Promise<{ name: string; flag: Flag }[]> {
    const flags = new Map<string, Flag | undefined>();
    let cursor: string | undefined;
    do {
      const page = await this.#kv.list("", KV_LIMITS.maxListKeys, cursor);
      for (const { name, metadata } of page.keys) flags.set(name, fromMetadata(metadata));
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    const large = await this.#kv.readMany([...flags].flatMap(([key, flag]) => (flag === undefined ? [key] : [])));
    return [...flags].flatMap(([key, known]) => {
      const flag = known ?? parseFlag(large.get(key)?.value ?? "");
      return flag === "corrupt" ? [] : [{ name: key.slice(this.#kv.prefix.length), flag }];
    });
  }

  #judge(name: string, memo: Memo | undefined, user: FlagUser | undefined): Evaluation {
    const flag = memo?.flag;
    if (typeof flag === "object") return evaluateFlag(name, flag, user);
    const errorCode = flag === undefined ? "GENERAL" : flag === "missing" ? "FLAG_NOT_FOUND" : "PARSE_ERROR";
    return { value: false, reason: "ERROR", errorCode };
  }

  async #recall(names: readonly string[]): Promise<Map<string, Memo | undefined>> {
    const now = this.#now();
    const asked = names.filter((name) => now >= (this.#memo.get(name)?.until ?? -Infinity));
    const answers = new Map<string, Memo | undefined>();
    if (asked.length > 0) {
      try {
        const found = await this.#kv.readMany(asked.map((name) => this.#key(name)));
        for (const name of asked) {
          const value = found.get(this.#key(name))?.value;
          const flag = value === undefined ? "missing" : parseFlag(value);
          if (flag === "corrupt") this.#tellCorrupt(name);
          answers.set(name, this.#keep(name, flag));
        }
      } catch (cause) {
        const error = toKvError("get", undefined, cause);
        report(this.#options, error);
        if (this.#options.failure === "throw") throw error;
        const until = now + Math.min(this.#memoTtl, RETRY) * 1000;
        for (const name of asked) {
          const last = this.#memo.get(name);
          if (last !== undefined) last.until = until;
        }
      }
    }
    for (const name of names) if (!answers.has(name)) answers.set(name, this.#memo.get(name));
    return answers;
  }

  #keep(name: string, flag: Memo["flag"]): Memo {
    const memo: Memo = { flag, until: this.#now() + this.#memoTtl * 1000 };
    remember(this.#memo, name, memo, MAX_MEMO);
    return memo;
  }

  #key(name: string): string {
    if (name.includes(":")) throw new KvError("INVALID_KEY", "setup", "a flag's name must not contain ':'");
    return this.#kv.key(name);
  }

  #tellCorrupt(name: string): void {
    const key = this.#key(name);
    report(this.#options, new KvError("CORRUPT_VALUE", "get", "the stored flag cannot be read", { key }));
  }
}

function parseFlag(text: string): Flag | "corrupt" {
  try {
    return checkedFlag(JSON.parse(text));
  } catch {
    return "corrupt";
  }
}

function fromMetadata(metadata: unknown): Flag | undefined {
  try {
    return checkedFlag((metadata as { f?: unknown } | null)?.f);
  } catch {
    return undefined;
  }
}

function typeOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
