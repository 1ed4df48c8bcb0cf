/**
 * What Workers KV accepts. The only copy of these numbers: constructs, manifests,
 * command line, emulator and runtime all read them here.
 *
 * @see https://developers.cloudflare.com/kv/platform/limits/
 * @see https://developers.cloudflare.com/api/resources/kv/
 */
export const KV_LIMITS = {
  /** UTF-8 bytes, not characters. */
  maxKeyBytes: 512,
  /** Bytes: 25 MiB. */
  maxValueBytes: 25 * 1024 * 1024,
  /** UTF-8 bytes of the metadata written as JSON. */
  maxMetadataBytes: 1024,
  /** Seconds. A shorter time to live, or an expiration nearer than this, is refused with 400. */
  minExpirationTtl: 60,
  /** Seconds: the largest signed 32-bit integer. */
  maxExpirationTtl: 2_147_483_647,
  /** Seconds. The shortest `cacheTtl` of a read. */
  minCacheTtl: 30,
  /** Keys in one page of a list. */
  maxListKeys: 1000,
  /** Keys in one bulk read, from a binding or over the API. */
  maxBulkGetKeys: 100,
  /** Bytes of all values in one bulk read. */
  maxBulkGetBytes: 25 * 1024 * 1024,
  /** Pairs in one bulk write, keys in one bulk delete, over the API. */
  maxBulkPairs: 10_000,
  /** Bytes of one bulk request's body: 100 MB. */
  maxBulkBytes: 100_000_000,
  /** Namespaces in one account. */
  maxNamespaces: 1000,
  /** Characters (code points) of a namespace's name as this package accepts it; Cloudflare itself takes 512. */
  maxNamespaceNameLength: 64,
  /** Characters (code points) of a namespace's description. */
  maxDescriptionLength: 256,
  /** Terraform-managed entries of one namespace: each costs two requests on every refresh. */
  maxManagedEntries: 100,
  /** KV operations in one invocation of a Worker. */
  maxOperationsPerInvocation: 1000,
} as const;
