/**
 * What Workers KV accepts. The only copy of these numbers: constructs, manifests,
 * command line, emulator and runtime all read them here, as `KV_LIMITS`. Constants of a module, so that a Worker carries
 * only those it uses.
 *
 * @see https://developers.cloudflare.com/kv/platform/limits/
 * @see https://developers.cloudflare.com/api/resources/kv/
 */

/** UTF-8 bytes, not characters. */
export const maxKeyBytes = 512;
/** Bytes: 25 MiB. */
export const maxValueBytes = 25 * 1024 * 1024;
/** UTF-8 bytes of the metadata written as JSON. */
export const maxMetadataBytes = 1024;
/** Seconds. A shorter time to live, or an expiration nearer than this, is refused with 400. */
export const minExpirationTtl = 60;
/** Seconds: the largest signed 32-bit integer. */
export const maxExpirationTtl = 2_147_483_647;
/** Seconds. The shortest `cacheTtl` of a read. */
export const minCacheTtl = 30;
/** Keys in one page of a list. */
export const maxListKeys = 1000;
/** Keys in one bulk read, from a binding or over the API. */
export const maxBulkGetKeys = 100;
/** Bytes of all values in one bulk read. */
export const maxBulkGetBytes = 25 * 1024 * 1024;
/** Pairs in one bulk write, keys in one bulk delete, over the API. */
export const maxBulkPairs = 10_000;
/** Bytes of one bulk request's body: 100 MB. */
export const maxBulkBytes = 100_000_000;
/** Namespaces in one account. */
export const maxNamespaces = 1000;
/** Characters (code points) of a namespace's name as this package accepts it; Cloudflare itself takes 512. */
export const maxNamespaceNameLength = 64;
/** Characters (code points) of a namespace's description. */
export const maxDescriptionLength = 256;
/** Terraform-managed entries of one namespace: each costs two requests on every refresh. */
export const maxManagedEntries = 100;
/** KV operations in one invocation of a Worker. */
export const maxOperationsPerInvocation = 1000;
