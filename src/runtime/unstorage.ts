import { KvError } from "./errors.js";
import type { KvLike } from "./kv-like.js";
import { KvStore } from "./kv-store.js";
import type { RuntimeOptions } from "./options.js";

/** How {@link kvDriver} stores. */
export interface KvDriverOptions extends RuntimeOptions {
  /** A KV namespace, or the name of its binding in `globalThis` or `globalThis.__env__`. @default "STORAGE" */
  binding?: KvLike | string;
  /** Stands before every key. @default - keys are used as they are */
  base?: string;
  /** Seconds a key is kept when `setItem` names no `ttl`; 0: until it is deleted. @default 0 */
  ttl?: number;
  /** Seconds a location may keep what it read; at least 30. @default - KV's own, 60 */
  cacheTtl?: number;
}

/** What unstorage expects of a driver. */
export interface KvDriver {
  name: string;
  options: KvDriverOptions;
  getInstance(): KvLike;
  hasItem(key: string): Promise<boolean>;
  getItem(key: string): Promise<string | null>;
  getItems(items: { key: string }[]): Promise<{ key: string; value: string | null }[]>;
  setItem(key: string, value: string, options?: { ttl?: number }): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
  clear(base?: string): Promise<void>;
}

/**
 * A driver for unstorage over a KV namespace, and so for the sessions of Astro and Nitro: bulk reads for `getItems`, KV's
 * limits checked before the network, `ttl` in seconds and at least KV's 60, errors with codes.
 *
 * @example
 * const storage = createStorage({ driver: kvDriver({ binding: env.STORAGE }) });
 */
export function kvDriver(options: KvDriverOptions = {}): KvDriver {
  const { binding = "STORAGE", base = "", ttl = 0 } = options;
  let known: { kv: KvLike; store: KvStore<string> } | undefined;
  // Bindings of Workers exist once a request has come.
  const open = () => {
    const kv = typeof binding === "string" ? bindingNamed(binding) : binding;
    if (known?.kv !== kv)
      known = { kv, store: new KvStore<string>(kv, { ...options, codec: "text", prefix: base, ttl }) };
    return known;
  };
  const store = () => open().store;
  const keysOf = async (prefix: string | undefined) => {
    const names: string[] = [];
    for await (const { name } of store().keys({ prefix: prefix ?? "" })) names.push(name);
    return names;
  };
  return {
    name: "cdktf-cloudflare-kv",
    options,
    getInstance: () => open().kv,
    hasItem: async (key) => store().has(key),
    getItem: async (key) => store().get(key),
    getItems: async (items) => {
      const found = await store().getMany(items.map(({ key }) => key));
      return items.map(({ key }) => ({ key, value: found.get(key) ?? null }));
    },
    setItem: async (key, value, { ttl: seconds } = {}) =>
      store().set(key, value, seconds === undefined ? {} : { ttl: seconds }),
    removeItem: async (key) => store().delete(key),
    getKeys: keysOf,
    clear: async (prefix) => {
      let cursor: string | undefined;
      do {
        const result = await store().deleteByPrefix(prefix ?? "", {
          all: true,
          ...(cursor !== undefined && { cursor }),
        });
        if (result.failed.length > 0) {
          throw new KvError(
            "UNAVAILABLE",
            "delete",
            `${result.failed.length} keys were not deleted, call clear again`,
            {
              retryable: true,
            },
          );
        }
        cursor = result.done ? undefined : result.cursor;
      } while (cursor !== undefined);
    },
  };
}

/** Frameworks that load a driver by its path take its default export. */
export default kvDriver;

function bindingNamed(name: string): KvLike {
  const scope = globalThis as Record<string, unknown> & { __env__?: Record<string, unknown> };
  const kv = (scope[name] ?? scope.__env__?.[name]) as KvLike | undefined;
  if (typeof kv?.getWithMetadata === "function") return kv;
  throw new KvError(
    "BINDING_MISSING",
    "setup",
    `the KV binding ${name} is not in globalThis or globalThis.__env__: pass the namespace itself as 'binding'`,
  );
}
