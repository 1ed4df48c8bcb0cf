import type { Context, Handler } from "hono";
import type { Cache } from "../cache/cache.js";
import type { Loader } from "../cache/loads.js";
import type { CacheOptions } from "../cache/options.js";
import { answerError, type Authorize, denied, forRequest, type PerRequest, refuse } from "./answers.js";

/** What {@link cacheRoute} answers with. */
export interface CacheRouteOptions<T> extends CacheOptions<T> {
  key: (c: Context) => string;
  /** Null or undefined answers 404. */
  load: (c: Context, ...context: Parameters<Loader<T>>) => ReturnType<Loader<T>>;
}

/** Answers with a cached value as JSON. `X-Cache` tells HIT, STALE or MISS. */
export function cacheRoute<T>(cache: PerRequest<Cache>, { key, load, ...options }: CacheRouteOptions<T>): Handler {
  return async (c) => {
    let from = "miss";
    const onServed = (how: string) => {
      from = how;
    };
    const value = await forRequest(cache, c).getOrSet<T>(key(c), (context) => load(c, context), {
      ...options,
      onServed,
    });
    c.header("X-Cache", from.toUpperCase());
    return value == null ? refuse(c, 404, "NOT_FOUND", "not found") : c.json(value as object);
  };
}

/** What {@link invalidateRoute} invalidates, and who may. */
export interface InvalidateRouteOptions {
  authorize: Authorize;
  key?: (c: Context) => string;
  tags?: (c: Context) => string[];
  prefix?: (c: Context) => string;
}

/** Forgets a key, everything with some tags, or everything under a prefix: `{ "invalidated": true }`. */
export function invalidateRoute(
  cache: PerRequest<Cache>,
  { authorize, key, tags, prefix }: InvalidateRouteOptions,
): Handler {
  return async (c) => {
    const no = await denied(c, authorize);
    if (no !== undefined) return no;
    const used = forRequest(cache, c);
    try {
      if (key !== undefined) await used.delete(key(c));
      if (tags !== undefined) await used.invalidateTags(...tags(c));
      if (prefix === undefined) return c.json({ invalidated: true });
      const { done, deleted } = await used.invalidatePrefix(prefix(c));
      return c.json({ invalidated: done, deleted });
    } catch (error) {
      return answerError(error, c);
    }
  };
}
