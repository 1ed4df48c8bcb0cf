import type { Operations } from "../../kv/prices.js";
import type { AccountUse, DayOfUse } from "../usage/usage.js";
import { DAYS_PER_MONTH } from "./amounts.js";
import type { EstimatePart } from "./estimate.js";
import { perOperation } from "./use.js";

/**
 * A month of what an account used, by namespace. Days before the first with any operation do not count: an account that
 * is three days old would otherwise look ten times cheaper.
 */
export function partsOfUse(account: AccountUse): EstimatePart[] {
  const { days, namespaces, total } = account;
  const first = days.findIndex(isUsed);
  const counted = first === -1 ? 0 : days.length - first;
  const month = (operations: Operations) =>
    perOperation((operation) => (counted === 0 ? 0 : (operations[operation] / counted) * DAYS_PER_MONTH));
  const parts = namespaces.map((namespace): EstimatePart => ({
    namespace: namespace.name,
    ...(namespace.stack === undefined ? {} : { stack: namespace.stack }),
    ...month(namespace.total),
    storageBytes: namespace.storage?.bytes ?? 0,
  }));
  // What deleted namespaces did is billed too.
  const known = perOperation((operation) => namespaces.reduce((sum, each) => sum + each.total[operation], 0));
  const rest = perOperation((operation) => Math.max(0, total[operation] - known[operation]));
  const hasRest = Object.values(rest).some((amount) => amount > 0);
  return hasRest ? [...parts, { namespace: "(deleted namespaces)", ...month(rest), storageBytes: 0 }] : parts;
}

function isUsed(day: DayOfUse): boolean {
  return day.reads + day.writes + day.deletes + day.lists > 0;
}
