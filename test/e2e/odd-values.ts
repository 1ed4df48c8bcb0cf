import type { TerraformStack } from "cdktf";
import {
  EnvironmentSet,
  KvNamespace,
  WorkerCode,
  WorkerWithKvBindings,
  type WorkerWithKvBindingsProps,
} from "../../src/index.js";
import { ACCOUNT } from "./api.js";
import { StepFailed } from "./engines.js";
import type { Project, Scenario } from "./project.js";

const VARS = WorkerCode.fromInline(
  `export default { fetch: (request, { KV, KV_DEFAULTS, ...vars }) => Response.json(vars) };`,
);
/** What Terraform, JSON or a shell would take for something else. */
const ODD = [
  "${var.x} and %{ if true }",
  `quotes " ' and \\ back`,
  "line\nbreak\ttab",
  "é ß 🎉 \u200b",
  "$${x} %%{y}",
  "</script>&<!--",
];

/** What does not survive every provider: each stack is applied, and arrives as it was written. */
export const oddValues: readonly Scenario[] = [
  {
    name: "placement",
    run: (project) => variables(project, { placement: { mode: "smart" } }, {}),
  },
  {
    name: "vars that are not strings",
    run: (project) => {
      const vars = {
        LIST: [1, 2.5, -0.25],
        MAP: { nested: { deep: [true, false, null] }, "odd ${key}": ODD },
        NUMBER: 5,
        YES: true,
        LARGE: 1e21,
        SMALL: 1e-7,
      };
      return variables(project, { vars }, vars);
    },
  },
  {
    name: "odd text in keys, values, metadata, vars and descriptions",
    async run(project) {
      const vars = Object.fromEntries(ODD.map((text, index) => [`V${index}`, text]));
      const entries = ODD.map((text, index) => ({
        key: `${index}/${text}`,
        value: text,
        metadata: { [text]: [text, 1e21, 1e-7] },
      }));
      await variables(project, { vars }, vars, (stack) => {
        new KvNamespace(stack, "Odd", {
          namespaceName: 'odd ${x} %{y} "é"',
          accountId: ACCOUNT,
          description: ODD[0] ?? "",
          entries,
        });
      });
      const id = await project.api.idOf('odd ${x} %{y} "é"');
      for (const { key, value } of entries) {
        const found = id === undefined ? undefined : await project.api.get(id, key);
        if (found !== value) throw new StepFailed(`key ${JSON.stringify(key)} is ${JSON.stringify(found)}`);
      }
    },
  },
  {
    name: "databases of two environments",
    async run(project) {
      const define = (app: ConstructorParameters<typeof EnvironmentSet>[0]): void => {
        new EnvironmentSet(app, "shop", {
          app: "shop",
          accountId: ACCOUNT,
          namespaces: { KV: {} },
          worker: { code: VARS, d1: { DB: {} } },
          environments: { dev: {}, prod: {} },
        });
      };
      project.synth(define);
      await project.apply("dev", "shop-dev", { add: 3 });
      await project.apply("prod", "shop-prod", { add: 3 });
      const databases = await project.api.call("GET", `/accounts/${ACCOUNT}/d1/database`);
      for (const name of ["shop-db-dev", "shop-db-prod"]) {
        if (!databases.includes(`"${name}"`)) throw new StepFailed(`the database '${name}' is not there: ${databases}`);
      }
      await project.expectRefusedDestroy("prod protected", "shop-prod");
      await project.destroy("dev destroyed", "shop-dev");
    },
  },
];

/** Applies a Worker, and reads what its vars are when it runs. */
async function variables(
  project: Project,
  props: Partial<WorkerWithKvBindingsProps>,
  expected: object,
  more: (stack: TerraformStack) => void = () => undefined,
): Promise<void> {
  project.stacks({
    odd: (stack) => {
      const kv = { KV: new KvNamespace(stack, "Kv", { namespaceName: "kv", accountId: ACCOUNT }) };
      new WorkerWithKvBindings(stack, "Worker", { workerName: "odd", accountId: ACCOUNT, code: VARS, kv, ...props });
      more(stack);
    },
  });
  await project.apply("create", "odd", {});
  const found = await project.api.read("odd");
  // As the constructs sort nothing here: an object's members come in the order of the bindings' names.
  const wanted = JSON.stringify(Object.fromEntries(Object.entries(expected).sort(([a], [b]) => (a < b ? -1 : 1))));
  if (found !== wanted) throw new StepFailed(`the Worker has ${found}, expected ${wanted}`);
}
