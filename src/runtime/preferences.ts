import { CheckedKv } from "./checked-kv.js";
import type { RuntimeOptions } from "./options.js";
import { report } from "./report.js";
import { bindingOf } from "./env.js";
import { KvError, toKvError } from "./errors.js";
import { escapePart } from "./keys.js";
import type { KvLike } from "./kv-like.js";
import { deepMerge, isPlain } from "./merge.js";
import { conform, type StandardSchemaV1 } from "./schema.js";

/** What users can prefer, and where that is stored. */
export interface PreferenceOptions<P extends object> extends RuntimeOptions {
  /** Stands before every user. @default "prefs" */
  prefix?: string;
  /** What holds for a user who never chose. */
  defaults: P;
  /** What preferences must look like; others are the defaults. @default - anything */
  schema?: StandardSchemaV1<P>;
  /** Whether objects within preferences are replaced, or merged field by field. @default "shallow" */
  merge?: "shallow" | "deep";
}

type Fields = Record<string, unknown>;

/**
 * A user's preferences over defaults. Only what a user chose is stored, so that a changed default reaches everyone else.
 * Of two updates at the same time the last wins.
 */
export class Preferences<P extends object> {
  /** The preferences in a binding. They live until they are deleted, whatever the namespace's TTL. */
  static fromEnv<P extends object>(env: object, binding: string, options: PreferenceOptions<P>): Preferences<P> {
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
      return this.#options.defaults;
    }
  }

  /** Many users' preferences, with one subrequest for each hundred. */
  async getMany(users: readonly string[]): Promise<Map<string, P>> {
    const keys = users.map((user) => this.#key(user));
    let found: Map<string, { value: string }> = new Map();
    try {
      found = await this.#kv.readMany(keys);
    } catch (cause) {
      report(this.#options, toKvError("get", undefined, cause));
    }
    const complete = users.map(async (user, index): Promise<[string, P]> => {
      const key = keys[index] as string;
      return [user, await this.#complete(key, found.get(key)?.value ?? null)];
    });
    return new Map(await Promise.all(complete));
  }

  /**
   * Changes some preferences and returns all; `undefined` goes back to the default. One read, and one write unless
   * nothing changes. Throws when KV cannot be read: what was not seen must not be overwritten.
   */
  async update(user: string, patch: Partial<P> | ((current: P) => Partial<P>)): Promise<P> {
    const key = this.#key(user);
    const { value } = await this.#kv.read(key);
    const stored = this.#parse(key, value);
    const current = this.#merge(this.#options.defaults as Fields, stored) as P;
    const changes = typeof patch === "function" ? patch(current) : patch;
    return this.#write(key, value, this.#merge(stored, changes));
  }

  /** Goes back to the defaults, of some preferences or of all. One read and one write, or one delete. */
  async reset(user: string, ...names: (keyof P)[]): Promise<P> {
    if (names.length > 0) {
      return this.update(user, Object.fromEntries(names.map((name) => [name, undefined])) as Partial<P>);
    }
    await this.#kv.delete(this.#key(user));
    return this.#options.defaults;
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
      return this.#options.defaults;
    }
  }

  #parse(key: string, text: string | null): Fields {
    if (text === null) return {};
    try {
      const stored: unknown = JSON.parse(text);
      if (isPlain(stored)) return stored;
    } catch {
      // Told below, without the parser's message: it quotes the value.
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
    return this.#kv.key(escapePart(user));
  }
}
