/** How much a namespace is used, on average over a month: what an estimate of its cost starts from. */
export interface Workload {
  /** Calls of the runtime library's `Cache`. */
  readonly cache?: CacheWorkload;
  /** Sessions of the runtime library's `SessionStore`. */
  readonly sessions?: SessionsWorkload;
  /** Evaluations of the runtime library's `FeatureFlags`. */
  readonly flags?: FlagsWorkload;
  /** Reads of the runtime library's `ConfigStore`. */
  readonly config?: ConfigWorkload;
  /** Calls of the runtime library's `Preferences`. */
  readonly preferences?: PreferencesWorkload;
  /** Callers of the runtime library's `KvRateLimiter`. */
  readonly rateLimit?: RateLimitWorkload;
  /** Operations of code that uses the binding itself, or of `KvStore`. */
  readonly direct?: DirectWorkload;
}

export interface CacheWorkload {
  /** Calls of `getOrSet` a second. */
  readonly requestsPerSecond: number;
  /** The share of calls that a stored value answers, 0 to 1. @default - follows from `keys` and `ttlSeconds` */
  readonly hitRate?: number;
  /** How many different keys are asked for. @default - only `hitRate` counts */
  readonly keys?: number;
  /** How long a value is fresh. @default - the namespace's `ttlSeconds`, else 3600, as in `Cache` */
  readonly ttlSeconds?: number;
  /** How long after that an old value is served while a new one is loaded. @default 0 */
  readonly swrSeconds?: number;
  /** Bytes of a value, with its key. @default - storage is not estimated */
  readonly valueBytes?: number;
}

export interface SessionsWorkload {
  /** Sessions that begin in a day. */
  readonly startedPerDay: number;
  /** Requests with a session, a second. @default 0 */
  readonly requestsPerSecond?: number;
  /** How long a session lives. @default - the namespace's `ttlSeconds`, else a day */
  readonly ttlSeconds?: number;
  /** How often a session is renewed in its life. @default 0 */
  readonly renewals?: number;
  /** The share of sessions that end by `destroy`, 0 to 1; the others expire, which is free. @default 0 */
  readonly logoutRate?: number;
  /** Bytes of a session, with its key. @default - storage is not estimated */
  readonly valueBytes?: number;
}

export interface FlagsWorkload {
  /** Evaluations a second. */
  readonly readsPerSecond: number;
  /** How many flags there are. @default 1 */
  readonly flags?: number;
  /** Isolates that run at a time: each reads a flag once in `memoSeconds`. @default 20 */
  readonly isolates?: number;
  /** Seconds that an isolate remembers a flag. @default 30 */
  readonly memoSeconds?: number;
}

export interface ConfigWorkload {
  /** Calls of `get` a second. */
  readonly readsPerSecond: number;
  /** Isolates that run at a time: each reads the document once in `memoSeconds`. @default 20 */
  readonly isolates?: number;
  /** Seconds that an isolate remembers the document. @default 30 */
  readonly memoSeconds?: number;
}

export interface PreferencesWorkload {
  /** Calls of `get` a second. */
  readonly readsPerSecond: number;
  /** Calls of `update` that change something, a day. @default 0 */
  readonly updatesPerDay?: number;
  /** How many people have preferences. @default - storage is not estimated */
  readonly users?: number;
  /** Bytes of one person's preferences, with the key. @default - storage is not estimated */
  readonly valueBytes?: number;
}

export interface RateLimitWorkload {
  /** Callers that are active at a time. */
  readonly activeIds: number;
  /** Isolates that see the same caller. @default 1 */
  readonly isolates?: number;
  /** Seconds between two syncs of an isolate. @default 10 */
  readonly syncSeconds?: number;
}

export interface DirectWorkload {
  /** @default 0 */
  readonly readsPerMonth?: number;
  /** @default 0 */
  readonly writesPerMonth?: number;
  /** @default 0 */
  readonly deletesPerMonth?: number;
  /** @default 0 */
  readonly listsPerMonth?: number;
  /** Bytes stored. @default 0 */
  readonly storageBytes?: number;
}

/** What a field may be. */
export interface WorkloadField {
  readonly least: number;
  /** @default - any number */
  readonly most?: number;
  readonly required?: true;
  /** For manifests: what the interface says. */
  readonly doc: string;
}

type FieldsOf<Part> = { readonly [Name in keyof Required<Part>]: WorkloadField };

const amount = (doc: string): WorkloadField => ({ least: 0, doc });
const needed = (doc: string): WorkloadField => ({ least: 0, required: true, doc });
const positive = (doc: string): WorkloadField => ({ least: 1, doc });
const share = (doc: string): WorkloadField => ({ least: 0, most: 1, doc });

/** Every part of a workload with its fields: constructs, manifests and the assembly all read this. */
export const WORKLOAD_PARTS: { readonly [Part in keyof Required<Workload>]: FieldsOf<NonNullable<Workload[Part]>> } = {
  cache: {
    requestsPerSecond: needed("Calls of getOrSet a second."),
    hitRate: share("The share of calls that a stored value answers, 0 to 1. Without it, keys."),
    keys: positive("How many different keys are asked for."),
    ttlSeconds: positive("How long a value is fresh. Default: the namespace's ttlSeconds, else 3600."),
    swrSeconds: amount("How long after that an old value is served while a new one is loaded. Default: 0."),
    valueBytes: amount("Bytes of a value, with its key."),
  },
  sessions: {
    startedPerDay: needed("Sessions that begin in a day."),
    requestsPerSecond: amount("Requests with a session, a second. Default: 0."),
    ttlSeconds: positive("How long a session lives. Default: the namespace's ttlSeconds, else a day."),
    renewals: amount("How often a session is renewed in its life. Default: 0."),
    logoutRate: share("The share of sessions that end by destroy, 0 to 1. Default: 0."),
    valueBytes: amount("Bytes of a session, with its key."),
  },
  flags: {
    readsPerSecond: needed("Evaluations a second."),
    flags: positive("How many flags there are. Default: 1."),
    isolates: positive("Isolates that run at a time. Default: 20."),
    memoSeconds: positive("Seconds that an isolate remembers a flag. Default: 30."),
  },
  config: {
    readsPerSecond: needed("Calls of get a second."),
    isolates: positive("Isolates that run at a time. Default: 20."),
    memoSeconds: positive("Seconds that an isolate remembers the document. Default: 30."),
  },
  preferences: {
    readsPerSecond: needed("Calls of get a second."),
    updatesPerDay: amount("Calls of update that change something, a day. Default: 0."),
    users: amount("How many people have preferences."),
    valueBytes: amount("Bytes of one person's preferences, with the key."),
  },
  rateLimit: {
    activeIds: needed("Callers that are active at a time."),
    isolates: positive("Isolates that see the same caller. Default: 1."),
    syncSeconds: positive("Seconds between two syncs of an isolate. Default: 10."),
  },
  direct: {
    readsPerMonth: amount("Reads a month."),
    writesPerMonth: amount("Writes a month."),
    deletesPerMonth: amount("Deletes a month."),
    listsPerMonth: amount("Lists a month."),
    storageBytes: amount("Bytes stored."),
  },
};

/** What is wrong with a number of a workload. */
export function workloadNumberProblem(
  where: string,
  value: number,
  { least, most }: WorkloadField,
): string | undefined {
  if (!Number.isFinite(value)) return `${where} must be a finite number, got ${value}`;
  if (value < least) return `${where} must be at least ${least}, got ${value}`;
  return most !== undefined && value > most ? `${where} must be at most ${most}, got ${value}` : undefined;
}

/** The rule that no single field can state: a cache needs to know how often it is hit. */
export function workloadProblem({ cache }: Workload): string | undefined {
  if (cache === undefined || cache.hitRate !== undefined || cache.keys !== undefined) return undefined;
  return "workload.cache must have hitRate, or keys from which it follows";
}
