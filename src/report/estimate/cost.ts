import {
  FREE_PER_DAY,
  GB,
  INCLUDED_BYTES,
  INCLUDED_PER_MONTH,
  OPERATIONS,
  type Operation,
  PAID_PLAN_PER_MONTH,
  PRICE_PER_GB_MONTH,
  PRICE_PER_MILLION,
} from "../../kv/prices.js";
import { DAYS_PER_MONTH } from "./amounts.js";
import { type MonthlyUse, perOperation } from "./use.js";

/** US dollars a month. */
export type Cost = Readonly<Record<Operation | "storage" | "total", number>>;

/** What the month costs at the price of each operation, as if no plan included any. */
export function listPrice(use: MonthlyUse): Cost {
  return costOf((operation) => use[operation], use.storageBytes);
}

/** What the month costs after what the Paid plan includes, without the plan itself. */
export function afterPlan(use: MonthlyUse): Cost {
  return costOf(
    (operation) => Math.max(0, use[operation] - INCLUDED_PER_MONTH[operation]),
    Math.max(0, use.storageBytes - INCLUDED_BYTES),
  );
}

/** The whole bill on the Paid plan. */
export function billOf(use: MonthlyUse): number {
  return PAID_PLAN_PER_MONTH + afterPlan(use).total;
}

/** A quota, and how much of it is used. */
export interface QuotaUse {
  readonly quota: Operation | "storage";
  /** Operations a day or a month; bytes of storage. */
  readonly allowed: number;
  readonly used: number;
  readonly percent: number;
}

/** What an average day uses of the Free plan. */
export function freeQuotas(use: MonthlyUse): QuotaUse[] {
  return quotasOf(FREE_PER_DAY, (operation) => use[operation] / DAYS_PER_MONTH, use.storageBytes);
}

/** What the month uses of what the Paid plan includes. */
export function includedQuotas(use: MonthlyUse): QuotaUse[] {
  return quotasOf(INCLUDED_PER_MONTH, (operation) => use[operation], use.storageBytes);
}

/** The quota that is nearest to its end, or furthest beyond it; undefined when nothing is used. */
export function firstToBreak(quotas: readonly QuotaUse[]): QuotaUse | undefined {
  const used = quotas.filter(({ used: amount }) => amount > 0);
  return used.reduce<QuotaUse | undefined>(
    (most, each) => (each.percent > (most?.percent ?? -1) ? each : most),
    undefined,
  );
}

function quotasOf(
  allowed: Readonly<Record<Operation, number>>,
  used: (operation: Operation) => number,
  storageBytes: number,
): QuotaUse[] {
  const quota = (name: QuotaUse["quota"], limit: number, amount: number): QuotaUse => ({
    quota: name,
    allowed: limit,
    used: amount,
    percent: (amount / limit) * 100,
  });
  return [
    ...OPERATIONS.map((operation) => quota(operation, allowed[operation], used(operation))),
    quota("storage", INCLUDED_BYTES, storageBytes),
  ];
}

function costOf(operations: (operation: Operation) => number, bytes: number): Cost {
  const costs = perOperation((operation) => (operations(operation) * PRICE_PER_MILLION[operation]) / 1e6);
  const storage = (bytes / GB) * PRICE_PER_GB_MONTH;
  return { ...costs, storage, total: OPERATIONS.reduce((sum, each) => sum + costs[each], storage) };
}
