import { conform, type StandardSchemaV1 } from "../schema.js";

/** A session as it is stored. Times are milliseconds since 1970. */
export interface Session<D> {
  /** What the session is stored under: a hash of its token, safe to log. */
  readonly id: string;
  readonly data: D;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly renewedAt: number;
}

/** A session in a list. Times are milliseconds since 1970. */
export interface SessionInfo {
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What is stored beside a session, where lists show it. */
export interface SessionMetadata {
  /** The user's id. */
  u?: string;
  /** When the session began. */
  c?: number;
  /** When its data last changed, for sessions whose data did. */
  v?: number;
}

/** A session before the schema has made something of its data. */
export type StoredSession = Omit<Session<unknown>, "id">;

/** Parses a stored session; also one whose fields stand beside its times, as milliseconds or ISO dates. */
export function parseSession(text: string): StoredSession {
  const { createdAt, expiresAt, renewedAt, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const created = milliseconds(createdAt);
  return {
    data: "data" in rest ? rest.data : rest,
    createdAt: created,
    expiresAt: milliseconds(expiresAt),
    renewedAt: renewedAt === undefined ? created : milliseconds(renewedAt),
  };
}

/** What callers get of a stored session. */
export async function conformSession<D>(
  id: string,
  stored: StoredSession,
  schema: StandardSchemaV1<D> | undefined,
): Promise<Session<D>> {
  return { ...stored, id, data: await conform(stored.data, schema) };
}

function milliseconds(time: unknown): number {
  const value = typeof time === "string" ? Date.parse(time) : time;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TypeError("not a time");
}
