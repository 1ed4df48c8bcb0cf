import { type KvLike, KvRateLimiter } from "../../src/runtime/index.js";

/** Whether a request may pass. */
export type Check = (id: string) => Promise<boolean>;

/** What an isolate has. */
interface Isolate {
  kv: KvLike;
  waitUntil: (work: Promise<unknown>) => void;
  now: () => number;
}

/** A limiter as people would write it, made once an isolate. */
export type Limiter = (isolate: Isolate, limit: number, window: number) => Check;

const ours =
  (algorithm: "fixed" | "sliding", sync: { syncEvery?: number } = {}): Limiter =>
  ({ kv, waitUntil, now }, limit, window) => {
    const onError = () => undefined;
    const limiter = new KvRateLimiter(kv, { limit, window, algorithm, ...sync, waitUntil, now, onError });
    return async (id) => (await limiter.check(id)).allowed;
  };

export const LIMITERS: Record<string, Limiter> = {
  fixed: ours("fixed"),
  sliding: ours("sliding"),
  "sliding, syncEvery 1": ours("sliding", { syncEvery: 1 }),

  // What the seeds paste: read, compare, write, for each request.
  "the seeds'":
    ({ kv, now }, limit, window) =>
    async (id) => {
      const key = `ratelimit:${id}`;
      const { value } = await kv.getWithMetadata(key, { type: "text" });
      const entry = value === null ? undefined : (JSON.parse(value) as { count: number; windowStart: number });
      const options = { expirationTtl: window };
      if (entry === undefined || now() - entry.windowStart > window * 1000) {
        await kv.put(key, JSON.stringify({ count: 1, windowStart: now() }), options);
        return true;
      }
      if (entry.count >= limit) return false;
      await kv.put(key, JSON.stringify({ ...entry, count: entry.count + 1 }), options);
      return true;
    },
};
