import type { TerraformStack } from "cdktf";
import {
  KvNamespace,
  Rollout,
  WorkerCode,
  WorkerWithKvBindings,
  type WorkerWithKvBindingsProps,
} from "../../src/index.js";
import { zoneIdOf } from "../../src/local/emulator/api/zones.js";
import { ACCOUNT } from "./api.js";
import { StepFailed } from "./engines.js";
import type { Project, Scenario } from "./project.js";

const ZONE = "00000000000000000000000000000010";
const ONE_VERSION = Rollout.gradual([{ label: "v1", percentage: 100 }]);
const code = WorkerCode.fromInline(
  `export default { async fetch(request, env) { return new Response(await (env.KV ?? env.AUTH ?? env.SESSIONS).get("k")); } };`,
);

/** The rows of docs/lifecycle.md about Workers: where they say "no downtime", every request is answered. */
export const workersOverTime: readonly Scenario[] = [
  {
    name: "the id of a Worker's construct is renamed, then its kind of rollout changed and changed back",
    async run(project) {
      const define = (id: string, props: Partial<WorkerWithKvBindingsProps>): void =>
        project.stacks({ api: (stack) => api(stack, id, props) });
      const d1 = { DB: { databaseName: "orders" } };
      define("Api", { d1 });
      await project.apply("create", "api", { add: 5 });
      const id = await project.store("kv");
      define("Gateway", { d1 });
      await project.serving("api", "kept", () => project.apply("id renamed", "api", { add: 0, destroy: 0 }));

      project.refused("another rollout refused", "LOCK_CONFLICT", () =>
        define("Gateway", { rollout: ONE_VERSION, retired: ["DB"] }),
      );
      define("Gateway", { rollout: ONE_VERSION, adopt: true, retired: ["DB"] });
      await project.serving("api", "kept", () => project.apply("gradual", "api", { import: 1, add: 2, destroy: 0 }));
      define("Gateway", { adopt: true });
      await project.serving("api", "kept", () => project.apply("all at once", "api", { import: 1, destroy: 0 }));
      await project.kept(id, "kv");
    },
  },
  {
    name: "the only namespace of a gradual Worker has its binding renamed",
    async run(project) {
      const define = (binding: string): void =>
        project.set({
          namespaces: { [binding]: {} },
          worker: { code, rollout: ONE_VERSION, routes: [{ pattern: "shop.example.com/*", zoneId: ZONE }] },
        });
      define("SESSIONS");
      await project.apply("create", "shop-prod", { add: 5 });
      const id = await project.store("shop-prod");
      define("AUTH");
      await project.serving("shop-prod", "kept", () =>
        project.apply("binding renamed", "shop-prod", { add: 2, destroy: 2 }),
      );
      await project.kept(id, "shop-prod");
    },
  },
  {
    name: "a Worker that another tool made is adopted, with its secret, route and cron",
    async run(project) {
      const route = await foreignWorker(project);
      const pattern = "wr.example.com/*";
      project.stacks({
        wr: (stack) => {
          const namespace = new KvNamespace(stack, "Kv", { namespaceName: "kv", accountId: ACCOUNT });
          new WorkerWithKvBindings(stack, "Worker", {
            workerName: "wr",
            accountId: ACCOUNT,
            code: WorkerCode.fromInline(`export default { fetch: (request, env) => new Response(env.SECRET) };`),
            kv: { KV: namespace },
            routes: [{ pattern, zoneId: ZONE }],
            crons: ["5 * * * *"],
            adopt: { routes: { [pattern]: route } },
          });
        },
      });
      await project.serving("wr", "hush", () => project.apply("adopted", "wr", { import: 3, add: 1, destroy: 0 }));
    },
  },
  {
    name: "a Worker and its database are retired",
    async run(project) {
      const define = (props: Partial<WorkerWithKvBindingsProps>): void =>
        project.stacks({ api: (stack) => api(stack, "Api", props) });
      define({ d1: { DB: { databaseName: "orders" } } });
      await project.apply("create", "api", { add: 5 });
      const id = await project.store("kv");
      define({ d1: { ROWS: { databaseName: "orders" } } });
      await project.apply("binding of the database renamed", "api", { add: 0, change: 1, destroy: 0 });
      project.refused("database gone", "PROTECTED_GONE", () => define({}));
      define({ retired: ["ROWS"] });
      await project.serving("api", "kept", () => project.apply("database retired", "api", { add: 0, destroy: 0 }));
      if (!(await project.api.call("GET", `/accounts/${ACCOUNT}/d1/database`)).includes('"orders"')) {
        throw new StepFailed("the database 'orders' is gone");
      }
      project.stacks({
        api: (stack) => {
          new KvNamespace(stack, "Kv", { namespaceName: "kv", accountId: ACCOUNT, retired: ["Api"] });
        },
      });
      await project.serving("api", "kept", () =>
        project.apply("Worker retired", "api", { add: 0, change: 0, destroy: 0 }),
      );
      await project.kept(id, "kv");
    },
  },
  {
    name: "zones are looked up by their names",
    async run(project) {
      const routes = [{ pattern: "shop.example.com/*", zoneName: "example.com" }];
      project.set({ worker: { code, routes, customDomains: [{ hostname: "shop.example.org" }] } });
      await project.apply("create", "shop-prod", { add: 5 });
      const route = { pattern: "shop.example.com/*", zoneId: zoneIdOf("example.com") };
      project.set({ worker: { code, routes: [route], customDomains: [{ hostname: "shop.example.org" }] } });
      await project.apply("the same zone by its id", "shop-prod", { add: 0, change: 0, destroy: 0 });
    },
  },
  {
    name: "Workers of an environment call each other",
    async run(project) {
      const caller = WorkerCode.fromInline("export default { fetch: (request, env) => env.API.fetch(request) };");
      const workers = { jobs: { code: caller, services: { API: { worker: "api" } } }, api: { code } };
      project.set({ workers });
      await project.apply("create", "shop-prod", { add: 4 });
      await project.store("shop-session-prod");
      await project.serving("shop-jobs-prod", "kept", () => project.expectEmptyPlan("plan again", "shop-prod"));
    },
  },
  {
    name: "namespaces are Terraform's and the Worker another tool's",
    async run(project) {
      project.set({ environments: { prod: {} } });
      await project.apply("create", "shop-prod", { add: 2 });
      const id = await project.store("shop-session-prod");
      const { SESSIONS } = (await project.outputs("shop-prod"))["namespace_ids"] as Record<string, string>;
      if (SESSIONS !== id) throw new StepFailed(`namespace_ids has ${String(SESSIONS)}, expected ${id}`);
      await upload(
        project,
        "by-wrangler",
        `export default { fetch: async (r, env) => new Response(await env.KV.get("k")) }`,
        [{ type: "kv_namespace", name: "KV", namespace_id: id }],
      );
      project.set({
        namespaces: { SESSIONS: { purpose: "session" }, CACHE: { purpose: "cache" }, FLAGS: { purpose: "flags" } },
      });
      await project.serving("by-wrangler", "kept", () =>
        project.apply("namespace added", "shop-prod", { add: 1, change: 0, destroy: 0 }),
      );
    },
  },
];

/** A namespace, and a Worker with a route and a cron that reads it. */
function api(stack: TerraformStack, id: string, props: Partial<WorkerWithKvBindingsProps>): void {
  const namespace = new KvNamespace(stack, "Kv", { namespaceName: "kv", accountId: ACCOUNT });
  new WorkerWithKvBindings(stack, id, {
    workerName: "api",
    accountId: ACCOUNT,
    code,
    kv: { KV: namespace },
    routes: [{ pattern: "api.example.com/*", zoneId: ZONE }],
    crons: ["0 * * * *"],
    ...props,
  });
}

/** @returns the id of the route that leads to it */
async function foreignWorker(project: Project): Promise<string> {
  const secret = { type: "secret_text", name: "SECRET", text: "hush" };
  await upload(project, "wr", `export default { fetch: (request, env) => new Response(env.SECRET) }`, [secret]);
  const schedules = `/accounts/${ACCOUNT}/workers/scripts/wr/schedules`;
  await project.api.call("PUT", schedules, JSON.stringify([{ cron: "5 * * * *" }]));
  const route = JSON.stringify({ pattern: "wr.example.com/*", script: "wr" });
  const answer = JSON.parse(await project.api.call("POST", `/zones/${ZONE}/workers/routes`, route)) as {
    readonly result: { readonly id: string };
  };
  return answer.result.id;
}

async function upload(project: Project, name: string, source: string, bindings: readonly object[]): Promise<void> {
  const form = new FormData();
  const metadata = { main_module: "index.js", compatibility_date: "2026-04-01", bindings };
  form.set("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  form.set("index.js", new File([source], "index.js", { type: "application/javascript+module" }));
  await project.api.call("PUT", `/accounts/${ACCOUNT}/workers/scripts/${name}`, form);
}
