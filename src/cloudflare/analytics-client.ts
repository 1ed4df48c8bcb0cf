import * as KV_LIMITS from "../kv/limits.js";
import { isObject, type JsonObject } from "../values/json.js";
import { listOf, type ReadResult } from "./answers.js";
import type { Http } from "./http.js";

/** The kinds of operations, in the words of the analytics API. */
export const ACTIONS = ["read", "write", "delete", "list"] as const;

export type Action = (typeof ACTIONS)[number];

/** How many days Cloudflare keeps. */
export const DAYS_KEPT = 31;

/** Operations of one kind on one day. Cloudflare samples, so they are estimates. */
export interface DailyOperations {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly action: Action;
  readonly requests: number;
}

/** The same for one namespace. */
export interface NamespaceOperations extends DailyOperations {
  readonly namespaceId: string;
  /** Bytes of values that were read or written: not what is stored. */
  readonly objectBytes: number;
}

/** How long operations took, in milliseconds. */
export interface Latency {
  readonly namespaceId: string;
  readonly action: Action;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** What a namespace held on a day. */
export interface StoredOnDay {
  readonly date: string;
  readonly namespaceId: string;
  readonly keyCount: number;
  readonly byteCount: number;
}

/** What an account did with KV. A namespace without operations has no row. */
export interface AccountUsage {
  /** The first and the last day, today included. */
  readonly from: string;
  readonly to: string;
  /** Of the whole account, namespaces that were deleted meanwhile included. */
  readonly total: readonly DailyOperations[];
  readonly namespaces: readonly NamespaceOperations[];
  /** Of the last week. */
  readonly latencies: readonly Latency[];
  /** About a day old, of every namespace of the account. */
  readonly storage: readonly StoredOnDay[];
}

/** Days that one query may span on the Free plan. */
const PIECE = 7;

/** Rows that one node of a query may return. */
const MAX_ROWS = 10_000;

/** Namespaces of which one node can return a piece's days and kinds of operations. */
const CHUNK = Math.floor(MAX_ROWS / (PIECE * ACTIONS.length));

/** Chunks that one request asks for, so that a query stays small. */
const CHUNKS_AT_ONCE = 3;

const DAY_MS = 86_400_000;

/**
 * Cloudflare's analytics of KV: one request for up to 357 namespaces, whatever the number of days. Needs a token with
 * 'Account Analytics: Read'.
 *
 * @see https://developers.cloudflare.com/kv/observability/metrics-analytics/
 */
export class AnalyticsClient {
  constructor(
    private readonly http: Http,
    private readonly accountId: string,
  ) {}

  /**
   * What the account did with KV.
   *
   * @param namespaceIds - the namespaces to ask about one by one
   * @param days - 1 to 31, today included
   */
  async usage(namespaceIds: readonly string[], days: number, now: Date = new Date()): Promise<AccountUsage> {
    const pieces = piecesOf(days, now);
    const chunks = chunksOf(namespaceIds);
    const [first = [], ...others] = grouped(chunks);
    const account = [...accountNodes(pieces), ...first.flatMap((_, at) => namespaceNodes(pieces, at))];
    const answers = [
      await this.ask(account, first),
      ...(await Promise.all(
        others.map((ids) =>
          this.ask(
            ids.flatMap((_, at) => namespaceNodes(pieces, at)),
            ids,
          ),
        ),
      )),
    ];
    const rows = <Row>(prefix: string, read: ReadResult<Row>): Row[] =>
      answers.flatMap((answer) =>
        Object.entries(answer).flatMap(([alias, groups]) =>
          alias.startsWith(prefix) ? this.readRows(groups, read) : [],
        ),
      );
    return {
      from: pieces[0]?.from ?? "",
      to: pieces.at(-1)?.to ?? "",
      total: rows("total", dailyOperations),
      namespaces: rows("namespaces", namespaceOperations),
      latencies: rows("latencies", latency),
      storage: rows("storage", storedOnDay),
    };
  }

  private readRows<Row>(groups: unknown, read: ReadResult<Row>): readonly Row[] {
    const rows = listOf(read)(groups);
    if (rows === undefined) throw this.http.unreadable("read analytics", "rows of an unknown form");
    return rows;
  }

  private async ask(nodes: readonly string[], ids: readonly (readonly string[])[]): Promise<JsonObject> {
    const declared = ids.map((_, at) => `, $ids${at}: [string!]`).join("");
    const query =
      `query ($account: string!${declared}) { viewer { accounts(filter: { accountTag: $account }) { ` +
      `${nodes.join(" ")} } } }`;
    const variables = {
      account: this.accountId,
      ...Object.fromEntries(ids.map((chunk, at) => [`ids${at}`, chunk])),
    };
    return this.http.query({ query, variables }, (data) => {
      const viewer = isObject(data) ? data["viewer"] : undefined;
      const accounts: unknown = isObject(viewer) ? viewer["accounts"] : undefined;
      if (!Array.isArray(accounts)) return undefined;
      const [account] = accounts as unknown[];
      // An account that the token cannot see is not an error there, but an empty list.
      if (account === undefined) return "invisible";
      return isObject(account) ? account : undefined;
    });
  }
}

interface Piece {
  readonly from: string;
  readonly to: string;
}

/** Days in pieces that the Free plan may ask for. */
function piecesOf(days: number, now: Date): Piece[] {
  const wanted = Math.max(1, Math.min(DAYS_KEPT, Math.floor(days)));
  const dayBefore = (count: number): string => new Date(now.getTime() - count * DAY_MS).toISOString().slice(0, 10);
  const pieces: Piece[] = [];
  for (let left = wanted; left > 0; left -= PIECE) {
    pieces.push({ from: dayBefore(left - 1), to: dayBefore(Math.max(0, left - PIECE)) });
  }
  return pieces;
}

function accountNodes(pieces: readonly Piece[]): string[] {
  const last = pieces.at(-1);
  return [
    ...pieces.map((piece, at) =>
      operations(`total${at}`, between(piece), "dimensions { date actionType } sum { requests }"),
    ),
    ...pieces.map(
      (piece, at) =>
        `storage${at}: kvStorageAdaptiveGroups(filter: { ${between(piece)} }, limit: ${MAX_ROWS}, ` +
        `orderBy: [date_DESC]) { dimensions { date namespaceId } max { keyCount byteCount } }`,
    ),
    ...(last === undefined
      ? []
      : [
          operations(
            "latencies",
            between(last),
            "dimensions { namespaceId actionType } quantiles { latencyMsP50 latencyMsP90 latencyMsP99 }",
            "namespaceId_ASC",
          ),
        ]),
  ];
}

function namespaceNodes(pieces: readonly Piece[], chunk: number): string[] {
  return pieces.map((piece, at) =>
    operations(
      `namespaces${chunk}x${at}`,
      `${between(piece)}, namespaceId_in: $ids${chunk}`,
      "dimensions { date namespaceId actionType } sum { requests objectBytes }",
    ),
  );
}

function operations(alias: string, filter: string, fields: string, order = "date_ASC"): string {
  return (
    `${alias}: kvOperationsAdaptiveGroups(filter: { ${filter} }, limit: ${MAX_ROWS}, ` +
    `orderBy: [${order}]) { ${fields} }`
  );
}

function between({ from, to }: Piece): string {
  return `date_geq: "${from}", date_leq: "${to}"`;
}

function chunksOf(ids: readonly string[]): string[][] {
  const all = ids.slice(0, KV_LIMITS.maxNamespaces);
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, at) => all.slice(at * CHUNK, (at + 1) * CHUNK));
}

/** The first request also asks about the account. */
function grouped(chunks: readonly string[][]): string[][][] {
  const groups: string[][][] = [chunks.slice(0, 1)];
  for (let at = 1; at < chunks.length; at += CHUNKS_AT_ONCE) groups.push(chunks.slice(at, at + CHUNKS_AT_ONCE));
  return groups;
}

function parts(group: unknown): { dimensions: JsonObject; sum: JsonObject; max: JsonObject; quantiles: JsonObject } {
  const part = (name: string): JsonObject => {
    const value = isObject(group) ? group[name] : undefined;
    return isObject(value) ? value : {};
  };
  return { dimensions: part("dimensions"), sum: part("sum"), max: part("max"), quantiles: part("quantiles") };
}

function dailyOperations(group: unknown): DailyOperations | undefined {
  const { dimensions, sum } = parts(group);
  const { date, actionType: action } = dimensions;
  const { requests } = sum;
  return typeof date === "string" && isAction(action) && isAmount(requests) ? { date, action, requests } : undefined;
}

function namespaceOperations(group: unknown): NamespaceOperations | undefined {
  const daily = dailyOperations(group);
  const { dimensions, sum } = parts(group);
  const { namespaceId } = dimensions;
  const { objectBytes } = sum;
  if (daily === undefined || typeof namespaceId !== "string" || !isAmount(objectBytes)) return undefined;
  return { ...daily, namespaceId, objectBytes };
}

function latency(group: unknown): Latency | undefined {
  const { dimensions, quantiles } = parts(group);
  const { namespaceId, actionType: action } = dimensions;
  const { latencyMsP50: p50, latencyMsP90: p90, latencyMsP99: p99 } = quantiles;
  if (typeof namespaceId !== "string" || !isAction(action)) return undefined;
  return isAmount(p50) && isAmount(p90) && isAmount(p99) ? { namespaceId, action, p50, p90, p99 } : undefined;
}

function storedOnDay(group: unknown): StoredOnDay | undefined {
  const { dimensions, max } = parts(group);
  const { date, namespaceId } = dimensions;
  const { keyCount, byteCount } = max;
  if (typeof date !== "string" || typeof namespaceId !== "string") return undefined;
  return isAmount(keyCount) && isAmount(byteCount) ? { date, namespaceId, keyCount, byteCount } : undefined;
}

function isAction(value: unknown): value is Action {
  return ACTIONS.some((action) => action === value);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
