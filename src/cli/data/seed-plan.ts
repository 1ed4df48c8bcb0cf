import { differences } from "../../data/differences.js";
import type { CheckedEntries } from "../../data/entries.js";
import { quoted } from "../../data/entry.js";
import { strayKeys } from "../../data/prune.js";
import type { Prune } from "../../data/seed-options.js";
import { systemClock } from "../../data/target.js";
import type { CommandContext } from "../command.js";
import type { OpenNamespace } from "./namespaces.js";
import type { Channel, Style } from "../terminal/channel.js";
import { startProgress } from "../terminal/progress.js";

interface PlanOptions {
  readonly ttlSeconds: number;
  readonly prune?: Prune;
  readonly json?: boolean;
}

/** What a seed would do: its keys by what happens to them. */
export interface SeedPlan {
  readonly namespaceId: string;
  readonly target: string;
  readonly create: readonly string[];
  readonly change: readonly { readonly key: string; readonly what: string }[];
  readonly delete: readonly string[];
  readonly unchanged: number;
}

const SHOWN = 100;

/** Prints what a seed would do, without doing it. */
export async function printPlan(
  place: OpenNamespace,
  checked: CheckedEntries,
  options: PlanOptions,
  context: CommandContext,
): Promise<SeedPlan> {
  const create: string[] = [];
  const change: { key: string; what: string }[] = [];
  const strays: string[] = [];
  let unchanged = 0;
  const progress = await startProgress(context, "entries");
  try {
    const compared = differences(place.target, checked, { ...options, clock: systemClock });
    for await (const { kind, key, what = "", ordinal } of compared) {
      if (kind === "create") create.push(key);
      else if (kind === "change") change.push({ key, what });
      else unchanged++;
      progress.update({ doing: "compared", done: ordinal + 1, total: checked.count });
    }
  } finally {
    progress.stop();
  }
  if (options.prune !== undefined) {
    const { wanted, prefix } = options.prune;
    for await (const keys of strayKeys(place.target, wanted, prefix)) strays.push(...keys);
  }
  if (options.json !== true) {
    const { results } = context;
    printKeys(
      "green",
      create.map((key) => `create ${quoted(key)}`),
      results,
    );
    printKeys(
      "yellow",
      change.map(({ key, what }) => `change ${quoted(key)} (${what})`),
      results,
    );
    printKeys(
      "red",
      strays.map((key) => `delete ${quoted(key)}`),
      results,
    );
    const deleted = options.prune !== undefined ? `, ${strays.length} to delete` : "";
    results.line(`${create.length} to create, ${change.length} to change${deleted}, ${unchanged} unchanged`);
    if (options.ttlSeconds > 0)
      results.line(`entries without an expiration would expire after ${options.ttlSeconds} seconds`);
  }
  const { namespaceId } = place.target;
  return { namespaceId, target: place.label, create, change, delete: strays, unchanged };
}

function printKeys(style: Style, lines: readonly string[], results: Channel): void {
  for (const each of lines.slice(0, SHOWN)) results.line(results.paint(style, each));
  if (lines.length > SHOWN) results.line(`and ${lines.length - SHOWN} more; --json shows all`);
}
