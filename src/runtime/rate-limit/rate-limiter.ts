/** Whether a request may pass. Times are in seconds, except `resetAt`: milliseconds since 1970, when the current window ends. */
export interface RateLimitResult {
  allowed: boolean;
  limit: number;
  remaining: number;
  resetAt: number;
  /** Seconds, to the millisecond, until this request would fit, if no other request comes first; 0 when allowed, and until the window ends for a cost above the limit, which never fits. */
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
