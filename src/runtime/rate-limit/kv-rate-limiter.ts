import { utf8Length } from "../../kv/rules.js";
import { CheckedKv } from "../checked-kv.js";
import { runLater } from "../background.js";
import { isolateState, remember } from "../isolate-state.js";
import type { RuntimeOptions } from "../options.js";
import { report } from "../report.js";
import { bindingOf } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import { escapePart, sha256 } from "../keys.js";
import type { KvLike } from "../kv-like.js";
import type { RateLimiter, RateLimitResult } from "./rate-limiter.js";
import { expirationOf } from "../ttl.js";

/** How a {@link KvRateLimiter} limits. Times are in seconds. */
export interface KvRateLimiterOptions extends RuntimeOptions {
  /** Requests a window; 0 lets nobody through. */
  limit: number;
  /** Seconds of a window, at least 1. */
  window: number;
  /** Counts since the window began, or over the last `window` seconds. @default "sliding" */
  algorithm?: "fixed" | "sliding";
  /** Stands before every key. @default "rl" */
  prefix?: string;
  /** How often an isolate tells KV, at least 1: each time costs one read and one write. @default - a sixth of `window`, 1 to 10 */
  syncEvery?: number;
  /** Counts apart for each, such as `request.cf.colo`: cheaper to agree on, and `limit` then holds for each. */
  scope?: string;
  /** What to do with a request when KV fails. @default "allow" */
  onKvError?: "allow" | "deny";
  /** Ids an isolate counts at a time; the oldest is forgotten first. @default 10000 */
  maxTracked?: number;
}

/** One id's use of one window. */
interface Count {
  /** As last read from KV. */
  base: number;
  /** Used here and not yet written. */
  delta: number;
  syncedAt: number;
  previous: number;
}

/** Of KV's 512 bytes, what is left to an id. */
const MAX_ID = 128;

/**
 * An approximate limit over KV: exact within one isolate, and behind by `syncEvery` and KV's delay for what others let
 * through. It keeps scrapers down; it does not count money. For a strict limit take the native binding
 * ({@link BindingRateLimiter}) or a Durable Object.
 */
export class KvRateLimiter implements RateLimiter {
  /** A limiter over a binding. Its keys expire with their windows, whatever the namespace's TTL. */
  static fromEnv(env: object, binding: string, options: KvRateLimiterOptions): KvRateLimiter {
    return new KvRateLimiter(bindingOf(env, binding).kv, options);
  }

  readonly window: number;
  readonly #options: KvRateLimiterOptions;
  readonly #kv: CheckedKv;
  readonly #counts: Map<string, Count>;
  readonly #now: () => number;
  readonly #syncEvery: number;

  constructor(kv: KvLike | undefined, options: KvRateLimiterOptions) {
    this.#options = options;
    const { limit, window, prefix = "rl", now = Date.now, maxTracked = 10_000 } = options;
    const { syncEvery = Math.max(1, Math.min(10, window / 6)) } = options;
    if (!(Number.isInteger(limit) && limit >= 0)) refuse(`limit must be a whole number, 0 or more, got ${limit}`);
    for (const [name, value] of Object.entries({ window, syncEvery, maxTracked })) {
      if (!(value >= 1)) refuse(`${name} must be at least 1, got ${value}`);
    }
    this.#kv = new CheckedKv(kv, prefix, options);
    this.#counts = isolateState(this.#kv.kv, `rate ${this.#kv.prefix} ${window}`, () => new Map<string, Count>());
    this.window = window;
    this.#now = now;
    this.#syncEvery = syncEvery * 1000;
  }

  /**
   * No operation while the isolate's count is recent, else one read and, after the response, one write. A sliding
   * window that begins is a second read.
   */
  async check(id: string, cost = 1): Promise<RateLimitResult> {
    if (!(cost >= 0)) refuse(`cost must be 0 or more, got ${cost}`);
    const now = this.#now();
    const length = this.window * 1000;
    const number = Math.floor(now / length);
    const name = await this.#name(id);
    const count = this.#count(name, number);
    const due = now - count.syncedAt >= this.#syncEvery;
    let source: RateLimitResult["source"] = "memory";
    // One that is blocked stays so whatever KV says: attacks cost nothing.
    if (due && this.#used(count, now) + cost <= this.#options.limit) {
      count.syncedAt = now;
      source = (await this.#pull(name, number, count)) ? "kv" : "error";
    }
    if (source === "error" && this.#options.onKvError === "deny") return this.#result(count, false, source);
    const allowed = this.#used(count, now) + cost <= this.#options.limit;
    if (allowed) count.delta += cost;
    if (source === "kv" && count.delta > 0) await this.#push(name, number, count);
    return this.#result(count, allowed, source);
  }

  /** Two deletes. Isolates that counted before go on with what they know until the window ends. */
  async reset(id: string): Promise<void> {
    const name = await this.#name(id);
    const number = Math.floor(this.#now() / (this.window * 1000));
    this.#counts.delete(`${name}:${number}`);
    await Promise.all([this.#kv.delete(this.#key(name, number)), this.#kv.delete(this.#key(name, number - 1))]);
  }

  #count(name: string, number: number): Count {
    const key = `${name}:${number}`;
    let count = this.#counts.get(key);
    if (count === undefined) {
      const last = this.#counts.get(`${name}:${number - 1}`);
      count = { base: 0, delta: 0, syncedAt: -Infinity, previous: last === undefined ? 0 : last.base + last.delta };
      remember(this.#counts, key, count, this.#options.maxTracked ?? 10_000);
    }
    return count;
  }

  /** What counts against the limit now; sliding: the last window counts for the part of it still in reach. */
  #used({ base, delta, previous }: Count, now: number): number {
    const current = base + delta;
    if (this.#options.algorithm === "fixed") return current;
    const length = this.window * 1000;
    return current + Math.floor(previous * (1 - (now % length) / length));
  }

  async #pull(name: string, number: number, count: Count): Promise<boolean> {
    const sliding = this.#options.algorithm !== "fixed" && count.base + count.delta === 0;
    const keys = [this.#key(name, number), ...(sliding ? [this.#key(name, number - 1)] : [])];
    try {
      const found = await this.#kv.readMany(keys);
      const read = (key: string | undefined) => Number(found.get(key ?? "")?.value) || 0;
      count.base = Math.max(count.base, read(keys[0]));
      count.previous = Math.max(count.previous, read(keys[1]));
      return true;
    } catch (cause) {
      report(this.#options, toKvError("get", undefined, cause));
      return false;
    }
  }

  #push(name: string, number: number, count: Count): Promise<void> | undefined {
    const ttl = expirationOf(this.window * 2);
    return runLater(this.#options, async () => {
      const { base, delta } = count;
      await this.#kv.put(this.#key(name, number), String(base + delta), ttl);
      // Only what was written is known to others: what KV refused is added again the next time.
      count.base = Math.max(count.base, base + delta);
      count.delta -= delta;
    });
  }

  #result(count: Count, allowed: boolean, source: RateLimitResult["source"]): RateLimitResult {
    const { limit } = this.#options;
    const { window } = this;
    const now = this.#now();
    const resetAt = (Math.floor(now / (window * 1000)) + 1) * window * 1000;
    const remaining = Math.max(0, limit - Math.ceil(this.#used(count, now)));
    const retryAfter = allowed ? 0 : Math.max(1, Math.ceil((resetAt - now) / 1000));
    return { allowed, limit, remaining, resetAt, retryAfter, source };
  }

  async #name(id: string): Promise<string> {
    const short = utf8Length(id) > MAX_ID ? `~${await sha256(id)}` : escapePart(id);
    return this.#options.scope === undefined ? short : `${escapePart(this.#options.scope)}:${short}`;
  }

  #key(name: string, number: number): string {
    return this.#kv.key(`${name}:${number}`);
  }
}

function refuse(message: string): never {
  throw new KvError("INVALID_OPTION", "setup", message);
}
