/** What became of the reads and loads of one isolate since it started. */
export interface CacheStats {
  hit: number;
  stale: number;
  miss: number;
  negative: number;
  /** Callers that shared another's load. */
  coalesced: number;
  /** Loads of values that were still served. */
  refresh: number;
  corrupt: number;
  kvError: number;
  loaderError: number;
}

export function newStats(): CacheStats {
  return {
    hit: 0,
    stale: 0,
    miss: 0,
    negative: 0,
    coalesced: 0,
    refresh: 0,
    corrupt: 0,
    kvError: 0,
    loaderError: 0,
  };
}
