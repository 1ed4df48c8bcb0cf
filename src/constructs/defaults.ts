/** The oldest provider to use: 5.14 and 5.15 store keys such as `a/b` escaped and fail on every later apply. */
export const OLDEST_PROVIDER = "5.16.0";

/** The next major version, which may change anything. */
export const PROVIDER_END = "6.0.0";

/** The versions of the Cloudflare provider that this library's output applies with, unless a Worker needs others. */
export const PROVIDER_VERSION = `>= ${OLDEST_PROVIDER}, < ${PROVIDER_END}`;

/** The compatibility date of a Worker that names none. Raised with each minor release of this library. */
export const COMPATIBILITY_DATE = "2026-04-01";

/** Before this date a promise shared between two requests can hang forever; the runtime library shares them. */
export const OLDEST_SOUND_COMPATIBILITY_DATE = "2024-10-14";
