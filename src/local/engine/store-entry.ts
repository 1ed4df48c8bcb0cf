/** An entry to write. The engine checks only workerd's own limits. */
export interface StoreEntry {
  readonly key: string;
  readonly value: string;
  /** The value is base64 and is decoded before it is stored. */
  readonly base64?: boolean;
  readonly metadata?: unknown;
  /** Seconds since 1970. */
  readonly expiration?: number;
  /** Seconds from now; takes precedence over `expiration`. */
  readonly expirationTtl?: number;
}

/** A row as Miniflare's namespace object stores it: key, name of the value's file, milliseconds, metadata as JSON. */
export type StoreRow = readonly [key: string, blobId: string, expiration: number | null, metadata: string | null];
