import { maxExpirationTtl } from "../../kv/limits.js";
import { KvError } from "../errors.js";
import { between } from "../ttl.js";
import type { RateLimiter, RateLimitResult } from "./rate-limiter.js";

/** Cloudflare's rate limit binding, as a Worker sees it. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** What the binding is configured with: the binding itself does not say. */
export interface BindingRateLimiterOptions {
  limit: number;
  /** Seconds, as in the binding's `simple.period`. */
  period: 10 | 60;
  /** The time in milliseconds since 1970. @default Date.now */
  now?: () => number;
}

/**
 * A limit enforced by Cloudflare, for each of its locations: no KV operation, no cost. It reports no counts, so
 * `remaining` is 1 for "at least one", or 0.
 */
export class BindingRateLimiter implements RateLimiter {
  readonly window: number;

  readonly #options: BindingRateLimiterOptions;
  readonly #binding: RateLimitBinding | undefined;

  constructor(binding: RateLimitBinding | undefined, options: BindingRateLimiterOptions) {
    this.#binding = binding;
    this.#options = options;
    if (typeof binding?.limit !== "function") {
      throw new KvError(
        "BINDING_MISSING",
        "setup",
        "the rate limit binding is missing: add one to the Worker, with WorkerWithKvBindings { rateLimits }",
      );
    }
    const { limit, period } = options;
    this.window = period;
    if ((period as number) !== 10 && (period as number) !== 60) {
      throw new KvError("INVALID_OPTION", "setup", `period must be 10 or 60 seconds, got ${String(period)}`);
    }
    between("limit", limit, 1, maxExpirationTtl);
  }

  /** Asks the binding, `cost` times. When the binding fails, the request is allowed. */
  async check(id: string, cost = 1): Promise<RateLimitResult> {
    const { limit, period, now = Date.now } = this.#options;
    const result = (allowed: boolean, source: RateLimitResult["source"]): RateLimitResult => ({
      allowed,
      limit,
      remaining: allowed ? 1 : 0,
      resetAt: now() + period * 1000,
      retryAfter: allowed ? 0 : period,
      source,
    });
    try {
      for (let asked = 0; asked < cost; asked++) {
        const { success } = (await this.#binding?.limit({ key: id })) ?? { success: true };
        if (!success) return result(false, "binding");
      }
      return result(true, "binding");
    } catch {
      return result(true, "error");
    }
  }

  /** Rejects: the binding cannot reset a count before its period ends. */
  reset(_id: string): Promise<void> {
    return Promise.reject(
      new KvError("INVALID_OPTION", "delete", "the rate limit binding cannot forget an id before its period ends"),
    );
  }
}
