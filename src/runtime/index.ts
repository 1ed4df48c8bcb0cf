export { addressKey } from "./rate-limit/address-key.js";
export {
  BindingRateLimiter,
  type BindingRateLimiterOptions,
  type RateLimitBinding,
} from "./rate-limit/binding-rate-limiter.js";
export { bucket } from "./flags/bucket.js";
export { Cache, type Inspection, type WarmItem } from "./cache/cache.js";
export type { CacheState } from "./cache/entry.js";
export type { LoadContext, Loader } from "./cache/loads.js";
export type { CacheOptions, CacheSettings } from "./cache/options.js";
export type { CacheStats } from "./cache/stats.js";
export type { Hook, KvCall, RuntimeOptions, WaitUntil } from "./options.js";
export { type ConfigOptions, ConfigStore } from "./config-store.js";
export type { DeleteOptions, DeleteResult } from "./delete-by-prefix.js";
export type { NamespaceDefaults } from "./env.js";
export { KvError, type KvErrorCode, type KvErrorDetails, type KvOperation } from "./errors.js";
export { FeatureFlags, type FlagOptions } from "./flags/feature-flags.js";
export type { Evaluation, Flag, FlagUser, JsonValue } from "./flags/flag.js";
export { boundedKey, defineKeys, joinKey, type KeyParameters, keys, parseKey } from "./keys.js";
export type {
  KvBindingName,
  KvLike,
  KvPage,
  KvPutOptions,
  KvRead,
  KvReadOptions,
  KvStream,
  KvValueOf,
} from "./kv-like.js";
export { KvStore } from "./kv-store.js";
export type {
  BatchResult,
  Codec,
  Entry,
  KeyInfo,
  KeyPage,
  ListOptions,
  SetOptions,
  StoreOptions,
} from "./kv-store-types.js";
export { KvRateLimiter, type KvRateLimiterOptions } from "./rate-limit/kv-rate-limiter.js";
export type { DeepPartial } from "./merge.js";
export { type PreferenceOptions, Preferences } from "./preferences.js";
export type { RateLimiter, RateLimitResult } from "./rate-limit/rate-limiter.js";
export type { SchemaIssue, SchemaResult, StandardSchemaV1 } from "./schema.js";
export { type CookieOptions, type SessionCookie, sessionCookie } from "./sessions/session-cookie.js";
export type { Session, SessionInfo } from "./sessions/session.js";
export type { SessionOptions } from "./sessions/options.js";
export { SessionStore } from "./sessions/sessions.js";
export type { Ttl } from "./ttl.js";
