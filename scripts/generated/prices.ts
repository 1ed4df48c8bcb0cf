import {
  FREE_PER_DAY,
  INCLUDED_BYTES,
  INCLUDED_PER_MONTH,
  OPERATIONS,
  PAID_PLAN_PER_MONTH,
  PRICE_PER_GB_MONTH,
  PRICE_PER_MILLION,
  PRICES_DATE,
  PRICES_SOURCE,
  PRICING_EXAMPLES,
} from "../../src/kv/prices.js";
import { bytesText, countText, moneyText } from "../../src/report/document/format.js";
import { afterPlan, billOf, listPrice } from "../../src/report/estimate/cost.js";
import { NOTHING } from "../../src/report/estimate/use.js";
import { table } from "./page.js";

/** What each operation costs, and what the plans include. */
export function priceTable(): string {
  const rows = OPERATIONS.map((operation) => [
    operation,
    `${countText(FREE_PER_DAY[operation])} a day`,
    `${countText(INCLUDED_PER_MONTH[operation])} a month`,
    `${moneyText(PRICE_PER_MILLION[operation])} a million`,
  ]);
  const storage = [
    "storage",
    bytesText(INCLUDED_BYTES),
    bytesText(INCLUDED_BYTES),
    `${moneyText(PRICE_PER_GB_MONTH)} a GB and month`,
  ];
  const paid = `Workers Paid (${moneyText(PAID_PLAN_PER_MONTH)} a month) includes`;
  return [
    `As of ${PRICES_DATE}, from Cloudflare's [pricing of KV](${PRICES_SOURCE}).`,
    "",
    table(["", "Workers Free allows", paid, "beyond that"], [...rows, storage]),
  ].join("\n");
}

/** The seeds' examples, as a price list has them and as a bill does. */
export function exampleTable(): string {
  const rows = PRICING_EXAMPLES.map(({ name, reads, writes }) => {
    const use = { ...NOTHING, reads, writes };
    return [
      name,
      short(reads),
      short(writes),
      moneyText(listPrice(use).total),
      moneyText(afterPlan(use).total),
      moneyText(billOf(use)),
    ];
  });
  const head = [
    "scale",
    "reads a month",
    "writes a month",
    "list price",
    "after what Workers Paid includes",
    "bill, with Workers Paid",
  ];
  return table(head, rows);
}

/** `1M`, `10k`, as people write such numbers. */
function short(value: number): string {
  const [unit, size] = (
    [
      ["B", 1e9],
      ["M", 1e6],
      ["k", 1e3],
    ] as const
  ).find(([, each]) => value >= each) ?? ["", 1];
  return `${value / size}${unit}`;
}
