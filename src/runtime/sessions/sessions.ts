// Long, as one class: each method reads, renews or ends a session under the same rules, which its private fields hold.
import * as KV_LIMITS from "../../kv/limits.js";
import { runLater } from "../background.js";
import { CheckedKv } from "../checked-kv.js";
import { bindingOf, withTtl } from "../env.js";
import { KvError, toKvError } from "../errors.js";
import { isolateState, remember } from "../isolate-state.js";
import { encodeJson, ownCopy } from "../json.js";
import { base64url, sha256 } from "../keys.js";
import type { KvBindingName, KvLike } from "../kv-like.js";
import type { WaitUntil } from "../options.js";
import { pool } from "../pool.js";
import { report } from "../report.js";
import { between, checkedTtl, expirationOf } from "../ttl.js";
import type { SessionOptions } from "./options.js";
import {
  conformSession,
  parseSession,
  type Session,
  type SessionInfo,
  type SessionMetadata,
  type StoredSession,
} from "./session.js";

/** What a token can look like. Anything else never reaches KV. */
const TOKEN = /^[\w-]{16,128}$/;

const DAY = 86_400;

/** A session as it was just read. */
interface Found<D> {
  session: Session<D>;
  /** As it is stored: a renewal must not send the data through the schema a second time. */
  stored: StoredSession;
  metadata: SessionMetadata;
  /** Whether the location's cache answered: the session may have changed or ended elsewhere since. */
  cached: boolean;
}

/**
 * Sessions in KV, under the hash of an opaque token.
 *
 * A destroyed session may be seen in other locations for `cacheTtl`. Renewals and changes made there in the meantime do not
 * bring it back, and do not undo a change that this location has not seen yet: they ask KV's list first.
 * When KV cannot be read, every method throws: an outage does not log users out.
 */
export class SessionStore<D = Record<string, unknown>> {
  /** The sessions in a binding, with the TTL of the namespace's construct. */
  static fromEnv<D = Record<string, unknown>, Env extends object = object>(
    env: Env,
    binding: KvBindingName<Env>,
    options?: SessionOptions<D>,
  ): SessionStore<D> {
    const { kv, defaults } = bindingOf(env, binding);
    return new SessionStore<D>(kv, withTtl(options, defaults));
  }

  /** Seconds a new session lasts. */
  readonly ttl: number;
  readonly #options: SessionOptions<D>;
  readonly #kv: CheckedKv;
  readonly #absoluteTtl: number;
  readonly #refreshAfter: number;
  readonly #tokenBytes: number;
  readonly #now: () => number;
  /** Keys this isolate deleted: a change that began before must not bring them back. */
  readonly #ended: Map<string, true>;

  constructor(kv: KvLike | undefined, options: SessionOptions<D> = {}) {
    this.#options = options;
    const { prefix = "session", ttl = DAY, absoluteTtl = 30 * DAY, cacheTtl = 30, tokenBytes = 24, now } = options;
    this.#kv = new CheckedKv(kv, prefix, { ...options, cacheTtl, secret: options.hashTokens === false });
    this.ttl = lifetime(ttl);
    this.#absoluteTtl = absoluteTtl === null ? Infinity : lifetime(absoluteTtl, "absoluteTtl");
    this.#refreshAfter = checkedTtl(options.refreshAfter ?? KV_LIMITS.maxExpirationTtl, "refreshAfter");
    this.#tokenBytes = between("tokenBytes", tokenBytes, 16, 64);
    this.#now = now ?? Date.now;
    this.#ended = isolateState(this.#kv.kv, `sessions ${this.#kv.prefix}`, () => new Map<string, true>());
  }

  /**
   * Begins a session. One write. Give the token to the user's cookie and to nothing else. `replaces` is the token of
   * a session that ends with this: one delete more. `token` is for frameworks that keep the token of an expired session.
   */
  async create(
    data: D,
    { ttl = this.ttl, replaces, token }: { ttl?: number; replaces?: string | null; token?: string } = {},
  ): Promise<{ token: string; session: Session<D> }> {
    lifetime(ttl);
    const now = this.#now();
    const expiresAt = now + Math.min(ttl, this.#absoluteTtl) * 1000;
    return this.#begin({ data: ownCopy(data), createdAt: now, expiresAt, renewedAt: now }, replaces, token);
  }

  /** The session of a token; null when it is malformed, unknown, expired or unreadable. One read. */
  async get(token: string | null | undefined): Promise<Session<D> | null> {
    const key = await this.#key(token);
    return key === null ? null : this.#get(key);
  }

  /** The session with an id, for administrators. One read. */
  async getById(id: string): Promise<Session<D> | null> {
    return TOKEN.test(id) ? this.#get(this.#kv.key(id)) : null;
  }

  /** Ends the session with an id, for administrators. One delete. */
  async destroyById(id: string): Promise<void> {
    if (TOKEN.test(id)) await this.#end(this.#kv.key(id));
  }

  /** A user's sessions. One list for each thousand sessions in the namespace, whoever they belong to. */
  async listOf(userId: string): Promise<SessionInfo[]> {
    if (this.#options.userId === undefined) {
      throw new KvError("INVALID_OPTION", "list", "sessions have no user: pass the option userId");
    }
    // Without an id, all sessions without a user would match.
    if (typeof userId !== "string") {
      throw new KvError("INVALID_KEY", "list", `a user's id must be a string, got ${typeof userId}`);
    }
    const found: SessionInfo[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#kv.list("", KV_LIMITS.maxListKeys, cursor);
      for (const { name, expiration = Infinity, metadata } of page.keys) {
        const { u, c = 0 } = (metadata ?? {}) as SessionMetadata;
        if (u === userId) found.push({ id: this.#id(name), createdAt: c, expiresAt: expiration * 1000 });
      }
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  /**
   * Ends all sessions of a user, but the one of the token `except`, and returns how many. Costs what `listOf` does and
   * a delete each. Throws when some could not be ended, after it has tried all: call it again.
   */
  async destroyAll(userId: string, { except }: { except?: string | null } = {}): Promise<number> {
    const kept = await this.#key(except);
    const keys = (await this.listOf(userId)).map(({ id }) => this.#kv.key(id)).filter((key) => key !== kept);
    let failure: unknown;
    await pool(keys, 6, (key) => this.#end(key).catch((cause: unknown) => void (failure = cause)));
    if (failure !== undefined) throw toKvError("delete", undefined, failure);
    return keys.length;
  }

  /** Extends a session, unless `refreshAfter` has not passed. One read, at most one write. */
  refresh(token: string, { force = false }: { force?: boolean } = {}): Promise<Session<D> | null> {
    return this.#renew(token, force);
  }

  /**
   * Changes a session's data; its end stays, unless `ttl` renews it for so many seconds. One read, one write. Of two changes at the same moment the last wins.
   * Throws `UNAVAILABLE` while this location does not see an earlier change made elsewhere.
   */
  async update(
    token: string,
    patch: Partial<D> | ((data: D) => D),
    options: { ttl?: number } = {},
  ): Promise<Session<D> | null> {
    const own = ownCopy(patch);
    const key = await this.#key(token);
    return key === null ? null : this.#update(key, own, options);
  }

  /** Changes the data of the session with an id, for administrators: the next request with its token has it. As `update`. */
  async updateById(
    id: string,
    patch: Partial<D> | ((data: D) => D),
    options: { ttl?: number } = {},
  ): Promise<Session<D> | null> {
    return TOKEN.test(id) ? this.#update(this.#kv.key(id), ownCopy(patch), options) : null;
  }

  /** Gives a session a new token: at every login and change of rights. One read, one write, one delete. */
  async rotate(token: string): Promise<{ token: string; session: Session<D> } | null> {
    const key = await this.#key(token);
    const found = key && (await this.#find(key));
    if (!key || !found || !(await this.#isCurrent(key, found, true))) return null;
    return this.#begin(this.#renewed(found.stored), token);
  }

  /** Ends a session. One delete. */
  async destroy(token: string): Promise<void> {
    const key = await this.#key(token);
    if (key !== null) await this.#end(key);
  }

  /**
   * Extends a session that is in use, after the response. Nothing when `refreshAfter` has not passed, else one read
   * and one write. The data is read again: what the request changed in the meantime stays changed.
   */
  touch(session: Session<D>, token: string, waitUntil: WaitUntil | undefined = this.#options.waitUntil): void {
    if (waitUntil === undefined) {
      throw new KvError("INVALID_OPTION", "setup", "touch needs waitUntil: pass it, or await refresh() instead");
    }
    if (!this.isDue(session)) return;
    void runLater({ ...this.#options, waitUntil }, async () => {
      await this.#renew(token, false);
    });
  }

  /** Whether {@link touch} would renew: half of the session's lifetime or `refreshAfter` has passed, and its end would move. */
  isDue(session: Session<D>): boolean {
    const { renewedAt, expiresAt } = session;
    const after = Math.min(this.#refreshAfter * 1000, (expiresAt - renewedAt) / 2);
    return this.#now() - renewedAt >= after && this.#renewed(session).expiresAt > expiresAt;
  }

  /** The user of a session, as `listOf` and `destroyAll` know it. */
  userIdOf({ data }: Session<D>): string | undefined {
    return this.#options.userId?.(data);
  }

  async #update(
    key: string,
    patch: Partial<D> | ((data: D) => D),
    { ttl }: { ttl?: number },
  ): Promise<Session<D> | null> {
    const found = await this.#find(key);
    if (!found || !(await this.#isCurrent(key, found, true))) return null;
    const { session, stored, metadata } = found;
    const data = typeof patch === "function" ? patch(session.data) : { ...(stored.data as D), ...patch };
    // Two changes within a millisecond differ too.
    const v = Math.max(this.#now(), (metadata.v ?? 0) + 1);
    const renewed = ttl === undefined ? stored : this.#renewed(stored, lifetime(ttl));
    return this.#write(key, { ...renewed, data }, v);
  }

  async #renew(token: string, force: boolean): Promise<Session<D> | null> {
    const key = await this.#key(token);
    const found = key && (await this.#find(key));
    if (!key || !found) return null;
    const { session, stored, metadata } = found;
    if (!force && !this.isDue(session)) return session;
    const current = await this.#isCurrent(key, found, false);
    return current === null ? session : current ? this.#write(key, this.#renewed(stored), metadata.v) : null;
  }

  /**
   * Whether the session is still as it was read; false when it has ended. When its data has changed since, null, or
   * an error for those who cannot do without. No location caches lists, so what its own cache answered is checked there.
   */
  async #isCurrent(key: string, { metadata, cached }: Found<D>, must: boolean): Promise<boolean | null> {
    if (!cached) return true;
    const [info] = (await this.#kv.list(this.#id(key), 1, undefined)).keys;
    if (info?.name !== key) return false;
    if (((info.metadata as SessionMetadata | undefined)?.v ?? 0) <= (metadata.v ?? 0)) return true;
    if (!must) return null;
    const message = "put failed: another location changed the session and this one does not see it yet, try again";
    throw new KvError("UNAVAILABLE", "put", message, { retryable: true });
  }

  #renewed(session: StoredSession, ttl = (session.expiresAt - session.renewedAt) / 1000): StoredSession {
    const renewedAt = this.#now();
    const expiresAt = Math.min(renewedAt + ttl * 1000, session.createdAt + this.#absoluteTtl * 1000);
    return { ...session, renewedAt, expiresAt };
  }

  async #begin(
    session: StoredSession,
    replaces: string | null | undefined,
    token = base64url(crypto.getRandomValues(new Uint8Array(this.#tokenBytes))),
  ): Promise<{ token: string; session: Session<D> }> {
    const key = await this.#key(token);
    if (key === null) throw new KvError("INVALID_KEY", "put", "a token must be 16 to 128 letters, digits, - or _");
    this.#ended.delete(key);
    const begun = (await this.#write(key, session, undefined)) as Session<D>;
    const old = await this.#key(replaces);
    if (old !== null && old !== key) {
      try {
        await this.#end(old);
      } catch (cause) {
        // The new session counts: without its token the user would be out.
        report(this.#options, toKvError("delete", undefined, cause));
      }
    }
    return { token, session: begun };
  }

  /** Stores a session and returns what reading it gives; null when this isolate ended it in the meantime. */
  async #write(key: string, session: StoredSession, v: number | undefined): Promise<Session<D> | null> {
    const { schema, userId } = this.#options;
    const { data, createdAt, expiresAt, renewedAt } = session;
    const text = encodeJson({ data, createdAt, expiresAt, renewedAt });
    let stored: Session<D>;
    try {
      stored = await conformSession(this.#id(key), parseSession(text), schema);
    } catch {
      throw new KvError("INVALID_VALUE", "put", "the session's data does not match its schema");
    }
    const metadata = {
      ...(userId && { u: userId(stored.data), c: createdAt }),
      ...(v !== undefined && { v }),
    };
    if (this.#ended.has(key)) return null;
    await this.#kv.put(key, text, {
      ...expirationOf((expiresAt - this.#now()) / 1000),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    });
    return stored;
  }

  async #end(key: string): Promise<void> {
    remember(this.#ended, key, true, 1000);
    await this.#kv.delete(key);
  }

  async #get(key: string): Promise<Session<D> | null> {
    const found = await this.#find(key);
    return found && found.session;
  }

  async #find(key: string): Promise<Found<D> | null> {
    const { value, metadata, cacheStatus } = await this.#kv.read(key);
    if (value === null) return null;
    try {
      const stored = parseSession(value);
      if (this.#now() >= stored.expiresAt) return null;
      const session = await conformSession(this.#id(key), stored, this.#options.schema);
      return { session, stored, metadata: metadata ?? {}, cached: cacheStatus === "HIT" };
    } catch {
      // Without its cause: the messages of JSON.parse and of schemas quote the value.
      report(this.#options, new KvError("CORRUPT_VALUE", "get", "the stored session cannot be read"));
      return null;
    }
  }

  #idOf(token: string): string | Promise<string> {
    return this.#options.hashTokens === false ? token : sha256(token);
  }

  /** A token's key; null for what cannot be a token. */
  async #key(token: string | null | undefined): Promise<string | null> {
    return typeof token === "string" && TOKEN.test(token) ? this.#kv.key(await this.#idOf(token)) : null;
  }

  #id(key: string): string {
    return key.slice(this.#kv.prefix.length);
  }
}

function lifetime(seconds: number, name = "ttl"): number {
  return checkedTtl(seconds, name, KV_LIMITS.minExpirationTtl);
}
