import type { RuntimeOptions } from "../options.js";
import type { StandardSchemaV1 } from "../schema.js";

/** How long sessions last and how they are stored. Times are in seconds. */
export interface SessionOptions<D> extends RuntimeOptions {
  /** Stands before every id. @default "session" */
  prefix?: string;
  /** A session ends this long after its last renewal; at least 60. @default 86400 - one day */
  ttl?: number;
  /** A session ends this long after it began, renewed or not; null: never. @default 2592000 - 30 days */
  absoluteTtl?: number | null;
  /** The shortest time between two renewals: each is a write. @default - half of the session's own lifetime, which is also the longest */
  refreshAfter?: number;
  /** Random bytes in a token, 16 to 64. @default 24 */
  tokenBytes?: number;
  /** Stores sessions under a hash, so that listing keys does not reveal a usable token. @default true */
  hashTokens?: boolean;
  /** What the data must look like: other data is not stored, and a stored session with other data does not exist. @default - anything */
  schema?: StandardSchemaV1<D>;
  /** How long another location may still see a destroyed session; at least 30. @default 30 */
  cacheTtl?: number;
  /** The user a session belongs to, for `listOf` and `destroyAll`; kept in the key's metadata. @default - sessions of a user cannot be listed */
  userId?: (data: D) => string;
}
