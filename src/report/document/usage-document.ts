import { OPERATIONS, type Operation } from "../../kv/prices.js";
import type { AccountUse, NamespaceUse, QuotaOfPlan } from "../usage/usage.js";
import { type Block, type Document, heading, paragraph, table } from "./document.js";
import { bytesText, countText, millisecondsText, percentText, UNKNOWN } from "./format.js";

const PERIODS: Readonly<Record<QuotaOfPlan["period"], string>> = { day: "a day", month: "30 days", now: "stored" };

/** What accounts use, as a document. */
export function usageDocument(accounts: readonly AccountUse[]): Document {
  return { title: "", blocks: accounts.flatMap((account) => accountBlocks(account)) };
}

function accountBlocks(account: AccountUse): Block[] {
  const { accountId, from, to, namespaces, plan, quotas, pricesOf } = account;
  const name = plan === "free" ? "Workers Free" : "Workers Paid";
  return [
    heading(1, `Account ${accountId}, ${from} to ${to} (UTC)`),
    heading(2, `Quotas of ${name}`),
    quotaTable(quotas),
    paragraph(quotaNote(account)),
    heading(2, "Operations"),
    operationTable(namespaces, account),
    heading(2, "Storage"),
    storageTable(account),
    ...latencyBlocks(namespaces),
    paragraph(
      `Cloudflare samples, so operations are estimates and no bill. Hits of its cache are not measured. ` +
        `Quotas as of ${pricesOf}.`,
    ),
  ];
}

/** Quotas with their shares as bars. */
export function quotaTable(quotas: readonly QuotaOfPlan[]): Block {
  const amount = (quota: QuotaOfPlan, value: number): string =>
    quota.quota === "storage" ? bytesText(value) : countText(value);
  return table(
    ["quota", "period", "used", "allowed", "share", "reached on"],
    quotas.map((quota) => [
      quota.quota,
      quota.day === undefined ? PERIODS[quota.period] : `day: ${quota.day}`,
      amount(quota, quota.used),
      amount(quota, quota.allowed),
      percentText(quota.percent),
      quota.reached ?? "",
    ]),
    { numbers: [2, 3, 4], bars: [{ column: 4, percents: quotas.map(({ percent }) => percent) }] },
  );
}

function quotaNote({ plan, quotas }: AccountUse): string {
  const period =
    plan === "free"
      ? "A day's quota is compared with the busiest of the last 7 days."
      : "A month's quota is compared with the last 30 days.";
  const isKnown = quotas.some(({ quota }) => quota === "storage");
  return `${period} Quotas are the account's.${isKnown ? "" : " What is stored is not known."}`;
}

function operationTable(namespaces: readonly NamespaceUse[], { total }: AccountUse): Block {
  const trend = (use: NamespaceUse): string => {
    const reads = use.trend.reads;
    return reads === undefined ? UNKNOWN : `${reads > 0 ? "+" : ""}${countText(reads).replace(/^-0$/, "0")} %`;
  };
  return table(
    ["namespace", ...OPERATIONS, "reads a day", "trend"],
    [
      ...namespaces.map((use) => [
        use.name,
        ...OPERATIONS.map((operation) => countText(use.total[operation])),
        countText(use.perDay.reads),
        trend(use),
      ]),
      ["the whole account", ...OPERATIONS.map((operation) => countText(total[operation])), "", ""],
    ],
    { numbers: [1, 2, 3, 4, 5, 6] },
  );
}

function storageTable({ namespaces, storage }: AccountUse): Block {
  return table(
    ["namespace", "keys", "stored", "as of"],
    [
      ...namespaces.map((use) => [
        use.name,
        countText(use.storage?.keys),
        bytesText(use.storage?.bytes),
        use.storage?.asOf ?? UNKNOWN,
      ]),
      ["the whole account", countText(storage?.keys), bytesText(storage?.bytes), storage?.asOf ?? UNKNOWN],
    ],
    { numbers: [1, 2] },
  );
}

function latencyBlocks(namespaces: readonly NamespaceUse[]): Block[] {
  const rows = namespaces.flatMap((use) =>
    Object.entries(use.latencyMs).map(([operation, { p50, p90, p99 }]) => [
      use.name,
      operation as Operation,
      millisecondsText(p50),
      millisecondsText(p90),
      millisecondsText(p99),
    ]),
  );
  if (rows.length === 0) return [];
  return [
    heading(2, "Latency, the last week"),
    table(["namespace", "operations", "p50", "p90", "p99"], rows, { numbers: [2, 3, 4] }),
  ];
}
