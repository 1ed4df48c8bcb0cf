import type {
  CacheWorkload,
  ConfigWorkload,
  DirectWorkload,
  FlagsWorkload,
  PreferencesWorkload,
  RateLimitWorkload,
  SessionsWorkload,
  Workload,
} from "../../kv/workload.js";
import { DAYS_PER_MONTH, SECONDS_PER_DAY, SECONDS_PER_MONTH } from "./amounts.js";
import { cacheOf, loadsPerSecond } from "./cache-model.js";
import { type MonthlyUse, NOTHING } from "./use.js";

/** What one class of the runtime library uses in a month. */
export interface ClassUse extends MonthlyUse {
  /** The class, or `KV` for the binding itself. */
  readonly class: string;
}

/**
 * The operations of a workload by class, after the operation tables of docs/runtime.md.
 *
 * @param ttlSeconds - the namespace's, which classes use where the workload names none
 */
export function workloadUse(workload: Workload, ttlSeconds: number): ClassUse[] {
  const { cache, sessions, flags, config, preferences, rateLimit, direct } = workload;
  const uses: (ClassUse | undefined)[] = [
    cache && { class: "Cache", ...cacheUse(cache, ttlSeconds) },
    sessions && { class: "SessionStore", ...sessionsUse(sessions, ttlSeconds) },
    flags && { class: "FeatureFlags", ...flagsUse(flags) },
    config && { class: "ConfigStore", ...configUse(config) },
    preferences && { class: "Preferences", ...preferencesUse(preferences) },
    rateLimit && { class: "KvRateLimiter", ...rateLimitUse(rateLimit) },
    direct && { class: "KV", ...directUse(direct) },
  ];
  return uses.filter((use) => use !== undefined);
}

/** Every call reads; a load writes, and so does a refresh of a stale value. */
function cacheUse(workload: CacheWorkload, ttlSeconds: number): MonthlyUse {
  const cache = cacheOf(workload, ttlSeconds);
  return {
    ...NOTHING,
    reads: workload.requestsPerSecond * SECONDS_PER_MONTH,
    writes: loadsPerSecond(cache) * SECONDS_PER_MONTH,
    storageBytes: (workload.keys ?? 0) * (workload.valueBytes ?? 0),
  };
}

/** Creating writes, each request reads, a renewal reads once more and writes; expiring is free. */
function sessionsUse(workload: SessionsWorkload, namespaceTtl: number): MonthlyUse {
  const { startedPerDay, requestsPerSecond = 0, renewals = 0, logoutRate = 0, valueBytes = 0 } = workload;
  const started = startedPerDay * DAYS_PER_MONTH;
  const ttl = workload.ttlSeconds ?? (namespaceTtl > 0 ? namespaceTtl : SECONDS_PER_DAY);
  return {
    ...NOTHING,
    reads: requestsPerSecond * SECONDS_PER_MONTH + started * renewals,
    writes: started * (1 + renewals),
    deletes: started * logoutRate,
    storageBytes: ((startedPerDay * ttl) / SECONDS_PER_DAY) * valueBytes,
  };
}

/** An isolate reads a flag once in the time that it remembers it, however often it is evaluated. */
function flagsUse({ readsPerSecond, flags = 1, isolates = 20, memoSeconds = 30 }: FlagsWorkload): MonthlyUse {
  return { ...NOTHING, reads: Math.min(readsPerSecond, (flags * isolates) / memoSeconds) * SECONDS_PER_MONTH };
}

function configUse({ readsPerSecond, isolates = 20, memoSeconds = 30 }: ConfigWorkload): MonthlyUse {
  return { ...NOTHING, reads: Math.min(readsPerSecond, isolates / memoSeconds) * SECONDS_PER_MONTH };
}

/** An update reads first, so that it changes only what it names. */
function preferencesUse(workload: PreferencesWorkload): MonthlyUse {
  const { readsPerSecond, updatesPerDay = 0, users = 0, valueBytes = 0 } = workload;
  const updates = updatesPerDay * DAYS_PER_MONTH;
  return {
    ...NOTHING,
    reads: readsPerSecond * SECONDS_PER_MONTH + updates,
    writes: updates,
    storageBytes: users * valueBytes,
  };
}

/** One read and one write for each caller and isolate, every time the isolate syncs. */
function rateLimitUse({ activeIds, isolates = 1, syncSeconds = 10 }: RateLimitWorkload): MonthlyUse {
  const syncs = ((activeIds * isolates) / syncSeconds) * SECONDS_PER_MONTH;
  return { ...NOTHING, reads: syncs, writes: syncs };
}

function directUse(workload: DirectWorkload): MonthlyUse {
  const { readsPerMonth = 0, writesPerMonth = 0, deletesPerMonth = 0, listsPerMonth = 0, storageBytes = 0 } = workload;
  return {
    reads: readsPerMonth,
    writes: writesPerMonth,
    deletes: deletesPerMonth,
    lists: listsPerMonth,
    storageBytes,
  };
}
