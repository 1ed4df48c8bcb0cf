import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import fc from "fast-check";
import { CodedError, EnvironmentSet, type EnvironmentSetProps } from "../../src/index.js";
import { ACCOUNT } from "./samples.js";

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, { readonly title?: string }>>>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string; readonly lifecycle: { readonly destroy: boolean } }[];
}

/** Titles of the namespaces of a stack by address. */
function titles({ resource = {} }: StackJson): Map<string, string> {
  const namespaces = Object.entries(resource["cloudflare_workers_kv_namespace"] ?? {});
  return new Map(namespaces.map(([id, { title = "" }]) => [`cloudflare_workers_kv_namespace.${id}`, title]));
}

/** What Terraform makes of both: the address that each object of the former state has now, or undefined if it deletes it. */
function fates(before: StackJson, after: StackJson): Map<string, string | undefined> {
  const steps = new Map((after.moved ?? []).map(({ from, to }) => [from, to]));
  const kept = new Set((after.removed ?? []).filter(({ lifecycle }) => !lifecycle.destroy).map(({ from }) => from));
  const now = titles(after);
  return new Map(
    [...titles(before)].map(([address, title]) => {
      let at = address;
      for (let next = steps.get(at); next !== undefined; next = steps.get(at)) at = next;
      return [title, kept.has(at) ? title : now.get(at)];
    }),
  );
}

const binding = fc.constantFrom("SESSIONS", "CACHE", "AUTH", "CONFIG");
const purpose = fc.constantFrom("session", "cache", "auth", "config");
const namespaces = fc.dictionary(binding, fc.record({ purpose, renamedFrom: binding }, { requiredKeys: [] }), {
  minKeys: 1,
  maxKeys: 4,
});
const lines = fc.uniqueArray(fc.oneof(binding, fc.constantFrom("shop-session-prod", "shop-cache-prod")), {
  maxLength: 2,
});

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

/** The stack's JSON; undefined when the synthesis is refused. */
function synth(project: string, props: Partial<EnvironmentSetProps>): StackJson | undefined {
  const app = new App({ outdir: join(project, "out"), context: { lock: join(project, "cfkv.lock.json") } });
  try {
    new EnvironmentSet(app, "shop", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: {},
      environments: { prod: {} },
      ...props,
    });
    app.synth();
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
  return JSON.parse(readFileSync(join(project, "out/stacks/shop-prod/cdk.tf.json"), "utf8")) as StackJson;
}

describe("any pair of sets, one after the other", () => {
  it("is refused, or deletes no namespace and gives none another one's keys, unless its author said so", () => {
    let compared = 0;
    fc.assert(
      fc.property(namespaces, namespaces, lines, lines, (first, second, retired, deleted) => {
        const project = mkdtempSync(join(folder, "p-"));
        const before = synth(project, { namespaces: first });
        const after = before && synth(project, { namespaces: second, retired, deleted });
        rmSync(project, { recursive: true });
        if (before === undefined || after === undefined) return;
        compared++;
        const goes = new Set<string>(deleted);
        const said = new Set<string | undefined>(Object.values(second).map(({ renamedFrom }) => renamedFrom));
        for (const [title, now] of fates(before, after)) {
          const former = Object.entries(first).find(
            ([name, props]) => title === titleOf(first, name, props.purpose),
          )?.[0];
          if (now === undefined) expect([...goes]).toContain([title, former].find((name) => goes.has(name ?? "")));
          else if (now !== title) expect(said.has(former) || said.has(title)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(10);
  }, 300_000);
});

/** As the set names them: the only namespace of a set needs no purpose. */
function titleOf(all: object, name: string, purpose: string | undefined): string {
  if (purpose === undefined && Object.keys(all).length === 1) return "shop-prod";
  return `shop-${purpose ?? name.toLowerCase()}-prod`;
}
