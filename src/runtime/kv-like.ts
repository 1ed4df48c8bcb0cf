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

/** What the runtime needs of a KV binding: a real `KVNamespace`, Miniflare's and `MemoryKV` all fit. */
export interface KvLike {
  get(key: string, options: KvReadOptions<"stream">): Promise<ReadableStream | null>;
  get(key: string, options: KvReadOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
  getWithMetadata(key: string, options: KvReadOptions<"text">): Promise<KvRead>;
  getWithMetadata(keys: string[], options: KvReadOptions<"text">): Promise<Map<string, KvRead | null>>;
  put(key: string, value: string | ArrayBuffer | ArrayBufferView, options?: KvPutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<KvPage>;
}
