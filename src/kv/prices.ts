/**
 * What Workers KV costs, and what the plans include. The only copy of these numbers: the estimate, the report, the
 * checks and docs/pricing.md all read them here.
 */

/** When the figures were last compared with {@link PRICES_SOURCE}. */
export const PRICES_DATE = "2026-11";

export const PRICES_SOURCE = "https://developers.cloudflare.com/kv/platform/pricing/";

/** The operations that Cloudflare bills, in its own order. A list counts per call; bulk operations count per key. */
export const OPERATIONS = ["reads", "writes", "deletes", "lists"] as const;

export type Operation = (typeof OPERATIONS)[number];

/** A number for each kind of operation. */
export type Operations = Readonly<Record<Operation, number>>;

/** The plans of an account: Workers Free, and Workers Paid. */
export const PLANS = ["free", "paid"] as const;

export type Plan = (typeof PLANS)[number];

/** What the Free plan allows in a day, for the whole account. Beyond it, operations of that kind fail until 00:00 UTC. */
export const FREE_PER_DAY: Operations = { reads: 100_000, writes: 1000, deletes: 1000, lists: 1000 };

/** What the Paid plan includes in a month, for the whole account. */
export const INCLUDED_PER_MONTH: Operations = {
  reads: 10_000_000,
  writes: 1_000_000,
  deletes: 1_000_000,
  lists: 1_000_000,
};

/** US dollars for a million operations. */
export const PRICE_PER_MILLION: Operations = { reads: 0.5, writes: 5, deletes: 5, lists: 5 };

/** US dollars for a gigabyte stored for a month. */
export const PRICE_PER_GB_MONTH = 0.5;

/** US dollars a month for Workers Paid. */
export const PAID_PLAN_PER_MONTH = 5;

/** Bytes of a gigabyte, as Cloudflare bills it. */
export const GB = 1_000_000_000;

/** Bytes that both plans include. On the Free plan, writes fail beyond it. */
export const INCLUDED_BYTES = GB;

/** The share of a quota, in percent, from which reports and checks warn. */
export const QUOTA_WARNING_PERCENT = 80;

/** A worked example of the seeds, as a price list shows it: without what a plan includes. */
export interface PricingExample {
  readonly name: string;
  /** A month. */
  readonly reads: number;
  /** A month. */
  readonly writes: number;
}

/** The examples of docs/pricing.md. */
export const PRICING_EXAMPLES: readonly PricingExample[] = [
  { name: "Small", reads: 1_000_000, writes: 10_000 },
  { name: "Medium", reads: 100_000_000, writes: 1_000_000 },
  { name: "Large", reads: 1_000_000_000, writes: 10_000_000 },
];
