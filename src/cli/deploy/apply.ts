import type { Stack } from "../../assembly/index.js";
import {
  deploymentGroups,
  EngineFailed,
  outputLines,
  outputsJson,
  placeText,
  reportJson,
  reportText,
  type SeedNote,
} from "../../deploy/index.js";
import { mapOrdered } from "../../data/map-ordered.js";
import { InputError } from "../../errors.js";
import { count, printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { ApplyOptions } from "../commands/apply.js";
import { renderError } from "../errors.js";
import { confirm } from "../terminal/confirm.js";
import { Engines, expectRequirements } from "./engines.js";
import { showingFailures } from "./failures.js";
import { AT_ONCE } from "./plan.js";
import { placeOf, planStack, type PlannedStack } from "./planned-stack.js";
import { checkSeeds, seedStack } from "./seeds.js";
import { smokeTest, workerAddresses } from "./smoke.js";
import { findTargets, type Targets } from "./targets.js";

/** What was done with a stack, for `--json`. */
type Done = Readonly<Record<string, unknown>>;

/** `cfkv apply`: deploys stacks, each with the plan that was shown. */
export async function applyCommand(
  words: readonly string[],
  options: ApplyOptions,
  context: CommandContext,
): Promise<void> {
  const targets = await findTargets(words, options, context);
  if (targets === undefined) return;
  expectRequirements(targets.stacks, targets.context);
  const engines = await Engines.open(targets, options.engine);
  const run = new ApplyRun(targets, engines, options);
  try {
    await run.start();
  } finally {
    engines.close();
  }
}

/** One run over all stacks. What one group of stacks needs, the groups before it have deployed. */
class ApplyRun {
  private readonly context: CommandContext;
  private readonly done = new Map<string, Done>();
  /** Whether Terraform may have changed something. */
  private hasBegun = false;
  /** How many entries would be written, by namespace; with --seed alone. */
  private entries: ReadonlyMap<string, number> = new Map();

  constructor(
    private readonly targets: Targets,
    private readonly engines: Engines,
    private readonly options: ApplyOptions,
  ) {
    this.context = targets.context;
  }

  async start(): Promise<void> {
    const { stacks } = this.targets;
    const { notes, results } = this.context;
    for (const stack of stacks) notes.line(placeText(placeOf(stack, this.engines, this.context)));
    if (this.options.seed === true) this.entries = await checkSeeds(stacks);
    try {
      for (const group of deploymentGroups(stacks)) await this.deploy(group);
    } catch (error) {
      if (!this.hasBegun) throw error;
      this.stoppedBy(error);
      return;
    }
    if (this.options.json === true) results.json({ stacks: [...this.done.values()] });
  }

  private async deploy(stacks: readonly Stack[]): Promise<void> {
    const planned = await this.plan(stacks);
    const refused = planned.flatMap(({ report }) => [...report.refusals.keys()]);
    if (refused.length > 0) {
      throw new InputError(
        "PLAN_REFUSED",
        `${count(refused.length, "change is", "changes are")} refused, so nothing of this plan is applied: ${refused.map(printable).join(", ")}`,
        "the reason is with each of them above, and what to write where it is meant",
      );
    }
    await this.ask(planned);
    // The first failure starts no more stacks, and waits for those that run.
    const failures: unknown[] = [];
    const applied = mapOrdered(planned, this.atOnce, async (each) => {
      if (failures.length > 0) return undefined;
      try {
        await this.apply(each);
        return each;
      } catch (error) {
        failures.push(error);
        return undefined;
      }
    });
    for await (const one of applied) if (one !== undefined) await this.finish(one);
    if (failures.length > 0) throw failures[0];
  }

  private async plan(stacks: readonly Stack[]): Promise<readonly PlannedStack[]> {
    const { notes } = this.context;
    // One after another: they share a cache of providers.
    await showingFailures(this.context, async () => {
      for (const stack of stacks) await this.engines.of(stack).initIfNeeded();
    });
    const all: PlannedStack[] = [];
    const plans = mapOrdered(stacks, this.atOnce, async (stack) => planStack(stack, this.engines, this.context));
    await showingFailures(this.context, async () => {
      for await (const planned of plans) {
        const each = { ...planned, report: { ...planned.report, seeds: this.counted(planned.report.seeds) } };
        notes.line(`\n${notes.paint("bold", each.stack.name)}\n${reportText(each.report, notes.paint.bind(notes))}`);
        all.push(each);
      }
    });
    return all;
  }

  private counted(seeds: readonly SeedNote[]): readonly SeedNote[] {
    return seeds.map((seed) => {
      const entries = this.entries.get(seed.namespace);
      return entries === undefined ? seed : { ...seed, entries };
    });
  }

  /** Once for each protected environment, whose name has to be typed, and once for everything else. */
  private async ask(planned: readonly PlannedStack[]): Promise<void> {
    const pending = planned.filter(({ saved, report }) => saved.plan.hasEffect || this.seeds(report.seeds.length));
    const names = (all: readonly PlannedStack[]): string => all.map(({ stack }) => stack.name).join(", ");
    const open = pending.filter(({ stack }) => !stack.protected);
    if (open.length > 0) await confirm(this.context, `apply this to ${names(open)}`, this.options.yes);
    const environments = new Set(pending.flatMap(({ stack }) => (stack.protected ? [wordFor(stack)] : [])));
    for (const word of environments) {
      const own = pending.filter(({ stack }) => stack.protected && wordFor(stack) === word);
      await confirm(this.context, `apply this to ${names(own)}, which is protected`, this.options.yes, word);
    }
  }

  private async apply({ stack, saved }: PlannedStack): Promise<void> {
    const { notes } = this.context;
    if (saved.plan.hasEffect) {
      const prefix = this.targets.stacks.length > 1 ? `${stack.name}: ` : "";
      let isOver = false;
      this.hasBegun = true;
      notes.line("");
      await showingFailures(this.context, async () =>
        this.engines.of(stack).apply(saved, (line) => {
          // Its own list of outputs would be a second one.
          isOver ||= line === "Outputs:";
          if (!isOver && line.trim() !== "") notes.line(notes.paint("dim", prefix + printable(line)));
        }),
      );
    }
  }

  /** Outputs, seeds and checks come in the order of the stacks. */
  private async finish({ stack, saved, report }: PlannedStack): Promise<void> {
    const { results, notes } = this.context;
    const outputs = await this.engines.of(stack).outputs();
    const done: Record<string, unknown> = {
      ...reportJson(report),
      applied: saved.plan.hasEffect,
      outputs: outputsJson(outputs),
    };
    this.done.set(stack.name, done);
    if (this.options.json !== true) {
      const title = this.targets.stacks.length > 1 ? `Outputs of ${stack.name}:` : "Outputs:";
      results.line(outputLines(outputs, title).join("\n"));
    }
    const addresses = await workerAddresses(stack, this.context);
    done["urls"] = addresses.flatMap(({ urls }) => urls);
    for (const { worker, urls } of addresses) {
      if (urls.length > 0) notes.line(`Worker '${worker}': ${urls.join("  ")}`);
    }
    if (this.seeds(report.seeds.length)) {
      done["seeded"] = await seedStack(stack, this.targets.project, this.context);
    }
    if (this.options.smoke === true) done["workers"] = await smokeTest(addresses, this.context);
  }

  private seeds(files: number): boolean {
    return this.options.seed === true && files > 0;
  }

  private get atOnce(): number {
    return this.options.parallel === true ? AT_ONCE : 1;
  }

  /** Something is deployed already: says what, and how to continue. */
  private stoppedBy(error: unknown): void {
    const { notes, results } = this.context;
    renderError(error, notes);
    const applied = [...this.done.keys()];
    const rest = this.targets.stacks.map(({ name }) => name).filter((name) => !this.done.has(name));
    if (applied.length > 0) notes.line(`applied: ${applied.join(", ")}`);
    notes.line(`not applied, or only in part: ${rest.join(", ")}`);
    const what = error instanceof EngineFailed ? "once the cause is removed, " : "";
    notes.line(
      `to continue, ${what}run: cfkv apply ${this.targets.manifests === undefined ? rest.join(" ") : ""}`.trimEnd(),
    );
    if (this.options.json === true) results.json({ stacks: [...this.done.values()], missing: rest });
    this.context.finishWith(4);
  }
}

function wordFor({ environment, name }: Stack): string {
  return environment ?? name;
}
