import type { KvLike } from "./kv-like.js";
import { KvStore } from "./kv-store.js";
import type { RuntimeOptions } from "./options.js";
import { KvRateLimiter } from "./rate-limit/kv-rate-limiter.js";

/** How {@link secondaryStorage} stores. */
export interface SecondaryStorageOptions extends RuntimeOptions {
  /** Stands before every key. @default "auth" */
  prefix?: string;
  /** Seconds another location may still see what was deleted; at least 30. @default 30 */
  cacheTtl?: number;
}

/** What Better Auth expects of a secondary storage. Times are in seconds. */
export interface KvSecondaryStorage {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttl?: number): Promise<void>;
  delete(key: string): Promise<void>;
  getAndDelete(key: string): Promise<string | null>;
  increment(key: string, ttl: number): Promise<number>;
}

/** When an entry ends, in milliseconds since 1970: KV itself may keep it for longer. */
interface Ends {
  e?: number;
}

const COUNTS = Number.MAX_SAFE_INTEGER;

/**
 * Better Auth's secondary storage over a KV namespace. An entry that should last less than KV's 60 seconds is stored
 * for 60 and ends on time all the same.
 *
 * KV has no transactions. `getAndDelete` reads, then deletes: two requests at the same moment may both get the value.
 * `increment` counts in the isolate and syncs with KV, as `KvRateLimiter` does. Keep one-time codes in the database.
 *
 * @example
 * betterAuth({ secondaryStorage: secondaryStorage(env.AUTH) });
 */
export function secondaryStorage(kv: KvLike | undefined, options: SecondaryStorageOptions = {}): KvSecondaryStorage {
  const { prefix = "auth", now = Date.now } = options;
  const store = new KvStore<string, Ends>(kv, { cacheTtl: 30, ...options, prefix, codec: "text" });
  const get = async (key: string) => {
    const entry = await store.getEntry(key);
    return entry === null || now() >= (entry.metadata?.e ?? Infinity) ? null : entry.value;
  };
  return {
    get,
    async set(key, value, ttl) {
      if (ttl === undefined) return store.set(key, value);
      // Better Auth passes the remaining lifetime of a session, which may be 0.
      if (ttl <= 0) return store.delete(key);
      return store.set(key, value, { ttl, metadata: { e: now() + ttl * 1000 } });
    },
    delete: (key) => store.delete(key),
    async getAndDelete(key) {
      const value = await get(key);
      if (value !== null) await store.delete(key);
      return value;
    },
    async increment(key, ttl) {
      const window = Math.max(1, Math.ceil(ttl));
      const counter = new KvRateLimiter(kv, {
        ...options,
        limit: COUNTS,
        window,
        algorithm: "fixed",
        prefix: `${prefix}:n`,
      });
      return COUNTS - (await counter.check(key)).remaining;
    },
  };
}
