import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { Construct } from "constructs";
import fc from "fast-check";
import { CodedError, EnvironmentSet } from "../../src/index.js";
import { lockFolders } from "../support/lock-folders.js";
import { type LivingStack, TerraformState, type Thing } from "../support/terraform-state.js";
import { type Edit, edit, firstSet, propsOf, replacement, type SetModel, withoutLines } from "./set-edits.js";

/** Each has two changes on average. */
const RUNS = Number(process.env["CFKV_RANDOM_RUNS"] ?? 500);

const current = lockFolders();

/** The JSON of each stack by its name; undefined when the synthesis is refused. */
function synth(project: string, model: SetModel): ReadonlyMap<string, LivingStack> | undefined {
  const app = new App({ outdir: join(project, "out"), context: { lock: join(project, "cfkv.lock.json") } });
  try {
    new EnvironmentSet(model.group === "" ? app : new Construct(app, model.group), "shop", propsOf(model));
    app.synth();
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
  const { stacks } = JSON.parse(readFileSync(join(project, "out/manifest.json"), "utf8")) as {
    readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
  };
  return new Map(
    Object.entries(stacks).map(([name, { synthesizedStackPath }]) => [
      name,
      JSON.parse(readFileSync(join(project, "out", synthesizedStackPath), "utf8")) as LivingStack,
    ]),
  );
}

/** What has become of names: whom they were given to, and what their authors called them. */
class History {
  private readonly renames = new Set<string>();
  private readonly calls = new Map<string, Set<string>>();

  renamed(from: Thing, to: Thing): void {
    this.renames.add(`${from.name} ${to.name}`);
  }

  called({ name, call }: Thing): void {
    this.calls.set(name, (this.calls.get(name) ?? new Set()).add(call));
  }

  /** Every name that one has had from some time on, itself the first. */
  namesOf(name: string): readonly string[] {
    const all = new Set([name]);
    for (const from of all) {
      for (const pair of this.renames) if (pair.startsWith(`${from} `)) all.add(pair.slice(from.length + 1));
    }
    return [...all];
  }

  /** Whether one of the lines that authors write means this one, as they called it then or later. */
  isMeant({ name, call }: Thing, lines: ReadonlySet<string>): boolean {
    const names = this.namesOf(name);
    return [...names, call, ...names.flatMap((one) => [...(this.calls.get(one) ?? [])])].some((text) =>
      lines.has(text),
    );
  }
}

/** The states of everybody who applies at the same times. */
class Machine {
  private readonly states = new Map<string, TerraformState>();
  private readonly deleted = new Set<string>();

  constructor(private readonly history: History) {}

  /** Says what the next apply may delete. */
  allow({ deleted }: SetModel): void {
    for (const name of deleted) this.deleted.add(name);
  }

  /** @returns every protected namespace that has another name now */
  apply(stacks: ReadonlyMap<string, LivingStack>): (readonly [from: Thing, to: Thing])[] {
    const renames = [...stacks].flatMap(([stack, json]) => {
      const state = this.states.get(stack) ?? new TerraformState();
      this.states.set(stack, state);
      const { lost, renamed } = state.apply(json);
      expect(lost.filter((one) => one.isProtected && !this.history.isMeant(one, this.deleted))).toEqual([]);
      for (const one of state.all) this.history.called(one);
      return renamed.filter(([from]) => from.isProtected);
    });
    this.deleted.clear();
    return renames;
  }
}

interface Step {
  readonly edit: Edit;
  /** Whether the lines of the last change are still there. */
  readonly keepsLines: boolean;
  /** Whether it is applied everywhere but on one machine, which applies the next one. */
  readonly isLate: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: replacement },
  )
  .chain((edits) =>
    fc.tuple(
      ...edits.map((each) => fc.record({ edit: fc.constant(each), keepsLines: fc.boolean(), isLate: fc.boolean() })),
    ),
  );

/** @returns how many changes of the set went through, so that there was something to compare */
function follow(project: string, first: SetModel, changes: readonly Step[]): number {
  const history = new History();
  const [prompt, late] = [new Machine(history), new Machine(history)];
  const created = synth(project, first);
  if (created === undefined) return 0;
  for (const machine of [prompt, late]) machine.apply(created);
  let model = first;
  let compared = 0;
  for (const { edit: change, keepsLines, isLate } of changes) {
    const next = change(keepsLines ? model : withoutLines(model));
    const stacks = synth(project, next);
    // What is refused is taken back.
    if (stacks === undefined) continue;
    for (const machine of [prompt, late]) machine.allow(next);
    for (const [from, to] of prompt.apply(stacks)) {
      const said = next.namespaces.find(({ binding }) => binding === to.call)?.renamedFrom;
      expect([from.name, from.call]).toContain(said);
      history.renamed(from, to);
    }
    for (const [from, to] of isLate ? [] : late.apply(stacks)) {
      expect(history.namesOf(from.name)).toContain(to.name);
    }
    model = next;
    compared++;
  }
  return compared;
}

describe("any set, and what is made of it step by step", () => {
  it("is refused, or deletes nothing and gives nothing another one's keys, unless its author said so", () => {
    let compared = 0;
    fc.assert(
      fc.property(firstSet, steps, (first, changes) => {
        const project = mkdtempSync(join(current.folder, "p-"));
        compared += follow(project, first, changes);
        rmSync(project, { recursive: true });
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS * 0.7);
  }, 300_000);
});
