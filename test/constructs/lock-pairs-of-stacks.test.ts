import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import fc from "fast-check";
import { CodedError, KvNamespace, WorkerCode, WorkerWithKvBindings } from "../../src/index.js";
import { lockFolders } from "../support/lock-folders.js";
import { type LivingStack, TerraformState } from "../support/terraform-state.js";
import { ACCOUNT } from "./samples.js";

const RUNS = Number(process.env["CFKV_RANDOM_RUNS"] ?? 1000);

const id = fc.constantFrom<string>("A", "B", "C");
const place = { id, parent: fc.constantFrom<string>("", "", "Group", "Group/Inner") };
const former = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom<string>("A", "B", "kv-1", "kv-2") },
);
const namespace = fc.record({ ...place, name: fc.constantFrom<string>("kv-1", "kv-2", "kv-3"), renamedFrom: former });
const worker = fc.record({
  ...place,
  name: fc.constantFrom<string>("api-1", "api-2"),
  database: fc.option(
    fc.record({ binding: fc.constantFrom<string>("DB", "ROWS"), name: fc.constantFrom<string>("db-1", "db-2") }),
    {
      nil: undefined,
    },
  ),
});
/** Two of one name, or of one id in one scope, are refused at once. */
function isAlike(one: { name: string; id: string }, other: { name: string; id: string }): boolean {
  return one.name === other.name || one.id === other.id;
}

const content = fc.record({
  namespaces: fc.uniqueArray(namespace, { maxLength: 3, comparator: isAlike }),
  workers: fc.uniqueArray(worker, { maxLength: 2, comparator: isAlike }),
});
const lines = fc.oneof(
  { weight: 8, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.constantFrom<string>("A", "B", "DB", "kv-1", "kv-2", "api-1", "db-1"), {
      maxLength: 3,
    }),
  },
);
type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;
const afterwards = fc.oneof(
  { weight: 1, arbitrary: content },
  { weight: 3, arbitrary: fc.record({ parent: place.parent, turn: fc.nat({ max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ parent: place.parent, gone: fc.nat({ max: 4 }), as: fc.boolean() }) },
);
const NOTHING: Content = { namespaces: [], workers: [] };

/** The same names in another order, with other ids, at another depth: what nobody would take for a deletion. */
function rearranged({ namespaces, workers }: Content, parent: string, turn: number): Content {
  const ids = ["A", "B", "C"] as const;
  const place = (index: number): { id: string; parent: string } => ({
    id: ids[(index + turn) % ids.length] ?? "A",
    parent,
  });
  return {
    namespaces: [...namespaces].reverse().map((one, index) => ({ ...one, ...place(index) })),
    workers: [...workers].reverse().map((one, index) => ({ ...one, ...place(index) })),
  };
}

/** Without one of the things, which is named for leaving. */
function without({ namespaces, workers }: Content, gone: number): { content: Content; line: string | undefined } {
  const names = [...namespaces, ...workers].map(({ name }) => name);
  const line = names[gone % Math.max(1, names.length)];
  const others = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
    all.filter(({ name }) => name !== line);
  return { content: { namespaces: others(namespaces), workers: others(workers) }, line };
}

const current = lockFolders();

const code = WorkerCode.fromInline("export default {};");

function define(stack: TerraformStack, { namespaces, workers }: Content): void {
  const groups = new Map<string, Construct>([["", stack]]);
  const scope = (path: string): Construct => {
    const known = groups.get(path);
    if (known !== undefined) return known;
    const parts = path.split("/");
    const group = new Construct(scope(parts.slice(0, -1).join("/")), parts.at(-1) ?? "");
    groups.set(path, group);
    return group;
  };
  for (const { id, parent, name: namespaceName, renamedFrom } of namespaces) {
    const more = renamedFrom === undefined ? {} : { renamedFrom };
    new KvNamespace(scope(parent), id, { namespaceName, accountId: ACCOUNT, ...more });
  }
  for (const { id, parent, name: workerName, database } of workers) {
    const d1 = database === undefined ? {} : { d1: { [database.binding]: { databaseName: database.name } } };
    new WorkerWithKvBindings(scope(parent), `${id}w`, { workerName, accountId: ACCOUNT, code, ...d1 });
  }
}

/** The JSON of both stacks; undefined when the synthesis is refused. */
function synth(project: string, first: Content, goes: object, second: Content = NOTHING): LivingStack[] | undefined {
  const app = new App({ outdir: join(project, "out"), context: { lock: join(project, "cfkv.lock.json") } });
  try {
    for (const [name, one] of Object.entries({ first, second })) {
      const stack = new TerraformStack(app, name);
      new CloudflareProvider(stack, "cloudflare");
      define(stack, one);
      KvNamespace.leaving(stack, goes);
    }
    app.synth();
  } catch (error) {
    // Two constructs of one id in one scope are refused by the constructs themselves.
    if (error instanceof CodedError || String(error).includes("There is already a Construct")) return undefined;
    throw error;
  }
  return ["first", "second"].map(
    (name) => JSON.parse(readFileSync(join(project, "out/stacks", name, "cdk.tf.json"), "utf8")) as LivingStack,
  );
}

/** The databases of a Worker that goes. */
function databasesOf({ workers }: Content, worker: string): string[] {
  return workers.flatMap(({ name, database }) => (name === worker && database !== undefined ? [database.name] : []));
}

describe("any pair of stacks with namespaces, Workers and databases, one after the other", () => {
  it("is refused, or deletes and mixes up nothing, unless its author said so", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        content,
        afterwards,
        lines,
        lines,
        fc.constantFrom(false, false, false, true),
        (before, change, retired, deleted, isOther) => {
          const { content: rest, line } =
            "gone" in change ? without(before, change.gone) : { content: before, line: undefined };
          const after =
            "parent" in change ? rearranged(rest, change.parent, "turn" in change ? change.turn : 0) : change;
          const goes = line === undefined ? [] : [line, ...databasesOf(before, line)];
          const isDeleted = "as" in change && change.as;
          const retire = isDeleted || goes.length === 0 ? retired : goes;
          const remove = isDeleted ? goes : deleted;
          const project = mkdtempSync(join(current.folder, "p-"));
          const one = synth(project, before, {});
          const elsewhere = isOther && line === undefined;
          // What is defined in another stack afterwards has left this one.
          const two =
            one &&
            synth(
              project,
              elsewhere ? NOTHING : after,
              { retired: retire, deleted: remove },
              elsewhere ? after : NOTHING,
            );
          rmSync(project, { recursive: true });
          if (one?.[0] === undefined || two?.[0] === undefined) return;
          compared++;
          const state = new TerraformState();
          state.apply(one[0]);
          const { lost, renamed } = state.apply(two[0]);
          for (const { name, call } of lost) expect([name, call].some((text) => remove.includes(text))).toBe(true);
          for (const [from, to] of renamed) {
            const said = after.namespaces.find(({ name }) => name === to.name)?.renamedFrom;
            expect([from.name, from.call]).toContain(said);
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS * 0.4);
  }, 300_000);
});
