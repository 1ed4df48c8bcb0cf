import { CheckedKv, YOUNGEST } from "../checked-kv.js";
import { bindingOf } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import { isCurrent, isolateState, remember } from "../isolate-state.js";
import { encodeJson, ownCopy } from "../json.js";
import { copyOf } from "../merge.js";
import type { RuntimeOptions } from "../options.js";
import { report } from "../report.js";
import { checkedTtl } from "../ttl.js";
import { checkedFlag, type Evaluation, evaluateFlag, type Flag, type FlagUser, type JsonValue } from "./flag.js";
import { utf8Length } from "../../kv/rules.js";
import type { KvBindingName, KvLike } from "../kv-like.js";
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

/** What an isolate remembers. Names without a flag come from visitors too: they must not crowd out flags. */
interface Memory {
  flags: Map<string, Memo>;
  missing: Map<string, Memo>;
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
  static fromEnv<Env extends object>(env: Env, binding: KvBindingName<Env>, options?: FlagOptions): FeatureFlags {
    return new FeatureFlags(bindingOf(env, binding).kv, options);
  }

  readonly #options: FlagOptions;
  readonly #kv: CheckedKv;
  readonly #now: () => number;
  readonly #memoTtl: number;
  readonly #memory: Memory;

  constructor(kv: KvLike | undefined, options: FlagOptions = {}) {
    this.#options = options;
    const { prefix = "flag", memoTtl = 30, now = Date.now } = options;
    this.#kv = new CheckedKv(kv, prefix, options);
    this.#now = now;
    this.#memoTtl = checkedTtl(memoTtl, "memoTtl");
    this.#memory = isolateState(this.#kv.kv, `flags ${this.#kv.prefix}`, (): Memory => ({
      flags: new Map(),
      missing: new Map(),
    }));
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

  /** A flag's state for a user, and why. One read, or none while the isolate remembers the flag. */
  async evaluate(name: string, user?: FlagUser): Promise<Evaluation> {
    return (await this.evaluateAll([name], user))[name] as Evaluation;
  }

  /** Many flags for one user, with one subrequest for each hundred that the isolate does not remember. A name that no flag can have is one that is missing. */
  async evaluateAll(names: readonly string[], user?: FlagUser): Promise<Record<string, Evaluation>> {
    const memos = await this.#recall(names);
    return Object.fromEntries(names.map((name) => [name, this.#decide(name, memos.get(name), user)]));
  }

  /**
   * The value of a flag's variant for a user. A boolean flag needs no variants. Returns `fallback` for users who do not
   * get the flag (`false` where that is a boolean: off is off), and, with `TYPE_MISMATCH`, when the variant is of
   * another type.
   */
  async evaluateVariant<T>(name: string, fallback: T & JsonValue, user?: FlagUser): Promise<Evaluation<T>> {
    const memo = (await this.#recall([name])).get(name);
    const evaluation = this.#decide(name, memo, user);
    const { value: on, variant, reason } = evaluation;
    if (reason === "ERROR") return { ...evaluation, value: fallback };
    if (!on) return { ...evaluation, value: (typeof fallback === "boolean" ? false : fallback) as T };
    const { variants } = memo?.flag as Flag;
    const value = variants === undefined ? on : variant === undefined ? fallback : copyOf(variants[variant]);
    if (typeOf(value) === typeOf(fallback)) return { ...evaluation, value: value as T };
    return { value: fallback, reason: "ERROR", errorCode: "TYPE_MISMATCH" };
  }

  /** A flag's definition, at most 30 seconds old, or null. One read. Throws when it is corrupt or KV fails. */
  async get(name: string): Promise<Flag | null> {
    const { value } = await this.#kv.read(this.#key(name), YOUNGEST);
    if (value === null) return null;
    const flag = parseFlag(value);
    if (flag !== "corrupt") return flag;
    throw new KvError("CORRUPT_VALUE", "get", "the stored flag cannot be read", { key: this.#key(name) });
  }

  /** Stores a flag and returns what was stored. One write. Throws `INVALID_VALUE` for a flag that makes no sense. */
  async set(name: string, flag: Flag): Promise<Flag> {
    const text = encodeJson({ ...checkedFlag(flag), updatedAt: this.#now() });
    const stored = JSON.parse(text) as Flag;
    const inMetadata = utf8Length(text) + '{"f":}'.length <= KV_LIMITS.maxMetadataBytes;
    await this.#kv.put(this.#key(name), text, inMetadata ? { metadata: { f: stored } } : {});
    this.#keep(name, stored);
    return copyOf(stored);
  }

  /** Changes some fields of a flag, or makes a disabled one. One read, one write. Of two changes within 30 seconds in different locations the last wins. */
  async patch(name: string, patch: Partial<Flag>): Promise<Flag> {
    const own = ownCopy(patch);
    return this.set(name, { ...((await this.get(name)) ?? { enabled: false }), ...own });
  }

  /** Deletes a flag: it is off once the change has spread. One delete. */
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

  #decide(name: string, memo: Memo | undefined, user: FlagUser | undefined): Evaluation {
    const flag = memo?.flag;
    if (typeof flag === "object") return evaluateFlag(name, flag, user);
    const errorCode = flag === undefined ? "GENERAL" : flag === "missing" ? "FLAG_NOT_FOUND" : "PARSE_ERROR";
    return { value: false, reason: "ERROR", errorCode };
  }

  async #recall(names: readonly string[]): Promise<Map<string, Memo | undefined>> {
    const now = this.#now();
    const answers = new Map<string, Memo | undefined>();
    const asked = new Map<string, string>();
    for (const name of names) {
      const memo = this.#remembered(name);
      answers.set(name, memo);
      if (memo !== undefined && isCurrent(memo.until, now, this.#memoTtl * 1000)) continue;
      try {
        asked.set(name, this.#key(name));
      } catch (error) {
        report(this.#options, error as KvError);
        answers.set(name, { flag: "missing", until: now });
      }
    }
    try {
      const found = asked.size > 0 ? await this.#kv.readMany([...asked.values()]) : undefined;
      for (const [name, key] of asked) {
        const value = found?.get(key)?.value;
        const flag = value === undefined ? "missing" : parseFlag(value);
        if (flag === "corrupt") this.#reportCorrupt(key);
        answers.set(name, this.#keep(name, flag));
      }
    } catch (cause) {
      const error = toKvError("get", undefined, cause);
      report(this.#options, error);
      if (this.#options.failure === "throw") throw error;
      for (const name of asked.keys()) {
        const last = this.#remembered(name);
        if (last !== undefined) last.until = now + Math.min(this.#memoTtl, RETRY) * 1000;
      }
    }
    return answers;
  }

  #remembered(name: string): Memo | undefined {
    return this.#memory.flags.get(name) ?? this.#memory.missing.get(name);
  }

  #keep(name: string, flag: Memo["flag"]): Memo {
    const memo: Memo = { flag, until: this.#now() + this.#memoTtl * 1000 };
    const { flags, missing } = this.#memory;
    const [map, other] = flag === "missing" ? [missing, flags] : [flags, missing];
    other.delete(name);
    remember(map, name, memo, MAX_MEMO);
    return memo;
  }

  #key(name: string): string {
    if (typeof name !== "string" || name.includes(":")) {
      throw new KvError("INVALID_KEY", "setup", "a flag's name must not contain ':'");
    }
    return this.#kv.key(name);
  }

  #reportCorrupt(key: string): void {
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
