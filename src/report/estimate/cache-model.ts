import type { CacheWorkload } from "../../kv/workload.js";
import { PRICE_PER_MILLION } from "../../kv/prices.js";
import { SECONDS_PER_MONTH } from "./amounts.js";

/** `Cache`'s own default. */
const DEFAULT_TTL = 3600;

/** A cache whose requests are spread over its keys and come at random. */
export interface CacheModel {
  readonly requestsPerSecond: number;
  /** Zero when every request is a hit. */
  readonly keys: number;
  readonly ttlSeconds: number;
  readonly swrSeconds: number;
  /** Taken from the author, where it was not worked out from the keys. */
  readonly hitRate?: number;
}

/** A cache with a different time to live, and what that changes. */
export interface TtlOutcome {
  readonly ttlSeconds: number;
  /** 0 to 1. */
  readonly hitRate: number;
  /** A month. */
  readonly writes: number;
  /** US dollars a month, reads and writes at list price. */
  readonly listPrice: number;
}

/** A cache with a different time for which old values are served, and what that changes. */
export interface SwrOutcome {
  readonly swrSeconds: number;
  /** Requests a month that wait for a load. Reads and writes stay the same. */
  readonly waiting: number;
}

/**
 * The model of a workload. A key that is asked for λ times a second is loaded once in `ttl + 1/λ` seconds: it is fresh
 * for `ttl`, then the next request loads it. So the hit rate is λ·ttl / (1 + λ·ttl), from which the keys follow where
 * only the hit rate is known.
 */
export function cacheOf(workload: CacheWorkload, namespaceTtl: number): CacheModel {
  const { requestsPerSecond, hitRate, swrSeconds = 0 } = workload;
  const ttlSeconds = workload.ttlSeconds ?? (namespaceTtl > 0 ? namespaceTtl : DEFAULT_TTL);
  const keys = workload.keys ?? keysOf(requestsPerSecond, hitRate ?? 0, ttlSeconds);
  return { requestsPerSecond, keys, ttlSeconds, swrSeconds, ...(hitRate === undefined ? {} : { hitRate }) };
}

/** How often a value is loaded and written, for all keys together. */
export function loadsPerSecond({ requestsPerSecond, keys, ttlSeconds, hitRate }: CacheModel): number {
  if (hitRate !== undefined) return requestsPerSecond * (1 - hitRate);
  return requestsPerSecond === 0 ? 0 : keys / (ttlSeconds + keys / requestsPerSecond);
}

/** The same cache with other times to live, its own included. */
export function ttlOutcomes(cache: CacheModel): TtlOutcome[] {
  return withOwn([60, 300, 900, 3600, 21_600, 86_400], cache.ttlSeconds).map((ttlSeconds) => {
    // The author's hit rate is for the author's time to live.
    const { hitRate: given, ...model } = cache;
    const loads = loadsPerSecond(ttlSeconds === cache.ttlSeconds ? cache : { ...model, ttlSeconds });
    const reads = cache.requestsPerSecond * SECONDS_PER_MONTH;
    const writes = loads * SECONDS_PER_MONTH;
    const listPrice = (reads * PRICE_PER_MILLION.reads + writes * PRICE_PER_MILLION.writes) / 1e6;
    const hitRate = cache.requestsPerSecond === 0 ? (given ?? 0) : 1 - loads / cache.requestsPerSecond;
    return { ttlSeconds, hitRate, writes, listPrice };
  });
}

/** The same cache with other times for which an old value is served: who waits, when requests come at random. */
export function swrOutcomes(cache: CacheModel): SwrOutcome[] {
  const loads = loadsPerSecond(cache) * SECONDS_PER_MONTH;
  const perKey = cache.keys === 0 ? 0 : cache.requestsPerSecond / cache.keys;
  return withOwn([0, 60, 300, 3600, 86_400], cache.swrSeconds).map((swrSeconds) => ({
    swrSeconds,
    waiting: loads * Math.exp(-perKey * swrSeconds),
  }));
}

function keysOf(requestsPerSecond: number, hitRate: number, ttlSeconds: number): number {
  return hitRate === 0 ? 0 : (requestsPerSecond * ttlSeconds * (1 - hitRate)) / hitRate;
}

function withOwn(choices: readonly number[], own: number): number[] {
  return [...new Set([...choices, own])].sort((a, b) => a - b);
}
