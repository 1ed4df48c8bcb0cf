/** What one read answers with. */
export interface KvRead {
  value: string | null;
  metadata: unknown;
  /** `HIT` or `MISS` of the location's cache; null where there is none. */
  cacheStatus: string | null;
}

/** One page of keys. */
export interface KvPage {
  keys: { name: string; expiration?: number; metadata?: unknown }[];
  list_complete: boolean;
  cursor?: string;
}

/** How to read: `cacheTtl` is in seconds. */
export interface KvReadOptions<Type extends string> {
  type: Type;
  cacheTtl?: number;
}

/** How to write: times are in seconds. */
export interface KvPutOptions {
  expiration?: number;
  expirationTtl?: number;
  metadata?: unknown;
}

/** The part of a stream that every platform's own type has: a binding's is not the page's or Node.js's. */
export interface KvStream {
  cancel(reason?: unknown): Promise<void>;
}

/** What the runtime needs of a KV binding: a real `KVNamespace`, Miniflare's and `MemoryKV` all fit. */
export interface KvLike {
  get(key: string, options: KvReadOptions<"stream">): Promise<KvStream | null>;
  get(key: string, options: KvReadOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
  getWithMetadata(key: string, options: KvReadOptions<"text">): Promise<KvRead>;
  getWithMetadata(keys: string[], options: KvReadOptions<"text">): Promise<Map<string, KvRead | null>>;
  put(key: string, value: string | ArrayBuffer | ArrayBufferView, options?: KvPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<KvPage>;
}

/**
 * The names that `fromEnv` accepts: the KV bindings of a typed environment, or any name of one that is not.
 *
 * @example
 * SessionStore.fromEnv(env, "SESSIOS"); // does not compile when Env has SESSIONS only
 */
export type KvBindingName<Env> = string extends keyof Env
  ? string
  : [keyof Env] extends [never]
    ? string
    : { [Name in keyof Env & string]: NonNullable<Env[Name]> extends KvLike ? Name : never }[keyof Env & string];

/**
 * The type of values that an environment declares for a namespace, as `cfkv types` writes it for one with `value`;
 * unknown for any other.
 */
export type KvValueOf<Env, Name> = Name extends keyof Env
  ? NonNullable<Env[Name]> extends { readonly "~value"?: infer Value }
    ? Exclude<Value, undefined>
    : unknown
  : unknown;
