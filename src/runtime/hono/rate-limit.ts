import type { Context, MiddlewareHandler } from "hono";
import { answerError, forRequest, type PerRequest, refuse } from "./answers.js";
import type { RateLimiter, RateLimitResult } from "../rate-limit/rate-limiter.js";

/** Whom {@link rateLimit} limits. */
export interface RateLimitOptions {
  /** The caller: `addressKey` of the caller's address, a user's id, an API key's hash. */
  key: (c: Context) => string;
  /** Sent instead of 429 as JSON. */
  onLimited?: (c: Context, result: RateLimitResult) => Response | Promise<Response>;
}

/**
 * Answers 429 with `Retry-After` where the limiter does not allow a request.
 *
 * @see https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-07.html
 */
export function rateLimit(limiter: PerRequest<RateLimiter>, { key, onLimited }: RateLimitOptions): MiddlewareHandler {
  return async (c, next) => {
    const used = forRequest(limiter, c);
    let result: RateLimitResult;
    try {
      result = await used.check(key(c));
    } catch (error) {
      return answerError(error, c);
    }
    const { allowed, limit, remaining, resetAt, retryAfter } = result;
    // A client needs more than a millisecond to come back.
    const wait = Math.max(1, Math.ceil(retryAfter - 0.001));
    const headers = () => {
      // Who is limited may come again after Retry-After, not only when the window ends.
      const reset = allowed ? Math.max(0, Math.ceil((resetAt - Date.now()) / 1000)) : wait;
      c.header("RateLimit", `limit=${limit}, remaining=${remaining}, reset=${reset}`);
      c.header("RateLimit-Policy", `${limit};w=${used.window}`);
    };
    if (allowed) {
      await next();
      headers();
      return;
    }
    headers();
    c.header("Retry-After", String(wait));
    return onLimited?.(c, result) ?? refuse(c, 429, "RATE_LIMITED", "too many requests");
  };
}
