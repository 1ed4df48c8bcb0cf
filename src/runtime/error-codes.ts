/** Every code of a KvError, and what it means. Only its type is used in Workers; docs/errors.md is generated from it. */
export const KV_ERROR_CODES = {
  BINDING_MISSING: "the Worker has no such binding",
  INVALID_OPTION: "an option of a store, cache or limiter makes no sense",
  INVALID_KEY: "a key is empty, `.`, `..` or not well-formed Unicode",
  KEY_TOO_LARGE: "a key has more than 512 UTF-8 bytes, prefix included",
  INVALID_VALUE: "a value cannot be stored, as `undefined`, or fails the schema",
  VALUE_TOO_LARGE: "a value has more than 25 MiB",
  METADATA_TOO_LARGE: "metadata has more than 1,024 bytes as JSON",
  INVALID_TTL: "a TTL or an expiry is not a time that KV takes",
  CORRUPT_VALUE: "a stored value cannot be read",
  LOADER_FAILED: "a loader threw while refreshing in the background",
  LOADER_TIMEOUT: "a loader took longer than `loaderTimeout`",
  RATE_LIMITED: "a key is written more than once a second",
  QUOTA: "the account's quota of the day is used up",
  OP_BUDGET: "an invocation would use more than 1,000 operations",
  UNAVAILABLE: "KV did not answer",
} as const;
