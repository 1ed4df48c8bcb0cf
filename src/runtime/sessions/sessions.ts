import * as KV_LIMITS from "../../kv/limits.js";
import { CheckedKv } from "../checked-kv.js";
import { runLater } from "../background.js";
import type { RuntimeOptions, WaitUntil } from "../options.js";
import { report } from "../report.js";
import { bindingOf, withTtl } from "../env.js";
import { KvError } from "../errors.js";
import { base64url, sha256 } from "../keys.js";
import type { KvLike } from "../kv-like.js";
import { conform, type StandardSchemaV1 } from "../schema.js";
import { checkedTtl, expirationOf } from "../ttl.js";

/** A session as it is stored. Times are milliseconds since 1970. */
export interface Session<D> {
  /** What the session is stored under: a hash of its token, safe to log. */
  readonly id: string;
  readonly data: D;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly renewedAt: number;
}

/** How sessions live. Times are in seconds. */
export interface SessionOptions<D> extends RuntimeOptions {
  /** Stands before every id. @default "session" */
  prefix?: string;
  /** A session ends when it was not renewed for so long; at least 60. @default 86400 - one day */
  ttl?: number;
  /** A session ends so long after its beginning, renewed or not; null: never. @default 2592000 - 30 days */
  absoluteTtl?: number | null;
  /** A session is renewed no more often than this: each time is a write. @default - half of `ttl` */
  refreshAfter?: number;
  /** Random bytes in a token, 16 to 64. @default 24 */
  tokenBytes?: number;
  /** Stores sessions under a hash, so that nobody who lists keys can take one over. @default true */
  hashTokens?: boolean;
  /** What the data must look like; a session with other data does not exist. @default - anything */
  schema?: StandardSchemaV1<D>;
  /** How long another location may still see a destroyed session; at least 30. @default 30 */
  cacheTtl?: number;
}

/** What a token can look like. Anything else never reaches KV. */
const TOKEN = /^[\w-]{16,128}$/;

const DAY = 86_400;

/**
 * Sessions in KV, under the hash of an opaque token.
 *
 * Destroyed, a session may be seen in other locations for `cacheTtl` longer, and a renewal that races with it may
 * bring it back until `absoluteTtl`: check what matters most, such as payments, in D1 or a Durable Object.
 * When KV cannot be read, every method throws: nobody is logged out by an outage.
 */
export class SessionStore<D = Record<string, unknown>> {
  /** The sessions in a binding, with the TTL that the namespace's construct names. */
  static fromEnv<D = Record<string, unknown>>(
    env: object,
    binding: string,
    options?: SessionOptions<D>,
  ): SessionStore<D> {
    const { kv, defaults } = bindingOf(env, binding);
    return new SessionStore<D>(kv, withTtl(options, defaults));
  }

  /** Seconds a new session lives. */
  readonly ttl: number;
  readonly #options: SessionOptions<D>;
  readonly #kv: CheckedKv;
  readonly #absoluteTtl: number;
  readonly #refreshAfter: number;
  readonly #tokenBytes: number;
  readonly #now: () => number;

  constructor(kv: KvLike | undefined, options: SessionOptions<D> = {}) {
    this.#options = options;
    const { prefix = "session", ttl = DAY, absoluteTtl = 30 * DAY, cacheTtl = 30, tokenBytes = 24, now } = options;
    this.#kv = new CheckedKv(kv, prefix, { ...options, cacheTtl, secret: options.hashTokens === false });
    this.ttl = lifetime("ttl", ttl);
    this.#absoluteTtl = absoluteTtl === null ? Infinity : lifetime("absoluteTtl", absoluteTtl);
    this.#refreshAfter = checkedTtl(options.refreshAfter ?? ttl / 2, "refreshAfter");
    if (!(tokenBytes >= 16 && tokenBytes <= 64)) {
      throw new KvError("INVALID_OPTION", "setup", `tokenBytes must be 16 to 64, got ${tokenBytes}`);
    }
    this.#tokenBytes = tokenBytes;
    this.#now = now ?? Date.now;
  }

  /** Begins a session. One write. The token is for the user's cookie alone. */
  async create(data: D, { ttl = this.ttl }: { ttl?: number } = {}): Promise<{ token: string; session: Session<D> }> {
    lifetime("ttl", ttl);
    const now = this.#now();
    const expiresAt = now + Math.min(ttl, this.#absoluteTtl) * 1000;
    return this.#begin({ data, createdAt: now, expiresAt, renewedAt: now });
  }

  /** The session of a token; null when it is malformed, unknown, expired or unreadable. One read. */
  async get(token: string | null | undefined): Promise<Session<D> | null> {
    return token == null || !TOKEN.test(token) ? null : this.#read(await this.#key(token));
  }

  /** The session with an id, for administrators. One read. */
  async getById(id: string): Promise<Session<D> | null> {
    return TOKEN.test(id) ? this.#read(this.#kv.key(id)) : null;
  }

  /** Ends the session with an id, for administrators. One delete. */
  async destroyById(id: string): Promise<void> {
    if (TOKEN.test(id)) await this.#kv.delete(this.#kv.key(id));
  }

  async #read(key: string): Promise<Session<D> | null> {
    const { value } = await this.#kv.read(key);
    if (value === null) return null;
    const session = await this.#decode(key, value);
    return session !== null && this.#now() < session.expiresAt ? session : null;
  }

  /** Extends a session, unless that was done less than `refreshAfter` ago. One read, at most one write. */
  async refresh(token: string, { force = false }: { force?: boolean } = {}): Promise<Session<D> | null> {
    const session = await this.get(token);
    if (session === null || !(force || this.isDue(session))) return session;
    return this.#write(token, this.#renewed(session));
  }

  /** Changes a session's data; its end stays. One read, one write. Of two concurrent changes the last wins. */
  async update(token: string, patch: Partial<D> | ((data: D) => D)): Promise<Session<D> | null> {
    const session = await this.get(token);
    if (session === null) return null;
    const data = typeof patch === "function" ? patch(session.data) : { ...session.data, ...patch };
    return this.#write(token, { ...session, data });
  }

  /** Gives a session a new token, at every login and change of rights. One read, one write, one delete. */
  async rotate(token: string): Promise<{ token: string; session: Session<D> } | null> {
    const session = await this.get(token);
    if (session === null) return null;
    const next = await this.#begin(this.#renewed(session));
    await this.destroy(token);
    return next;
  }

  /** Ends a session. One delete. */
  async destroy(token: string): Promise<void> {
    if (TOKEN.test(token)) await this.#kv.delete(await this.#key(token));
  }

  /** Extends a session that is in use, after the response. Nothing when `refreshAfter` has not passed, else one write. */
  touch(session: Session<D>, token: string, waitUntil: WaitUntil | undefined = this.#options.waitUntil): void {
    if (waitUntil === undefined) {
      throw new KvError("INVALID_OPTION", "setup", "touch needs waitUntil: pass it, or await refresh() instead");
    }
    if (!this.isDue(session)) return;
    void runLater({ ...this.#options, waitUntil }, async () => {
      await this.#write(token, this.#renewed(session));
    });
  }

  /** Whether {@link touch} would write. */
  isDue({ renewedAt }: Session<D>): boolean {
    return this.#now() - renewedAt >= this.#refreshAfter * 1000;
  }

  #renewed(session: Session<D>): Session<D> {
    const renewedAt = this.#now();
    const lifetime = session.expiresAt - session.renewedAt;
    const expiresAt = Math.min(renewedAt + lifetime, session.createdAt + this.#absoluteTtl * 1000);
    return { ...session, renewedAt, expiresAt };
  }

  async #begin(session: Omit<Session<D>, "id">): Promise<{ token: string; session: Session<D> }> {
    const token = base64url(crypto.getRandomValues(new Uint8Array(this.#tokenBytes)));
    return { token, session: await this.#write(token, session) };
  }

  async #write(token: string, session: Omit<Session<D>, "id">): Promise<Session<D>> {
    const key = await this.#key(token);
    const { data, createdAt, expiresAt, renewedAt } = session;
    const text = JSON.stringify({ data, createdAt, expiresAt, renewedAt });
    await this.#kv.put(key, text, expirationOf((expiresAt - this.#now()) / 1000));
    return { ...session, id: key.slice(this.#kv.prefix.length) };
  }

  async #key(token: string): Promise<string> {
    return this.#kv.key(this.#options.hashTokens === false ? token : await sha256(token));
  }

  /** Also reads sessions whose fields stand beside their times, written as milliseconds or as ISO dates. */
  async #decode(key: string, value: string): Promise<Session<D> | null> {
    try {
      const { createdAt, expiresAt, renewedAt, ...rest } = JSON.parse(value) as Record<string, unknown>;
      const data = await conform("data" in rest ? rest.data : rest, this.#options.schema);
      const created = milliseconds(createdAt);
      return {
        id: key.slice(this.#kv.prefix.length),
        data,
        createdAt: created,
        expiresAt: milliseconds(expiresAt),
        renewedAt: renewedAt === undefined ? created : milliseconds(renewedAt),
      };
    } catch {
      const error = new KvError("CORRUPT_VALUE", "get", "the stored session cannot be read");
      report(this.#options, error);
      return null;
    }
  }
}

function milliseconds(time: unknown): number {
  const value = typeof time === "string" ? Date.parse(time) : time;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError("not a time");
}

function lifetime(name: string, seconds: number): number {
  if (checkedTtl(seconds, name) >= KV_LIMITS.minExpirationTtl) return seconds;
  throw new KvError("INVALID_TTL", "setup", `${name} must be at least 60 seconds, got ${seconds}`);
}
