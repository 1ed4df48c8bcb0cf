import { maxExpirationTtl } from "../../kv/limits.js";
import { utf8Length } from "../../kv/rules.js";
import { CheckedKv } from "../checked-kv.js";
import { runLater } from "../background.js";
import { isolateState, remember } from "../isolate-state.js";
import type { RuntimeOptions } from "../options.js";
import { report } from "../report.js";
import { bindingOf } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import { escapePart, sha256 } from "../keys.js";
import type { KvBindingName, KvLike } from "../kv-like.js";
import type { RateLimiter, RateLimitResult } from "./rate-limiter.js";
import { between, expirationOf } from "../ttl.js";

/** How a {@link KvRateLimiter} limits. Times are in seconds. */
export interface KvRateLimiterOptions extends RuntimeOptions {
  /** Requests a window; 0 lets none through. */
  limit: number;
  /** Seconds of a window, at least 1. */
  window: number;
  /** Counts since the window began, or over the last `window` seconds. @default "sliding" */
  algorithm?: "fixed" | "sliding";
  /** Stands before every key. @default "rl" */
  prefix?: string;
  /** How often an isolate syncs with KV, at least 1: each time costs one read and one write. @default - a sixth of `window`, 1 to 10 */
  syncEvery?: number;
  /** Limits each scope by itself, such as `request.cf.colo`: cheaper to agree on, and `limit` then holds for each. */
  scope?: string;
  /** What to do with a request when KV fails. @default "allow" */
  onKvError?: "allow" | "deny";
  /** How many ids an isolate counts at a time; the oldest is forgotten first. @default 10000 */
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
  /** A write whose outcome is not known: what it would store, and how much of `delta` is in it. */
  sent?: { total: number; delta: number } | undefined;
}

/** The part of KV's 512 bytes that an id may take. */
const MAX_ID = 128;

/**
 * An approximate limit over KV: exact within one isolate; what other isolates let through is known after `syncEvery`
 * and KV's delay. Good against scrapers, not for money. For a strict limit use the native binding
 * ({@link BindingRateLimiter}) or a Durable Object.
 *
 * Limiters with the same prefix, limit, window and algorithm are one limiter; others share nothing.
 */
export class KvRateLimiter implements RateLimiter {
  /** A limiter over a binding. Its keys expire with their windows, whatever the namespace's TTL. */
  static fromEnv<Env extends object>(
    env: Env,
    binding: KvBindingName<Env>,
    options: KvRateLimiterOptions,
  ): KvRateLimiter {
    return new KvRateLimiter(bindingOf(env, binding).kv, options);
  }

  readonly window: number;
  readonly #options: KvRateLimiterOptions;
  readonly #kv: CheckedKv;
  readonly #counts: Map<string, Count>;
  readonly #now: () => number;
  readonly #syncEvery: number;
  /** Keeps the keys of different limiters apart. */
  readonly #rule: string;

  constructor(kv: KvLike | undefined, options: KvRateLimiterOptions) {
    this.#options = options;
    const { limit, window, prefix = "rl", now = Date.now, maxTracked = 10_000 } = options;
    const { syncEvery = Math.max(1, Math.min(10, window / 6)) } = options;
    if (!Number.isInteger(limit)) refuse(`limit must be a whole number, got ${limit}`);
    between("limit", limit, 0);
    for (const [name, value] of Object.entries({ window, syncEvery, maxTracked })) {
      between(name, value, 1, maxExpirationTtl);
    }
    this.#kv = new CheckedKv(kv, prefix, options);
    this.#counts = isolateState(this.#kv.kv, `rate ${this.#kv.prefix}`, () => new Map<string, Count>());
    this.window = window;
    this.#rule = `${limit}/${window}${options.algorithm === "fixed" ? "f" : ""}`;
    this.#now = now;
    this.#syncEvery = syncEvery * 1000;
  }

  /**
   * No operation while the isolate's count is recent, else one read and, after the response, one write. A sliding
   * window that begins is a second read.
   */
  async check(id: string, cost = 1): Promise<RateLimitResult> {
    between("cost", cost, 0);
    const now = this.#now();
    const length = this.window * 1000;
    const number = Math.floor(now / length);
    const name = await this.#name(id);
    const count = this.#count(name, number);
    // Also when the clock was set back.
    const due = Math.abs(now - count.syncedAt) >= this.#syncEvery;
    let source: RateLimitResult["source"] = "memory";
    // A caller who is blocked stays blocked whatever KV says: attacks cost nothing.
    if (due && this.#used(count, now) + cost <= this.#options.limit) {
      count.syncedAt = now;
      source = (await this.#pull(name, number, count)) ? "kv" : "error";
    }
    if (source === "error" && this.#options.onKvError === "deny") return this.#result(count, false, source, cost);
    const allowed = this.#used(count, now) + cost <= this.#options.limit;
    if (allowed) count.delta += cost;
    if (source === "kv" && count.delta > 0) await this.#push(name, number, count);
    return this.#result(count, allowed, source, cost);
  }

  /** Two deletes. Other isolates keep what they have counted until the window ends. */
  async reset(id: string): Promise<void> {
    const name = await this.#name(id);
    const number = Math.floor(this.#now() / (this.window * 1000));
    const forget = (window: number) => {
      this.#counts.delete(`${name}:${window}`);
      return this.#kv.delete(this.#key(name, window));
    };
    await Promise.all([forget(number), forget(number - 1)]);
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
      const stored = read(keys[0]);
      if (count.sent !== undefined && stored >= count.sent.total) {
        count.delta -= count.sent.delta;
        count.sent = undefined;
      }
      count.base = Math.max(count.base, stored);
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
      const sent = { total: base + delta, delta };
      count.sent = sent;
      try {
        await this.#kv.put(this.#key(name, number), String(sent.total), ttl, false);
      } catch (error) {
        // What KV refused is added again the next time. After any other failure it may be stored: the next read shows.
        if ((error as KvError).code === "RATE_LIMITED") count.sent = undefined;
        throw error;
      }
      if (count.sent !== sent) return;
      count.sent = undefined;
      count.base = Math.max(count.base, sent.total);
      count.delta -= delta;
    });
  }

  /** Seconds until `cost` fits if no other request comes first; for a cost that never fits, until the window ends. */
  #wait({ base, delta, previous }: Count, cost: number, now: number): number {
    const length = this.window * 1000;
    const { limit, algorithm } = this.#options;
    const left = length - (now % length);
    if (algorithm === "fixed" || cost > limit) return Math.max(1, Math.ceil(left / 1000));
    const used = base + delta;
    // A window before counts as floor(count * part still in reach): it fits once that is less than room + 1.
    const after = (count: number, room: number) => (count > room ? length * (1 - (room + 1) / count) : 0);
    const room = limit - cost - used;
    const wait = room >= 0 ? after(previous, room) - (length - left) : left + after(used, limit - cost);
    // At the moment itself it does not fit yet.
    return (Math.floor(wait + 1e-6) + 1) / 1000;
  }

  #result(count: Count, allowed: boolean, source: RateLimitResult["source"], cost: number): RateLimitResult {
    const { limit } = this.#options;
    const { window } = this;
    const now = this.#now();
    const resetAt = (Math.floor(now / (window * 1000)) + 1) * window * 1000;
    const remaining = Math.max(0, limit - Math.ceil(this.#used(count, now)));
    const retryAfter = allowed ? 0 : this.#wait(count, cost, now);
    return { allowed, limit, remaining, resetAt, retryAfter, source };
  }

  async #name(id: string): Promise<string> {
    if (typeof id !== "string") throw new KvError("INVALID_KEY", "get", `an id must be a string, got ${typeof id}`);
    const short = utf8Length(id) > MAX_ID ? `~${await sha256(id)}` : escapePart(id);
    const { scope } = this.#options;
    return `${scope === undefined ? "" : `${escapePart(scope)}:`}${short}:${this.#rule}`;
  }

  #key(name: string, number: number): string {
    return this.#kv.key(`${name}:${number}`);
  }
}

function refuse(message: string): never {
  throw new KvError("INVALID_OPTION", "setup", message);
}
