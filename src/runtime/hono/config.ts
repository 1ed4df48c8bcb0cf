import type { Context, MiddlewareHandler } from "hono";
import type { ConfigStore } from "../config-store.js";
import { forRequest, type PerRequest, refuse } from "./answers.js";

/** Puts the configuration into `c.var.config`. An outage of KV never stops a request. */
export function configMiddleware<C extends object>(
  store: PerRequest<ConfigStore<C>>,
): MiddlewareHandler<{ Variables: { config: Readonly<C> } }> {
  return async (c, next) => {
    c.set("config", await forRequest(store, c).get());
    await next();
  };
}

/** When {@link maintenance} answers 503, and to whom it does not. */
export interface MaintenanceOptions<C> {
  /** @default - the field `maintenanceMode` */
  select?: (config: C) => boolean;
  /** Seconds after which a caller should try again. @default 300 */
  retryAfter?: number;
  /** Requests to let through even so, such as health checks and administrators. @default - none */
  allow?: (c: Context) => boolean | Promise<boolean>;
}

/** Answers 503 while the configuration says so. Comes after {@link configMiddleware}. */
export function maintenance<C extends object>(
  options: MaintenanceOptions<C> = {},
): MiddlewareHandler<{ Variables: { config: Readonly<C> } }> {
  const { retryAfter = 300, allow } = options;
  const select = options.select ?? ((config) => (config as { maintenanceMode?: unknown }).maintenanceMode === true);
  return async (c, next) => {
    if (!select(c.get("config")) || (await allow?.(c)) === true) return next();
    c.header("Retry-After", String(retryAfter));
    return refuse(c, 503, "MAINTENANCE", "service under maintenance");
  };
}
