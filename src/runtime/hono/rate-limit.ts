import type { Context, MiddlewareHandler } from "hono";
import { forRequest, type PerRequest, refuse } from "./answers.js";
import type { RateLimiter, RateLimitResult } from "../rate-limit/rate-limiter.js";

/** What {@link rateLimit} limits by. */
export interface RateLimitOptions {
  /** Who asks: `addressKey` of the caller's address, a user's id, an API key's hash. */
  key: (c: Context) => string;
  /** The answer instead of 429 as JSON. */
  onLimited?: (c: Context, result: RateLimitResult) => Response | Promise<Response>;
}

/**
 * Lets requests through as the limiter says, else 429 with `Retry-After`.
 *
 * @see https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-07.html
 */
export function rateLimit(limiter: PerRequest<RateLimiter>, { key, onLimited }: RateLimitOptions): MiddlewareHandler {
  return async (c, next) => {
    const used = forRequest(limiter, c);
    const result = await used.check(key(c));
    const { allowed, limit, remaining, resetAt, retryAfter } = result;
    const headers = () => {
      const reset = Math.max(0, Math.ceil((resetAt - Date.now()) / 1000));
      c.header("RateLimit", `limit=${limit}, remaining=${remaining}, reset=${reset}`);
      c.header("RateLimit-Policy", `${limit};w=${used.window}`);
    };
    if (allowed) {
      await next();
      headers();
      return;
    }
    headers();
    c.header("Retry-After", String(retryAfter));
    return onLimited?.(c, result) ?? refuse(c, 429, "RATE_LIMITED", "too many requests");
  };
}
