/** How much a finding matters: `advice` never makes a run fail. */
export type Severity = "error" | "warning" | "advice";

/** Something that is wrong with a stack, or could be better. */
export interface Finding {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly stack: string;
  /** The namespace's name. */
  readonly namespace?: string;
  readonly worker?: string;
  /** What to do. */
  readonly help?: string;
}

/** The codes of `cfkv check` beside those of the constructs, with what each means. */
export const REPORT_CHECKS = {
  KEYS_UNDECLARED: "a namespace of a protected environment declares no patterns of its keys",
  KEY_PATTERN_LONG: "a pattern's fixed text is longer than 64 bytes, which every key repeats",
  WRITE_HEAVY: "more than a tenth of a declared workload are writes: KV is made for reading",
  LIST_HEAVY: "a declared workload lists more than 1,000 times a day, which costs ten times a read",
  LIVE_MISSING: "a declared namespace does not exist at Cloudflare",
  LIVE_TITLE: "a namespace has another name at Cloudflare than in its stack",
  LIVE_UNDECLARED: "the account has a namespace that no stack declares",
  LIVE_WORKER_MISSING: "a declared Worker does not exist at Cloudflare",
  LIVE_BINDING: "a deployed Worker has other KV bindings than its stack",
  LIVE_TOO_MANY: "the account has nearly as many namespaces as it may have",
  LIVE_QUOTA: "more than 80 % of a quota of the Free plan were used in a day",
  LIVE_NO_EXPIRY: "a namespace of sessions or a cache, or with a TTL, has keys that never expire",
  LIVE_KEY_PATTERN: "a namespace has keys that match none of its declared patterns",
  LIVE_LARGE_VALUES: "the values of a namespace are on average near the 25 MiB that KV takes",
  LIVE_NOT_CHECKED: "something could not be looked at, for the reason shown",
} as const;

export type ReportCheckCode = keyof typeof REPORT_CHECKS;
