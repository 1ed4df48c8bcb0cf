import type { Context, MiddlewareHandler } from "hono";
import type { RuntimeOptions } from "../options.js";
import { answerError, waitUntilOf } from "./answers.js";

/** Makes each variable from the request's bindings. */
export type KvFactories<Variables extends object> = {
  [Name in keyof Variables]: (env: object, options: Pick<RuntimeOptions, "waitUntil">, c: Context) => Variables[Name];
};

/**
 * Makes caches, sessions and whatever else routes need, once for each request and with its `waitUntil`, and puts them
 * into `c.var`.
 *
 * @example
 * app.use(withKv({ cache: (env, options) => Cache.fromEnv(env, "CACHE", { ...options, swr: 60 }) }));
 */
export function withKv<Variables extends object>(
  factories: KvFactories<Variables>,
): MiddlewareHandler<{ Variables: Variables }> {
  return async (c, next) => {
    const waitUntil = waitUntilOf(c);
    const options = waitUntil === undefined ? {} : { waitUntil };
    try {
      for (const name of Object.keys(factories) as (keyof Variables & string)[]) {
        c.set(name, factories[name](c.env as object, options, c));
      }
    } catch (error) {
      return answerError(error, c);
    }
    await next();
  };
}
