import { INCLUDED_BYTES, OPERATIONS } from "../../kv/prices.js";
import type { Cost, QuotaUse } from "../estimate/cost.js";
import type { Estimate, EstimatePart, PlanFit, WhatIf } from "../estimate/estimate.js";
import { type Block, type Document, heading, paragraph, table } from "./document.js";
import { bytesText, countText, durationText, moneyText, percentText } from "./format.js";

const SOURCES: Readonly<Record<Estimate["source"], string>> = {
  given: "from the command line",
  workload: "from the declared workloads and the operation tables of the runtime library",
  usage: "from the usage that Cloudflare measured, which is sampled",
};

/** An estimate as a document. */
export function estimateDocument(estimate: Estimate): Document {
  const { month, parts, prices, free, paid, whatIf, bill, budget } = estimate;
  const blocks: Block[] = [
    ...(parts.some((part) => part.namespace !== undefined)
      ? [heading(2, "Operations a month"), partsTable(parts)]
      : []),
    heading(2, "Cost a month"),
    costTable(estimate),
    paragraph(
      `Workers Paid is ${moneyText(estimate.planPrice)} a month; with it the bill is ${moneyText(bill)}.` +
        (free.fits ? " The Free plan is enough." : ""),
    ),
    heading(2, "Free plan, an average day"),
    quotaTable(free.quotas, "a day"),
    paragraph(growthText(free, "the Free plan")),
    heading(2, "Included in Workers Paid, a month"),
    quotaTable(paid.quotas, "a month"),
    paragraph(growthText(paid, "what Workers Paid includes")),
    ...whatIf.flatMap(whatIfBlocks),
    paragraph(
      `Operations are ${SOURCES[estimate.source]}; storage ${bytesText(month.storageBytes)}. ` +
        `Prices of ${prices.date}: ${prices.source}`,
    ),
  ];
  if (budget !== undefined) {
    const verdict = budget.exceeded ? "exceeds" : "is within";
    blocks.push(paragraph(`The bill of ${moneyText(bill)} ${verdict} the budget of ${moneyText(budget.dollars)}.`));
  }
  return { title: "", blocks };
}

function partsTable(parts: readonly EstimatePart[]): Block {
  return table(
    ["namespace", "class", ...OPERATIONS, "storage"],
    parts.map((part) => [
      part.namespace ?? "",
      part.class ?? "",
      ...OPERATIONS.map((operation) => countText(part[operation])),
      bytesText(part.storageBytes),
    ]),
    { numbers: [2, 3, 4, 5, 6], code: [0] },
  );
}

function costTable({ month, listPrice, afterPlan }: Estimate): Block {
  const row = (name: keyof Cost, amount: string): string[] => [
    name,
    amount,
    moneyText(listPrice[name]),
    moneyText(afterPlan[name]),
  ];
  return table(
    ["", "a month", "list price", "after what the plan includes"],
    [
      ...OPERATIONS.map((operation) => row(operation, countText(month[operation]))),
      row("storage", bytesText(month.storageBytes)),
      row("total", ""),
    ],
    { numbers: [1, 2, 3] },
  );
}

function quotaTable(quotas: readonly QuotaUse[], period: string): Block {
  const amount = (quota: QuotaUse, value: number): string =>
    quota.quota === "storage" ? bytesText(value) : countText(value);
  return table(
    ["quota", `used ${period}`, "allowed", "share"],
    quotas.map((quota) => [
      quota.quota,
      amount(quota, quota.used),
      amount(quota, quota.allowed),
      percentText(quota.percent),
    ]),
    { numbers: [1, 2, 3], bars: [{ column: 3, percents: quotas.map(({ percent }) => percent) }] },
  );
}

function growthText({ firstToBreak: first, growth, fits, endsAt }: PlanFit, plan: string): string {
  if (first === undefined || growth === undefined) return "Nothing is used.";
  const words = first === "storage" ? `the ${bytesText(INCLUDED_BYTES)} of storage` : `the quota of ${first}`;
  if (fits) return `First to end: ${words}, at ${times(growth)} this use.`;
  const when = endsAt === undefined ? "" : `, about ${endsAt} UTC if the operations come evenly`;
  return `Beyond ${plan}. First to end: ${words}, at ${times(growth)} this use${when}.`;
}

function times(growth: number): string {
  return growth >= 10 ? `${countText(growth)} times` : `${Number(growth.toPrecision(2))} times`;
}

function whatIfBlocks({ namespace, ttlSeconds, swrSeconds, ttl, swr }: WhatIf): Block[] {
  const own = (seconds: number, mine: number): string =>
    durationText(seconds) + (seconds === mine ? " (declared)" : "");
  return [
    heading(2, `What if: TTL of ${namespace}`),
    table(
      ["ttl", "hits", "writes a month", "list price"],
      ttl.map((outcome) => [
        own(outcome.ttlSeconds, ttlSeconds),
        percentText(outcome.hitRate * 100),
        countText(outcome.writes),
        moneyText(outcome.listPrice),
      ]),
      { numbers: [1, 2, 3] },
    ),
    heading(2, `What if: swr of ${namespace}`),
    table(
      ["swr", "requests a month that wait for a load"],
      swr.map((outcome) => [own(outcome.swrSeconds, swrSeconds), countText(outcome.waiting)]),
      { numbers: [1] },
    ),
  ];
}
