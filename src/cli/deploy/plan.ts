import {
  deploymentGroups,
  placeText,
  reportJson,
  reportMarkdown,
  reportText,
  type StackReport,
} from "../../deploy/index.js";
import { mapOrdered } from "../../data/map-ordered.js";
import type { CommandContext } from "../command.js";
import type { PlanOptions } from "../commands/plan.js";
import { UsageError } from "../errors.js";
import { Engines, expectRequirements } from "./engines.js";
import { showingFailures } from "./failures.js";
import { driftOf, placeOf, planStack } from "./planned-stack.js";
import { findTargets } from "./targets.js";

/** How many stacks are worked on at once with `--parallel`: each takes a process of the provider. */
export const AT_ONCE = 4;

/** `cfkv plan`: what an apply would do, in words. */
export async function planCommand(
  words: readonly string[],
  options: PlanOptions,
  context: CommandContext,
): Promise<void> {
  if (options.json === true && options.format !== undefined) {
    throw new UsageError("--json and --format exclude each other", "remove one of them");
  }
  const targets = await findTargets(words, options, context);
  if (targets === undefined) return;
  expectRequirements(targets.stacks, targets.context);
  const engines = await Engines.open(targets, options.engine);
  const reports: StackReport[] = [];
  try {
    const stacks = deploymentGroups(targets.stacks).flat();
    for (const stack of stacks) {
      context.notes.line(placeText(placeOf(stack, engines, targets.context)));
    }
    await showingFailures(context, async () => {
      // One after another: they share a cache of providers.
      for (const stack of stacks) await engines.of(stack).initIfNeeded();
      const planned = mapOrdered(stacks, options.parallel === true ? AT_ONCE : 1, async (stack) =>
        options.drift === true
          ? driftOf(stack, engines, targets.context)
          : (await planStack(stack, engines, targets.context)).report,
      );
      for await (const report of planned) reports.push(report);
    });
  } finally {
    engines.close();
  }
  print(reports, options, context);
  if (options.drift === true && reports.some(({ changes }) => changes.length > 0)) context.finishWith(2);
  if (reports.some(({ refusals }) => refusals.size > 0)) context.finishWith(1);
}

function print(reports: readonly StackReport[], options: PlanOptions, { results }: CommandContext): void {
  if (options.json === true) {
    results.json({ drift: options.drift === true, stacks: reports.map(reportJson) });
  } else if (options.format === "md") {
    results.line(reportMarkdown(reports));
  } else {
    const paint = results.paint.bind(results);
    for (const report of reports) {
      const title = `${results.paint("bold", report.stack.name)}${options.drift === true ? ", drift" : ""}`;
      results.line(`${title}\n${reportText(report, paint)}`);
    }
  }
}
