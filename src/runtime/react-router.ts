import { remember } from "./isolate-state.js";
import type { KvLike } from "./kv-like.js";
import type { SessionOptions } from "./sessions/options.js";
import { SessionStore } from "./sessions/sessions.js";

/** A session's data, as React Router keeps it. */
export type SessionFields = Record<string, unknown>;

/** How {@link sessionStrategy} stores. */
export type SessionStrategyOptions = Omit<SessionOptions<SessionFields>, "schema" | "userId">;

/** The four functions that React Router's `createSessionStorage` needs beside a cookie. */
export interface SessionStrategy {
  createData(data: SessionFields, expires?: Date): Promise<string>;
  readData(id: string): Promise<SessionFields | null>;
  updateData(id: string, data: SessionFields, expires?: Date): Promise<void>;
  deleteData(id: string): Promise<void>;
}

/**
 * Sessions of React Router in a KV namespace: opaque 192-bit ids stored as hashes, a lifetime where the cookie has none,
 * and no read before the first write.
 *
 * @example
 * const storage = createSessionStorage({ cookie, ...sessionStrategy(env.SESSIONS) });
 */
export function sessionStrategy(kv: KvLike | undefined, options: SessionStrategyOptions = {}): SessionStrategy {
  const { now = Date.now } = options;
  const sessions = new SessionStore<SessionFields>(kv, options);
  /** Ids whose session was gone when it was read: React Router keeps the id and stores under it again. */
  const gone = new Map<string, true>();
  /** KV's shortest is 60 seconds. */
  const lifetime = (expires: Date | undefined) => ({
    ttl: expires === undefined ? sessions.ttl : Math.max(60, (expires.getTime() - now()) / 1000),
  });
  return {
    async createData(data, expires) {
      return (await sessions.create(data, lifetime(expires))).token;
    },
    async readData(id) {
      const session = await sessions.get(id);
      if (session === null) remember(gone, id, true, 1000);
      return session && session.data;
    },
    async updateData(id, data, expires) {
      // One that another request ended since it was read is not brought back.
      if (!gone.delete(id)) await sessions.update(id, () => data, lifetime(expires));
      else await sessions.create(data, { ...lifetime(expires), token: id });
    },
    deleteData: (id) => sessions.destroy(id),
  };
}
