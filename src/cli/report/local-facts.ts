import { join } from "node:path";
import { namespaceLabel, type Namespace, type Stack } from "../../assembly/index.js";
import { DATA_FOLDER } from "../../local/dev/folder.js";
import { localUsage } from "../../local/dev/local-usage.js";
import type { UsageCount } from "../../local/engine/usage-count.js";
import type { Facts, NamespaceFacts } from "../../report/build/facts.js";
import { perOperation } from "../../report/estimate/use.js";
import { daysBetween, dayAfter } from "../../report/usage/days.js";
import type { DayOfUse } from "../../report/usage/usage.js";
import type { CommandContext } from "../command.js";
import { withNamespaces } from "../data/namespaces.js";
import { readProject } from "../project.js";
import { keysOf, patternsOf } from "./facts.js";

const DAYS = 31;

const OPERATION_OF = { read: "reads", write: "writes", delete: "deletes", list: "lists" } as const;

/** What the data of `cfkv dev` say of stacks. */
export async function localFacts(stacks: readonly Stack[], showKeys: boolean, context: CommandContext): Promise<Facts> {
  const now = new Date();
  const today = now.toISOString().slice(0, 10);
  const dates = daysBetween(dayAfter(today, 1 - DAYS), today);
  const counts = await localUsage(join(readProject(context).directory, DATA_FOLDER));
  const known = new Map<Namespace, NamespaceFacts>();
  await withNamespaces(context, async (namespaces) => {
    for (const stack of stacks) {
      for (const namespace of stack.namespaces) {
        const { target } = await namespaces.ofNamespace(namespace, stack, { local: true });
        const keys = await keysOf(target);
        const days = daysOf(counts, namespaceLabel(namespace), dates);
        known.set(namespace, {
          keys: { value: keys.length, from: "local" },
          readsPerDay: { value: Math.round(readsPerDay(days)), from: "local" },
          days,
          ...(keys.length === 0 ? {} : { patterns: patternsOf(namespace, keys, showKeys) }),
        });
      }
    }
  });
  return {
    source: "local",
    time: now.toISOString(),
    accounts: [],
    notes: [],
    of: (namespace) => known.get(namespace) ?? {},
  };
}

function daysOf(counts: readonly UsageCount[], name: string, dates: readonly string[]): DayOfUse[] {
  const days = new Map(dates.map((date) => [date, { date, ...perOperation(() => 0) }]));
  for (const { namespace, action, hour, requests } of counts) {
    const day = days.get(new Date(hour).toISOString().slice(0, 10));
    if (namespace === name && day !== undefined) day[OPERATION_OF[action]] += requests;
  }
  return [...days.values()];
}

/** Over the days since the first with a read: the data of a new project are not 31 days old. */
function readsPerDay(days: readonly DayOfUse[]): number {
  const first = days.findIndex(({ reads }) => reads > 0);
  const used = first === -1 ? [] : days.slice(first);
  return used.reduce((sum, { reads }) => sum + reads, 0) / Math.max(1, used.length);
}
