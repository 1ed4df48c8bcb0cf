import type { AccountUsage, Action, DailyOperations } from "../../cloudflare/analytics-client.js";
import {
  FREE_PER_DAY,
  INCLUDED_BYTES,
  INCLUDED_PER_MONTH,
  OPERATIONS,
  type Operation,
  type Operations,
  type Plan,
  PRICES_DATE,
} from "../../kv/prices.js";
import type { QuotaUse } from "../estimate/cost.js";
import { perOperation } from "../estimate/use.js";
import { daysBetween } from "./days.js";
import { type Point, reaches, trendOf } from "./forecast.js";

/** Operations of a day. */
export interface DayOfUse extends Operations {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
}

/** What a namespace holds, about a day ago. */
export interface StoredUse {
  readonly keys: number;
  readonly bytes: number;
  /** The day that Cloudflare counted it. */
  readonly asOf: string;
}

/** Milliseconds that operations took in the last week. */
export interface LatencyUse {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface NamespaceUse {
  readonly namespaceId: string;
  readonly name: string;
  /** The stack that declares it; absent for a namespace that no stack does. */
  readonly stack?: string;
  readonly total: Operations;
  /** On an average day. */
  readonly perDay: Operations;
  readonly days: readonly DayOfUse[];
  /** How the second half of the days differs from the first, in percent; absent where the first had nothing. */
  readonly trend: Partial<Operations>;
  readonly latencyMs: Partial<Record<Operation, LatencyUse>>;
  /** Absent when Cloudflare has no row: it is not known, and not nothing. */
  readonly storage?: StoredUse;
}

/** A quota of the account, and the time in which it is used. */
export interface QuotaOfPlan extends QuotaUse {
  readonly period: "day" | "month" | "now";
  /** The day with the most use, for a quota of a day. */
  readonly day?: string;
  /** When a straight line through the days reaches it. */
  readonly reached?: string;
}

/** What an account uses of KV, as Cloudflare measured it. */
export interface AccountUse {
  readonly accountId: string;
  readonly from: string;
  readonly to: string;
  /** Cloudflare counts a sample, so the figures are estimates and no bill. */
  readonly sampled: true;
  readonly plan: Plan;
  readonly pricesOf: string;
  readonly quotas: readonly QuotaOfPlan[];
  readonly total: Operations;
  readonly days: readonly DayOfUse[];
  /** Of all namespaces; absent when nothing is known. */
  readonly storage?: StoredUse;
  readonly namespaces: readonly NamespaceUse[];
}

/** A namespace to show. */
export interface KnownNamespace {
  readonly namespaceId: string;
  readonly name: string;
  readonly stack?: string;
}

/** The days before today whose busiest one counts for a quota of a day. */
const RECENT_DAYS = 7;

/** Days that a quota of a month is compared with. */
const MONTH_DAYS = 30;

const OPERATION_OF: Readonly<Record<Action, Operation>> = {
  read: "reads",
  write: "writes",
  delete: "deletes",
  list: "lists",
};

/** Works out what an account uses from what Cloudflare measured. */
export function accountUse(
  accountId: string,
  usage: AccountUsage,
  known: readonly KnownNamespace[],
  plan: Plan,
): AccountUse {
  const dates = daysBetween(usage.from, usage.to);
  const days = daysOf(usage.total, dates);
  const storage = storedInAll(usage);
  return {
    accountId,
    from: usage.from,
    to: usage.to,
    sampled: true,
    plan,
    pricesOf: PRICES_DATE,
    quotas: [...(plan === "free" ? freeQuotas(days) : paidQuotas(days)), ...storageQuota(usage, storage)],
    total: totalOf(days),
    days,
    ...(storage === undefined ? {} : { storage }),
    namespaces: namespaceUses(usage, known, dates),
  };
}

/** The quotas that are used by more than this share. */
export function quotasOver({ quotas }: AccountUse, percent: number): QuotaOfPlan[] {
  return quotas.filter((quota) => quota.percent > percent);
}

function namespaceUses(
  usage: AccountUsage,
  known: readonly KnownNamespace[],
  dates: readonly string[],
): NamespaceUse[] {
  const [operations, latencies, storage] = [
    byNamespace(usage.namespaces),
    byNamespace(usage.latencies),
    byNamespace(usage.storage),
  ];
  return known.map((namespace) => {
    const { namespaceId: id } = namespace;
    // Without traffic there is no row, which is nothing, and not unknown.
    const days = daysOf(operations.get(id) ?? [], dates);
    const total = totalOf(days);
    const trends = OPERATIONS.flatMap((operation) => {
      const trend = trendOf(days.map((day) => day[operation]));
      return trend === undefined ? [] : [[operation, trend] as const];
    });
    const latest = latestOf(storage.get(id) ?? []);
    return {
      ...namespace,
      total,
      perDay: perOperation((operation) => total[operation] / Math.max(1, days.length)),
      days,
      trend: Object.fromEntries(trends),
      latencyMs: Object.fromEntries(
        (latencies.get(id) ?? []).map(({ action, p50, p90, p99 }) => [OPERATION_OF[action], { p50, p90, p99 }]),
      ),
      ...(latest === undefined
        ? {}
        : { storage: { keys: latest.keyCount, bytes: latest.byteCount, asOf: latest.date } }),
    };
  });
}

function daysOf(rows: readonly DailyOperations[], dates: readonly string[]): DayOfUse[] {
  const days = new Map(dates.map((date) => [date, { date, ...perOperation(() => 0) }]));
  for (const { date, action, requests } of rows) {
    const day = days.get(date);
    if (day !== undefined) day[OPERATION_OF[action]] += requests;
  }
  return [...days.values()];
}

function totalOf(days: readonly DayOfUse[]): Operations {
  return perOperation((operation) => days.reduce((sum, day) => sum + day[operation], 0));
}

function freeQuotas(days: readonly DayOfUse[]): QuotaOfPlan[] {
  return OPERATIONS.map((operation) => {
    const allowed = FREE_PER_DAY[operation];
    const recent = days.slice(-RECENT_DAYS);
    const busiest = recent.reduce<DayOfUse | undefined>(
      (most, day) => (day[operation] > (most?.[operation] ?? -1) ? day : most),
      undefined,
    );
    const used = busiest?.[operation] ?? 0;
    // Today is not over, so it is no point of a trend.
    const reached = reaches(pointsOf(days.slice(0, -1), operation), allowed);
    return {
      quota: operation,
      period: "day",
      allowed,
      used,
      percent: (used / allowed) * 100,
      ...(busiest !== undefined && used > 0 ? { day: busiest.date } : {}),
      ...(reached === undefined ? {} : { reached }),
    };
  });
}

function paidQuotas(days: readonly DayOfUse[]): QuotaOfPlan[] {
  const total = totalOf(days.slice(-MONTH_DAYS));
  return OPERATIONS.map((operation) => {
    const allowed = INCLUDED_PER_MONTH[operation];
    const reached = reaches(pointsOf(days.slice(0, -1), operation), allowed / MONTH_DAYS);
    return {
      quota: operation,
      period: "month",
      allowed,
      used: total[operation],
      percent: (total[operation] / allowed) * 100,
      ...(reached === undefined ? {} : { reached }),
    };
  });
}

function storageQuota(usage: AccountUsage, storage: StoredUse | undefined): QuotaOfPlan[] {
  if (storage === undefined) return [];
  const byDay = new Map<string, number>();
  for (const { date, byteCount } of usage.storage) byDay.set(date, (byDay.get(date) ?? 0) + byteCount);
  const points = [...byDay].map(([date, value]) => ({ date, value })).sort((a, b) => (a.date < b.date ? -1 : 1));
  const reached = reaches(points, INCLUDED_BYTES);
  return [
    {
      quota: "storage",
      period: "now",
      allowed: INCLUDED_BYTES,
      used: storage.bytes,
      percent: (storage.bytes / INCLUDED_BYTES) * 100,
      ...(reached === undefined ? {} : { reached }),
    },
  ];
}

/** The sum over namespaces of the latest figure of each: never over days. */
function storedInAll({ storage }: AccountUsage): StoredUse | undefined {
  const latest = [...byNamespace(storage).values()].flatMap((rows) => latestOf(rows) ?? []);
  if (latest.length === 0) return undefined;
  return {
    keys: latest.reduce((sum, { keyCount }) => sum + keyCount, 0),
    bytes: latest.reduce((sum, { byteCount }) => sum + byteCount, 0),
    asOf: latest.map(({ date }) => date).reduce((a, b) => (a > b ? a : b)),
  };
}

function latestOf<Row extends { readonly date: string }>(rows: readonly Row[]): Row | undefined {
  return rows.reduce<Row | undefined>(
    (last, row) => (last === undefined || row.date > last.date ? row : last),
    undefined,
  );
}

function byNamespace<Row extends { readonly namespaceId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const known = found.get(row.namespaceId);
    if (known === undefined) found.set(row.namespaceId, [row]);
    else known.push(row);
  }
  return found;
}

function pointsOf(days: readonly DayOfUse[], operation: Operation): Point[] {
  return days.map((day) => ({ date: day.date, value: day[operation] }));
}
