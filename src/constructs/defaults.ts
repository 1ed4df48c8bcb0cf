/**
 * The versions of the Cloudflare provider that this library's output applies with.
 * 5.14 and 5.15 store keys such as `a/b` escaped and fail on every later apply.
 */
export const PROVIDER_VERSION = ">= 5.16.0, < 6.0.0";

/** The first provider that knows the `ratelimit` binding. */
export const PROVIDER_VERSION_WITH_RATE_LIMITS = ">= 5.19.0, < 6.0.0";

/** The compatibility date of a Worker that names none. Raised with each minor release of this library. */
export const COMPATIBILITY_DATE = "2026-04-01";

/** Before this date a promise shared between two requests can hang for ever; the runtime library shares them. */
export const OLDEST_SOUND_COMPATIBILITY_DATE = "2024-10-14";
