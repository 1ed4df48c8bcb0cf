/** Whether a request may pass. Times are in seconds, but `resetAt`: milliseconds since 1970. */
export interface RateLimitResult {
  allowed: boolean;
  limit: number;
  remaining: number;
  resetAt: number;
  /** Seconds until it is worth trying again; 0 when allowed. */
  retryAfter: number;
  /** What decided: this isolate's count, one just read from KV, the native binding, or an error's policy. */
  source: "memory" | "kv" | "binding" | "error";
}

/** Limits how often something may happen. */
export interface RateLimiter {
  /** Seconds that `limit` is counted over. */
  readonly window: number;

  /** Asks for, and takes, `cost` of what `id` has left. */
  check(id: string, cost?: number): Promise<RateLimitResult>;
  /** Forgets what `id` has used. */
  reset(id: string): Promise<void>;
}
