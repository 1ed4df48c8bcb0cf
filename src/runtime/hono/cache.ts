import type { Context, Handler } from "hono";
import { maxKeyBytes } from "../../kv/limits.js";
import { utf8Length } from "../../kv/rules.js";
import type { Cache } from "../cache/cache.js";
import type { Loader } from "../cache/loads.js";
import type { CacheOptions } from "../cache/options.js";
import { KvError } from "../errors.js";
import { boundedKey } from "../keys.js";
import { answerError, type Authorize, denied, forRequest, type PerRequest, refuse } from "./answers.js";

/** What {@link cacheRoute} answers with. */
export interface CacheRouteOptions<T> extends CacheOptions<T> {
  /** The value's key. One longer than KV takes is shortened to its beginning and a hash. */
  key: (c: Context) => string;
  /** Null or undefined answers 404. */
  load: (c: Context, ...context: Parameters<Loader<T>>) => ReturnType<Loader<T>>;
}

/** Answers with a cached value as JSON. `X-Cache` is HIT, STALE or MISS. A key that KV cannot take answers 422. */
export function cacheRoute<T>(cache: PerRequest<Cache>, { key, load, ...options }: CacheRouteOptions<T>): Handler {
  return async (c) => {
    let from = "miss";
    const state = { loads: false };
    const onServed = (how: string) => {
      from = how;
    };
    const used = forRequest(cache, c);
    let value: T;
    try {
      const loader: Loader<T> = (context) => {
        state.loads = true;
        return load(c, context);
      };
      value = await used.getOrSet<T>(await shortKey(used, key(c)), loader, { ...options, onServed });
    } catch (error) {
      // A failing loader is the Worker's own matter.
      if (!state.loads && error instanceof KvError && /^(INVALID_KEY|KEY_)/.test(error.code))
        return answerError(error, c);
      throw error;
    }
    c.header("X-Cache", from.toUpperCase());
    return value == null ? refuse(c, 404, "NOT_FOUND", "not found") : c.json(value as object);
  };
}

/** The key as the cache's prefix leaves room for it. */
function shortKey(cache: Cache, key: string): Promise<string> {
  return boundedKey(key, maxKeyBytes - utf8Length(cache.prefix));
}

/** What {@link invalidateRoute} invalidates, and who may. */
export interface InvalidateRouteOptions {
  authorize: Authorize;
  key?: (c: Context) => string;
  tags?: (c: Context) => string[];
  prefix?: (c: Context) => string;
}

/** Invalidates a key, everything with some tags, or everything under a prefix: `{ "invalidated": true }`. */
export function invalidateRoute(
  cache: PerRequest<Cache>,
  { authorize, key, tags, prefix }: InvalidateRouteOptions,
): Handler {
  return async (c) => {
    const no = await denied(c, authorize);
    if (no !== undefined) return no;
    const used = forRequest(cache, c);
    try {
      if (key !== undefined) await used.delete(await shortKey(used, key(c)));
      if (tags !== undefined) await used.invalidateTags(...tags(c));
      if (prefix === undefined) return c.json({ invalidated: true });
      const { done, deleted } = await used.invalidatePrefix(prefix(c));
      return c.json({ invalidated: done, deleted });
    } catch (error) {
      return answerError(error, c);
    }
  };
}
