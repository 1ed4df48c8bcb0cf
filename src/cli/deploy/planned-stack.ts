import { basename } from "node:path";
import { namespaceLabel, type Stack } from "../../assembly/index.js";
import {
  type ChangeWords,
  driftWords,
  type SavedPlan,
  type SeedNote,
  type StackReport,
  wordsOf,
} from "../../deploy/index.js";
import { deletionsOf } from "../../lock/index.js";
import { verdictsOn } from "../app/plan-guard.js";
import type { CommandContext } from "../command.js";
import { accountsOf, type Engines, hostOf } from "./engines.js";
import { countKeys } from "./key-counts.js";

/** A stack with the plan that would be applied. */
export interface PlannedStack {
  readonly stack: Stack;
  readonly saved: SavedPlan;
  readonly report: StackReport;
}

/** Where a stack is deployed, which is known before anything is asked of Terraform. */
export function placeOf(
  stack: Stack,
  engines: Engines,
  context: CommandContext,
): Omit<StackReport, "changes" | "keys" | "refusals" | "seeds"> {
  const host = hostOf(context);
  return { stack, accounts: accountsOf(stack), ...(host !== undefined && { host }), engine: engines.label };
}

/** Plans a stack, and looks up what the plan does not say: what is refused, and how many keys would be lost. */
export async function planStack(stack: Stack, engines: Engines, context: CommandContext): Promise<PlannedStack> {
  const saved = await engines.of(stack).plan("apply");
  const changes = wordsOf(saved.plan, stack);
  const verdicts = await verdictsOn(deletionsOf(saved.json, `the plan of ${stack.name}`), stack, context);
  const report: StackReport = {
    ...placeOf(stack, engines, context),
    changes,
    keys: await keysLost(changes, stack, context),
    refusals: new Map(
      verdicts.flatMap(({ address, refused }) => (refused === undefined ? [] : [[address, refused] as const])),
    ),
    seeds: seedNotes(stack),
  };
  return { stack, saved, report };
}

/** What differs between the state and what is there. */
export async function driftOf(stack: Stack, engines: Engines, context: CommandContext): Promise<StackReport> {
  const { plan } = await engines.of(stack).plan("drift");
  const place = placeOf(stack, engines, context);
  return { ...place, changes: driftWords(plan, stack), keys: new Map(), refusals: new Map(), seeds: [], isDrift: true };
}

/** How many keys each namespace holds that the plan deletes, by its id. */
export async function keysLost(
  changes: readonly ChangeWords[],
  stack: Stack,
  context: CommandContext,
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const [account] = accountsOf(stack);
  for (const { losesKeysOf: id } of changes) {
    if (id !== undefined) keys.set(id, (await countKeys(id, account, context)).text);
  }
  return keys;
}

/** The seed files of a stack, as they are shown. */
export function seedNotes({ namespaces }: Stack): readonly SeedNote[] {
  return namespaces.flatMap((namespace) => {
    const { seedFiles } = namespace;
    if (seedFiles.length === 0) return [];
    return [{ namespace: namespaceLabel(namespace), files: seedFiles.map((file) => basename(file)) }];
  });
}
