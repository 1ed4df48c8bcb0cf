import { CheckedKv, YOUNGEST } from "./checked-kv.js";
import { bindingOf } from "./env.js";
import { KvError, toKvError } from "./errors.js";
import { isCurrent, isolateState } from "./isolate-state.js";
import { encodeJson, ownCopy } from "./json.js";
import type { KvBindingName, KvLike } from "./kv-like.js";
import { copyOf, deepMerge, type DeepPartial, isPlain } from "./merge.js";
import type { RuntimeOptions } from "./options.js";
import { report } from "./report.js";
import type { SchemaIssue, StandardSchemaV1 } from "./schema.js";
import { checkedTtl } from "./ttl.js";

/** What a configuration is, and where. */
export interface ConfigOptions<C extends object> extends RuntimeOptions {
  /** @default "config:app" */
  key?: string;
  /** Every field's value where nothing is stored. */
  defaults: C;
  /**
   * What a configuration must look like.
   *
   * @default - each stored field must be of its default's type; a default of null takes anything
   */
  schema?: StandardSchemaV1<C>;
  /** Seconds an isolate remembers the configuration. @default 30 */
  memoTtl?: number;
  /** Seconds a location may keep it; at least 30. @default - KV's own, 60 */
  cacheTtl?: number;
}

interface Memo<C> {
  config: C;
  until: number;
}

type Fields = Record<string, unknown>;

/**
 * One JSON document over defaults: a stored field overrides its default, and a field that cannot be used is replaced by
 * its default. When KV cannot be read, `get` returns the last configuration this isolate saw, else the defaults.
 */
export class ConfigStore<C extends object> {
  /** The configuration in a binding. It is kept until it is deleted, whatever the namespace's TTL. */
  static fromEnv<C extends object, Env extends object = object>(
    env: Env,
    binding: KvBindingName<Env>,
    options: ConfigOptions<C>,
  ): ConfigStore<C> {
    return new ConfigStore<C>(bindingOf(env, binding).kv, options);
  }

  /** Where the last configuration came from. */
  source: "kv" | "memo" | "stale" | "defaults" = "defaults";

  readonly #options: ConfigOptions<C>;
  readonly #kv: CheckedKv;
  readonly #key: string;
  readonly #now: () => number;
  readonly #memoTtl: number;
  readonly #memory: { memo?: Memo<C> };

  constructor(kv: KvLike | undefined, options: ConfigOptions<C>) {
    this.#options = options;
    const { key = "config:app", memoTtl = 30, now = Date.now } = options;
    this.#kv = new CheckedKv(kv, "", options);
    this.#key = this.#kv.key(key);
    this.#now = now;
    this.#memoTtl = checkedTtl(memoTtl, "memoTtl");
    // Stores with different defaults would answer with each other's.
    this.#memory = isolateState(this.#kv.kv, `config ${key} ${JSON.stringify(options.defaults)}`, () => ({}));
  }

  /** The configuration, as a copy of the caller's own. One read, or none while the isolate remembers it. Never throws. */
  async get(): Promise<Readonly<C>> {
    const { memo } = this.#memory;
    if (memo !== undefined && isCurrent(memo.until, this.#now(), this.#memoTtl * 1000))
      return this.#from("memo", memo.config);
    try {
      const stored = await this.#stored();
      return this.#from(stored === null ? "defaults" : "kv", this.#keep(await this.#complete(stored ?? {})));
    } catch (cause) {
      report(this.#options, toKvError("get", this.#key, cause));
      return memo === undefined ? this.#from("defaults", this.#options.defaults) : this.#from("stale", memo.config);
    }
  }

  /** Stores a whole configuration. One write. Throws `INVALID_VALUE` when it does not match the schema. */
  async set(config: C): Promise<void> {
    const own = ownCopy(config);
    await this.#write(own as Fields, own);
  }

  /** Changes some fields, at any depth; lists are replaced. One read, one write. Of two changes within 30 seconds in different locations the last wins. */
  async patch(patch: DeepPartial<C>): Promise<C> {
    // What cannot be parsed is lost already; what cannot be read must not be overwritten.
    const own = ownCopy(patch);
    return this.#write(deepMerge((await this.#stored(YOUNGEST)) ?? {}, own as Fields), own);
  }

  /** Restores the defaults. One delete. */
  async reset(): Promise<void> {
    await this.#kv.delete(this.#key);
    this.#keep(copyOf(this.#options.defaults));
  }

  async #write(stored: Fields, change: object): Promise<C> {
    // Merging turns objects of a class into plain ones: they are refused before.
    encodeJson(change, this.#key);
    const complete = deepMerge(this.#options.defaults as Fields, stored);
    const problems = await this.#problems(complete);
    if (problems.length > 0) {
      const fields = [...new Set(problems.map(fieldOf))].join(", ");
      throw new KvError("INVALID_VALUE", "put", `the configuration does not match its schema: ${fields}`);
    }
    const text = encodeJson(stored, this.#key);
    await this.#kv.put(this.#key, text, {});
    return copyOf(this.#keep(await this.#complete(JSON.parse(text) as Fields)));
  }

  async #stored(options?: typeof YOUNGEST): Promise<Fields | null> {
    const { value } = await this.#kv.read(this.#key, options);
    if (value === null) return null;
    try {
      const parsed: unknown = JSON.parse(value);
      if (isPlain(parsed)) return parsed;
    } catch {
      // Reported below, without the parser's message: it quotes the value.
    }
    this.#report("the stored configuration is not a JSON object");
    return null;
  }

  async #complete(stored: Fields): Promise<C> {
    const { defaults, schema } = this.#options;
    if (schema === undefined) {
      const accept = (old: unknown, value: unknown) => {
        if (
          old == null ||
          (typeof old === typeof value && Array.isArray(old) === Array.isArray(value) && value !== null)
        )
          return true;
        this.#report("a stored field is not of its default's type");
        return false;
      };
      return deepMerge(defaults as Fields, stored, "deep", accept) as C;
    }
    const merged = deepMerge(defaults as Fields, stored);
    const problems = await this.#problems(merged);
    if (problems.length === 0) return merged as C;
    const fields = problems.map(fieldOf);
    this.#report(`stored fields do not match the schema: ${[...new Set(fields)].join(", ")}`);
    const kept = Object.fromEntries(Object.entries(stored).filter(([name]) => !fields.includes(name)));
    const repaired = deepMerge(defaults as Fields, kept);
    return (await this.#problems(repaired)).length === 0 ? (repaired as C) : copyOf(defaults);
  }

  async #problems(config: unknown): Promise<readonly SchemaIssue[]> {
    return (await this.#options.schema?.["~standard"].validate(config))?.issues ?? [];
  }

  #keep(config: C): C {
    this.#memory.memo = { config, until: this.#now() + this.#memoTtl * 1000 };
    return config;
  }

  #from(source: ConfigStore<C>["source"], config: C): C {
    this.source = source;
    return copyOf(config);
  }

  #report(message: string): void {
    report(this.#options, new KvError("CORRUPT_VALUE", "get", message, { key: this.#key }));
  }
}

/** The top-level field an issue is about. */
function fieldOf({ path }: SchemaIssue): string {
  const first = path?.[0];
  return String(typeof first === "object" ? first.key : (first ?? "(root)"));
}
