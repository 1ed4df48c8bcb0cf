import { type CacheEntry, cachified } from "@epic-web/cachified";
import { createStorage, type Driver } from "unstorage";
import cloudflareKv from "unstorage/drivers/cloudflare-kv-binding";
import { Cache, type KvLike } from "../../src/runtime/index.js";

/** Gets a value through a cache of 30 s, stale for 60 s more where it can be. */
export type Read = (key: string, load: () => Promise<unknown>) => Promise<unknown>;

/** What one request of one isolate has. */
export interface Isolate {
  kv: KvLike;
  waitUntil: (work: Promise<unknown>) => void;
  now: () => number;
}

/** A cache as people would write it, made once an isolate. */
export type Contender = (isolate: Isolate) => Read;

const TTL = 30;
const SWR = 60;

export const CONTENDERS: Record<string, Contender> = {
  "this runtime": ({ kv, waitUntil, now }) => {
    const onError = () => undefined;
    const cache = new Cache(kv, { ttl: TTL, swr: SWR, staleIfError: 3600, cacheTtl: 60, waitUntil, now, onError });
    return (key, load) => cache.getOrSet(key, load);
  },

  "cachified, with waitUntil": ({ kv, waitUntil }) => {
    const adapter = {
      name: "kv",
      get: async (key: string) => {
        const { value } = await kv.getWithMetadata(key, { type: "text" });
        return value === null ? null : (JSON.parse(value) as CacheEntry);
      },
      set: (key: string, entry: CacheEntry) => {
        const { ttl = 0, swr = 0 } = entry.metadata;
        const seconds = Math.ceil(((ttl ?? 0) + (swr ?? 0)) / 1000);
        return kv.put(key, JSON.stringify(entry), { expirationTtl: Math.max(60, seconds) });
      },
      delete: (key: string) => kv.delete(key),
    };
    return (key, load) =>
      cachified({
        key,
        cache: adapter,
        ttl: TTL * 1000,
        swr: SWR * 1000,
        waitUntil,
        getFreshValue: load,
      });
  },

  "unstorage, by hand": ({ kv }) => {
    const storage = createStorage({ driver: cloudflareKv({ binding: kv as never, minTTL: 60 }) as Driver });
    return async (key, load) => {
      const found = await storage.getItem(key);
      if (found !== null) return found;
      const value = await load();
      await storage.setItem(key, value as string, { ttl: TTL });
      return value;
    };
  },

  // What the seeds paste: an envelope, a refresh that nobody waits for.
  "the seeds' getWithCache": ({ kv, now }) => {
    const refresh = async (key: string, load: () => Promise<unknown>) => {
      const data = await load();
      const text = JSON.stringify({ data, cachedAt: now(), ttl: TTL });
      await kv.put(key, text, { expirationTtl: TTL * 2 });
      return data;
    };
    return async (key, load) => {
      const { value } = await kv.getWithMetadata(key, { type: "text" });
      if (value !== null) {
        const entry = JSON.parse(value) as { data: unknown; cachedAt: number; ttl: number };
        const age = (now() - entry.cachedAt) / 1000;
        if (age < entry.ttl) return entry.data;
        if (age < entry.ttl * 2) {
          void refresh(key, load).catch(() => undefined);
          return entry.data;
        }
      }
      return refresh(key, load);
    };
  },
};
