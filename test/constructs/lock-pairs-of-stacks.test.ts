import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import fc from "fast-check";
import { CodedError, KvNamespace, WorkerCode, WorkerWithKvBindings } from "../../src/index.js";
import { ACCOUNT } from "./samples.js";

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string; readonly lifecycle: { readonly destroy: boolean } }[];
}

/** What must not go, with the attribute that Cloudflare knows it by. */
const KEPT: Readonly<Record<string, string>> = {
  cloudflare_workers_kv_namespace: "title",
  cloudflare_d1_database: "name",
  cloudflare_workers_script: "script_name",
};

function names({ resource = {} }: StackJson): Map<string, string> {
  return new Map(
    Object.entries(KEPT).flatMap(([type, attribute]) =>
      Object.entries(resource[type] ?? {}).map(([id, one]) => [`${type}.${id}`, String(one[attribute])] as const),
    ),
  );
}

/** What Terraform makes of both: the name that each object of the former state has now, or undefined if it is deleted. */
function fates(before: StackJson, after: StackJson): [name: string, now: string | undefined][] {
  const steps = new Map((after.moved ?? []).map(({ from, to }) => [from, to]));
  const kept = new Set((after.removed ?? []).filter(({ lifecycle }) => !lifecycle.destroy).map(({ from }) => from));
  const now = names(after);
  return [...names(before)].map(([address, name]) => {
    let at = address;
    for (let next = steps.get(at); next !== undefined; next = steps.get(at)) at = next;
    return [name, kept.has(at) ? name : now.get(at)];
  });
}

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
const content = fc.record({
  namespaces: fc.uniqueArray(namespace, { maxLength: 3, selector: ({ name }) => name }),
  workers: fc.uniqueArray(worker, { maxLength: 2, selector: ({ name }) => name }),
});
const lines = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(fc.constantFrom<string>("A", "B", "DB", "kv-1", "kv-2", "api-1", "db-1"), {
      maxLength: 3,
    }),
  },
);
type Content = typeof content extends fc.Arbitrary<infer T> ? T : never;
const afterwards = fc.oneof(content, fc.record({ parent: place.parent, turn: fc.nat({ max: 2 }) }));
const NOTHING: Content = { namespaces: [], workers: [] };

/** The same names in another order, with other ids, at another depth: what nobody would take for a deletion. */
function rearranged({ namespaces, workers }: Content, parent: string, turn: number): Content {
  const ids = ["A", "B", "C"] as const;
  const place = (id: string): { id: string; parent: string } => ({
    id: ids[(ids.findIndex((one) => one === id) + turn) % ids.length] ?? id,
    parent,
  });
  return {
    namespaces: [...namespaces].reverse().map((one) => ({ ...one, ...place(one.id) })),
    workers: [...workers].reverse().map((one) => ({ ...one, ...place(one.id) })),
  };
}

let folder = "";
const { CDKTF_CONTEXT_JSON: context, CI: ci } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfkv-pairs-"));
  delete process.env["CDKTF_CONTEXT_JSON"];
  delete process.env["CI"];
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  Object.assign(process.env, { CDKTF_CONTEXT_JSON: context, ...(ci !== undefined && { CI: ci }) });
  jest.restoreAllMocks();
});

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
function synth(project: string, first: Content, goes: object, second: Content = NOTHING): StackJson[] | undefined {
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
    (name) => JSON.parse(readFileSync(join(project, "out/stacks", name, "cdk.tf.json"), "utf8")) as StackJson,
  );
}

describe("any pair of stacks with namespaces, Workers and databases, one after the other", () => {
  it("is refused, or deletes and mixes up nothing, unless its author said so", () => {
    let compared = 0;
    fc.assert(
      fc.property(content, afterwards, lines, lines, fc.boolean(), (before, change, retired, deleted, isOther) => {
        const after = "turn" in change ? rearranged(before, change.parent, change.turn) : change;
        const project = mkdtempSync(join(folder, "p-"));
        const one = synth(project, before, {});
        // What is defined in another stack afterwards has left this one.
        const two = one && synth(project, isOther ? NOTHING : after, { retired, deleted }, isOther ? after : NOTHING);
        rmSync(project, { recursive: true });
        if (one?.[0] === undefined || two?.[0] === undefined) return;
        compared++;
        const ids = new Map(
          [
            ...before.namespaces.map(({ name, id }) => [name, id] as const),
            ...before.workers.map(({ name, id }) => [name, `${id}w`] as const),
            ...before.workers.map(({ database }) => [database?.name ?? "", database?.binding ?? ""] as const),
          ].filter(([name]) => name !== ""),
        );
        const continued = after.namespaces.map(({ renamedFrom }) => renamedFrom);
        for (const [name, now] of fates(one[0], two[0])) {
          const calls = [name, ids.get(name)];
          if (now === undefined) expect(calls.some((call) => deleted.includes(call ?? ""))).toBe(true);
          else if (now !== name) expect(calls.some((call) => continued.includes(call))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(20);
  }, 300_000);
});
