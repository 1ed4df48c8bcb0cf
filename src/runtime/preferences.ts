import { CheckedKv, YOUNGEST } from "./checked-kv.js";
import { bindingOf } from "./env.js";
import { KvError, toKvError } from "./errors.js";
import { encodeJson, ownCopy } from "./json.js";
import { escapePart } from "./keys.js";
import type { KvBindingName, KvLike } from "./kv-like.js";
import { copyOf, deepMerge, isPlain } from "./merge.js";
import type { RuntimeOptions } from "./options.js";
import { report } from "./report.js";
import { conform, type StandardSchemaV1 } from "./schema.js";

/** The preferences of users, and where they are stored. */
export interface PreferenceOptions<P extends object> extends RuntimeOptions {
  /** Stands before every user. @default "prefs" */
  prefix?: string;
  /** The preferences of a user who has changed none. */
  defaults: P;
  /** What preferences must look like: others are not stored, and stored ones that differ are the defaults. @default - anything */
  schema?: StandardSchemaV1<P>;
  /** Whether objects within preferences are replaced, or merged field by field. @default "shallow" */
  merge?: "shallow" | "deep";
}

type Fields = Record<string, unknown>;

/**
 * A user's preferences over defaults. Only what a user chose is stored, so that a changed default reaches everyone else.
 * Of two updates at the same time the last wins. What a method returns is a copy of the caller's own.
 */
export class Preferences<P extends object> {
  /** The preferences in a binding. They are kept until they are deleted, whatever the namespace's TTL. */
  static fromEnv<P extends object, Env extends object = object>(
    env: Env,
    binding: KvBindingName<Env>,
    options: PreferenceOptions<P>,
  ): Preferences<P> {
    return new Preferences<P>(bindingOf(env, binding).kv, options);
  }

  readonly #options: PreferenceOptions<P>;
  readonly #kv: CheckedKv;

  constructor(kv: KvLike | undefined, options: PreferenceOptions<P>) {
    this.#options = options;
    this.#kv = new CheckedKv(kv, options.prefix ?? "prefs", options);
  }

  /** A user's preferences; the defaults when KV cannot be read. One read. */
  async get(user: string): Promise<P> {
    const key = this.#key(user);
    try {
      return await this.#complete(key, (await this.#kv.read(key)).value);
    } catch (cause) {
      report(this.#options, toKvError("get", key, cause));
      return copyOf(this.#options.defaults);
    }
  }

  /** Many users' preferences, with one subrequest for each hundred. The defaults for an id that cannot be one. */
  async getMany(users: readonly string[]): Promise<Map<string, P>> {
    const keys = new Map<string, string>();
    let found: Map<string, { value: string }> = new Map();
    for (const user of users) {
      try {
        keys.set(user, this.#key(user));
      } catch (cause) {
        report(this.#options, toKvError("get", undefined, cause));
      }
    }
    try {
      found = await this.#kv.readMany([...keys.values()]);
    } catch (cause) {
      report(this.#options, toKvError("get", undefined, cause));
    }
    const complete = users.map(async (user): Promise<[string, P]> => {
      const key = keys.get(user) ?? "";
      return [user, await this.#complete(key, found.get(key)?.value ?? null)];
    });
    return new Map(await Promise.all(complete));
  }

  /**
   * Changes some preferences and returns all; `undefined` restores the default. One read, and one write unless nothing
   * changes. Throws when KV cannot be read: what was not seen must not be overwritten.
   */
  async update(user: string, patch: Partial<P> | ((current: P) => Partial<P>)): Promise<P> {
    const key = this.#key(user);
    const own = ownCopy(patch);
    const { value } = await this.#kv.read(key, YOUNGEST);
    const stored = this.#parse(key, value);
    const current = this.#merge(this.#options.defaults as Fields, stored) as P;
    const changes = typeof own === "function" ? own(current) : own;
    // Merging turns objects of a class into plain ones: they are refused before.
    encodeJson(changes, key);
    return this.#write(key, value, this.#merge(stored, changes));
  }

  /** Restores the defaults, of some preferences or of all. One read and one write, or one delete. */
  async reset(user: string, ...names: (keyof P)[]): Promise<P> {
    if (names.length > 0) {
      return this.update(user, Object.fromEntries(names.map((name) => [name, undefined])) as Partial<P>);
    }
    await this.#kv.delete(this.#key(user));
    return copyOf(this.#options.defaults);
  }

  async #write(key: string, before: string | null, overrides: Fields): Promise<P> {
    let result: P;
    try {
      result = await conform(this.#merge(this.#options.defaults as Fields, overrides), this.#options.schema);
    } catch {
      throw new KvError("INVALID_VALUE", "put", "the preferences do not match their schema", { key });
    }
    const text = JSON.stringify(overrides);
    if (text !== (before ?? "{}")) await this.#kv.put(key, text, {});
    return result;
  }

  async #complete(key: string, text: string | null): Promise<P> {
    const merged = this.#merge(this.#options.defaults as Fields, this.#parse(key, text));
    try {
      return await conform(merged, this.#options.schema);
    } catch {
      this.#report(key);
      return copyOf(this.#options.defaults);
    }
  }

  #parse(key: string, text: string | null): Fields {
    if (text === null) return {};
    try {
      const stored: unknown = JSON.parse(text);
      if (isPlain(stored)) return stored;
    } catch {
      // Reported below, without the parser's message: it quotes the value.
    }
    this.#report(key);
    return {};
  }

  #merge(base: Fields, patch: Fields): Fields {
    return deepMerge(base, patch, this.#options.merge ?? "shallow");
  }

  #report(key: string): void {
    report(this.#options, new KvError("CORRUPT_VALUE", "get", "the stored preferences cannot be read", { key }));
  }

  #key(user: string): string {
    if (typeof user !== "string") {
      throw new KvError("INVALID_KEY", "setup", `a user's id must be a string, got ${typeof user}`);
    }
    return this.#kv.key(escapePart(user));
  }
}
