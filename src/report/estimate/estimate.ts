import { namespaceLabel, type Namespace } from "../../assembly/index.js";
import { PAID_PLAN_PER_MONTH, PRICES_DATE, PRICES_SOURCE } from "../../kv/prices.js";
import { SECONDS_PER_DAY } from "./amounts.js";
import { cacheOf, type SwrOutcome, swrOutcomes, type TtlOutcome, ttlOutcomes } from "./cache-model.js";
import {
  afterPlan,
  billOf,
  type Cost,
  firstToBreak,
  freeQuotas,
  includedQuotas,
  listPrice,
  type QuotaUse,
} from "./cost.js";
import { type MonthlyUse, sumOf } from "./use.js";
import { type ClassUse, workloadUse } from "./workload-use.js";

/** Where the operations of an estimate come from. */
export type EstimateSource = "given" | "workload" | "usage";

/** A part of the month's use: of a class of the runtime library, of a namespace, or given on the command line. */
export interface EstimatePart extends MonthlyUse {
  readonly namespace?: string;
  readonly stack?: string;
  /** The class of the runtime library. */
  readonly class?: string;
}

/** A cache of the estimate with other times. */
export interface WhatIf {
  readonly namespace: string;
  readonly stack: string;
  readonly ttlSeconds: number;
  readonly swrSeconds: number;
  readonly ttl: readonly TtlOutcome[];
  readonly swr: readonly SwrOutcome[];
}

/** What a month costs: the JSON of `cfkv estimate`. */
export interface Estimate {
  readonly prices: { readonly date: string; readonly source: string };
  readonly source: EstimateSource;
  readonly parts: readonly EstimatePart[];
  readonly month: MonthlyUse;
  /** US dollars, without what a plan includes. */
  readonly listPrice: Cost;
  /** US dollars on the Paid plan, for what goes beyond what it includes. */
  readonly afterPlan: Cost;
  /** US dollars for the Paid plan itself. */
  readonly planPrice: number;
  /** US dollars: the plan and what goes beyond it. */
  readonly bill: number;
  readonly free: PlanFit;
  readonly paid: PlanFit;
  readonly whatIf: readonly WhatIf[];
  readonly budget?: { readonly dollars: number; readonly exceeded: boolean };
}

/** How the use fits what a plan allows or includes. */
export interface PlanFit {
  readonly fits: boolean;
  readonly quotas: readonly QuotaUse[];
  /** The quota that ends first when everything grows alike; absent when nothing is used. */
  readonly firstToBreak?: QuotaUse["quota"];
  /** By how much everything may grow until it ends; below 1 it already has. */
  readonly growth?: number;
  /** On the Free plan, when in a day it ends if the operations come evenly: `HH:MM` UTC. */
  readonly endsAt?: string;
}

/** Works out what a month costs. */
export function estimate(
  source: EstimateSource,
  parts: readonly EstimatePart[],
  whatIf: readonly WhatIf[] = [],
  budget?: number,
): Estimate {
  const month = sumOf(parts);
  const bill = billOf(month);
  const [free, paid] = [fitOf(freeQuotas(month)), fitOf(includedQuotas(month))];
  const breaking = free.quotas.find(({ quota }) => quota === free.firstToBreak);
  const endsAt = breaking === undefined ? undefined : endOfDay(breaking);
  return {
    prices: { date: PRICES_DATE, source: PRICES_SOURCE },
    source,
    parts,
    month,
    listPrice: listPrice(month),
    afterPlan: afterPlan(month),
    planPrice: PAID_PLAN_PER_MONTH,
    bill,
    free: { ...free, ...(endsAt === undefined ? {} : { endsAt }) },
    paid,
    whatIf,
    ...(budget === undefined ? {} : { budget: { dollars: budget, exceeded: bill > budget } }),
  };
}

/** The parts of a namespace's declared workload, and its cache with other times. */
export function estimateNamespace(namespace: Namespace): { parts: EstimatePart[]; whatIf: WhatIf[] } {
  const { workload, ttlSeconds, stack } = namespace;
  if (workload === undefined) return { parts: [], whatIf: [] };
  const name = namespaceLabel(namespace);
  const parts = workloadUse(workload, ttlSeconds).map((use: ClassUse) => ({ namespace: name, stack, ...use }));
  if (workload.cache === undefined) return { parts, whatIf: [] };
  const cache = cacheOf(workload.cache, ttlSeconds);
  const { ttlSeconds: ttl, swrSeconds: swr } = cache;
  const outcomes = { ttl: ttlOutcomes(cache), swr: swrOutcomes(cache) };
  return { parts, whatIf: [{ namespace: name, stack, ttlSeconds: ttl, swrSeconds: swr, ...outcomes }] };
}

function fitOf(quotas: readonly QuotaUse[]): PlanFit {
  const first = firstToBreak(quotas);
  return {
    fits: quotas.every(({ percent }) => percent <= 100),
    quotas,
    ...(first === undefined ? {} : { firstToBreak: first.quota, growth: 100 / first.percent }),
  };
}

/** Storage does not end in a day. */
function endOfDay({ quota, percent }: QuotaUse): string | undefined {
  if (quota === "storage" || percent <= 100) return undefined;
  const minutes = Math.floor((SECONDS_PER_DAY / 60) * (100 / percent));
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
