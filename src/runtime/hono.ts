export { answerError, type Authorize, type PerRequest } from "./hono/answers.js";
export { cacheRoute, type CacheRouteOptions, invalidateRoute, type InvalidateRouteOptions } from "./hono/cache.js";
export { configMiddleware, maintenance, type MaintenanceOptions } from "./hono/config.js";
export { featureRoutes, type FeatureRouteOptions } from "./hono/flags.js";
export { preferenceRoutes, type PreferenceRouteOptions } from "./hono/preferences.js";
export { rateLimit, type RateLimitOptions } from "./hono/rate-limit.js";
export {
  sessionMiddleware,
  type SessionMiddlewareOptions,
  type SessionRouteOptions,
  sessionRoutes,
  type SessionVariables,
} from "./hono/sessions.js";
export { type KvFactories, withKv } from "./hono/with-kv.js";
