import type { UsageCount } from "../../../engine/usage-count.js";
import { dayOf, type StorageSnapshot } from "../../../engine/usage-book.js";

/** A figure with everything it can be grouped and filtered by. */
export interface Row {
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface OperationRow extends Row {
  readonly requests: number;
  readonly objectBytes: number;
  readonly latencies: Readonly<Record<string, number>>;
}

export interface StorageRow extends Row {
  readonly keyCount: number;
  readonly byteCount: number;
}

export function operationRow({ namespace, action, hour, requests, bytes, latencies }: UsageCount): OperationRow {
  const moment = new Date(hour);
  const datetimeHour = timeText(moment);
  const dimensions = {
    date: dayOf(moment),
    datetime: datetimeHour,
    datetimeHour,
    namespaceId: namespace,
    actionType: action,
  };
  return { dimensions, requests, objectBytes: bytes, latencies };
}

export function storageRow({ date, namespace, keyCount, byteCount }: StorageSnapshot): StorageRow {
  return { dimensions: { date, datetime: `${date}T00:00:00Z`, namespaceId: namespace }, keyCount, byteCount };
}

/** Operations that have the same dimensions, added up. */
export function operationGroup(rows: readonly OperationRow[], dimensions: Row["dimensions"]): object {
  const latencies = new Map<number, number>();
  for (const row of rows) {
    for (const [ms, times] of Object.entries(row.latencies)) {
      latencies.set(Number(ms), (latencies.get(Number(ms)) ?? 0) + times);
    }
  }
  const requests = total(rows.map((row) => row.requests));
  return {
    count: requests,
    dimensions,
    sum: { requests, objectBytes: total(rows.map((row) => row.objectBytes)) },
    quantiles: {
      latencyMsP25: quantile(latencies, 0.25),
      latencyMsP50: quantile(latencies, 0.5),
      latencyMsP75: quantile(latencies, 0.75),
      latencyMsP90: quantile(latencies, 0.9),
      latencyMsP99: quantile(latencies, 0.99),
      latencyMsP999: quantile(latencies, 0.999),
    },
  };
}

/** Snapshots that have the same dimensions: the largest of each figure. */
export function storageGroup(rows: readonly StorageRow[], dimensions: Row["dimensions"]): object {
  return {
    dimensions,
    max: {
      keyCount: Math.max(...rows.map((row) => row.keyCount)),
      byteCount: Math.max(...rows.map((row) => row.byteCount)),
    },
  };
}

/** Groups rows by the dimensions that a query asks for. */
export function grouped<R extends Row>(
  rows: readonly R[],
  names: readonly string[],
  group: (rows: readonly R[], dimensions: Row["dimensions"]) => object,
): object[] {
  const groups = new Map<string, { readonly dimensions: Record<string, string>; readonly rows: R[] }>();
  for (const row of rows) {
    const dimensions = Object.fromEntries(names.map((name) => [name, row.dimensions[name] ?? ""]));
    const key = JSON.stringify(dimensions);
    const known = groups.get(key) ?? { dimensions, rows: [] };
    known.rows.push(row);
    groups.set(key, known);
  }
  return [...groups.values()].map((one) => group(one.rows, one.dimensions));
}

/** `2026-11-27T08:00:00Z`, as Cloudflare writes times: without milliseconds. */
export function timeText(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

function quantile(latencies: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...latencies].sort(([a], [b]) => a - b);
  let left = total(sorted.map(([, times]) => times)) * share;
  return sorted.find(([, times]) => (left -= times) <= 0)?.[0] ?? sorted.at(-1)?.[0] ?? 0;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
