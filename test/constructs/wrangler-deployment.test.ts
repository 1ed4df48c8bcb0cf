import { readFileSync } from "node:fs";
import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import { App } from "cdktf";
import { EnvironmentSet, type EnvironmentSetProps, Rollout, WorkerCode } from "../../src/index.js";
import { readAssembly } from "../../src/assembly/index.js";
import { LOCK_FILE } from "../../src/lock/index.js";
import { loadManifests } from "../../src/synth/index.js";
import { expectFitsProvider, resourcesOf, synthToJson, testApp } from "../support/synth.js";
import { outsideCi } from "../support/outside-ci.js";
import { tempDirs } from "../support/temp-dir.js";
import { define, only } from "./environment-samples.js";
import { ACCOUNT, CODE, problemsOf, ZONE } from "./samples.js";

const { path, write } = tempDirs();
const around = {
  routes: [{ pattern: "shop.example.com/*", zoneId: ZONE }],
  crons: ["0 * * * *"],
  workersDev: true,
  secrets: ["KEY"],
  d1: { DB: {} },
};

outsideCi();

/** Synthesizes one protected environment with a lock. */
function synth(props: Partial<EnvironmentSetProps>): { moved?: unknown; removed?: { from: string }[] } {
  const app = new App({ outdir: path("out"), context: { lock: path(LOCK_FILE) } });
  const set = { app: "shop", accountId: ACCOUNT, namespaces: { SESSIONS: {} }, environments: { prod: {} } };
  new EnvironmentSet(app, "shop", { ...set, ...props });
  app.synth();
  return JSON.parse(readFileSync(path("out/stacks/shop-prod/cdk.tf.json"), "utf8")) as never;
}

describe("a Worker whose script wrangler deploys", () => {
  it("has no script and no secrets in Terraform, and its addresses once the script is there", () => {
    const { stack, worker } = only({ worker: { code: "wrangler", ...around } });
    const json = synthToJson(stack);
    expect(Object.keys(json.resource ?? {}).sort()).toEqual([
      "cloudflare_d1_database",
      "cloudflare_workers_cron_trigger",
      "cloudflare_workers_kv_namespace",
      "cloudflare_workers_route",
      "cloudflare_workers_script_subdomain",
    ]);
    expect(json.variable).toBeUndefined();
    const [route] = Object.values(resourcesOf(stack, "cloudflare_workers_route"));
    expect(route).toMatchObject({
      script: "shop-dev",
      count: expect.stringMatching(/^\$\{local\.\S+ \? 1 : 0\}$/) as string,
    });
    expect(() => worker?.resource).toThrow("Worker 'shop-dev' is deployed by wrangler");
    expectFitsProvider(stack);
  });

  it("is a Worker of the assembly like any other, with its bindings and its entry", () => {
    const entry = write("src/worker.ts", "export default {};\n");
    synth({ worker: { code: WorkerCode.byWrangler(entry), ...around, vars: { MODE: "live" } } });
    const [worker] = readAssembly(path("out")).stacks[0]?.workers ?? [];
    expect(worker).toMatchObject({ name: "shop-prod", form: "script", deployedBy: "wrangler", crons: ["0 * * * *"] });
    const [version] = worker?.versions ?? [];
    expect(version?.source?.entry).toMatch(/src\/worker\.ts$/);
    expect(version?.bindings.map(({ name, kind }) => [name, kind])).toEqual([
      ["DB", "d1"],
      ["KEY", "secret_text"],
      ["MODE", "plain_text"],
      ["SESSIONS", "kv_namespace"],
    ]);
  });

  it("is the same in YAML", () => {
    const yaml = write(
      "set.yaml",
      "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: set}\nspec:\n  app: shop\n" +
        "  namespaces: {SESSIONS: , CACHE: }\n  worker: {code: wrangler, crons: ['0 * * * *']}\n  environments: {dev: , prod: }\n",
    );
    const [stack] = loadManifests(testApp(), [yaml], { accountId: ACCOUNT });
    const [environment] = define({ worker: { code: "wrangler", crons: ["0 * * * *"] } }).environments;
    expect(stack === undefined || synthToJson(stack)).toEqual(environment && synthToJson(environment.stack));
  });

  it("is let go by Terraform when it was Terraform's, whatever its rollout and its name in the app", () => {
    const rollout = Rollout.gradual([{ label: "v1", percentage: 100 }]);
    synth({ worker: { code: CODE, routes: around.routes } });
    const { removed } = synth({ worker: { code: "wrangler", routes: around.routes } });
    expect(removed?.map(({ from }) => from.replace(/_\w{8}$/, ""))).toEqual([
      "cloudflare_worker.Worker",
      "cloudflare_workers_script.Worker",
    ]);
    synth({ worker: { code: CODE, adopt: true, rollout } });
    const after = synth({ workers: { api: { code: "wrangler", workerName: "shop-prod" } } });
    expect(after.removed?.map(({ from }) => from.replace(/_\w{8}$/, ""))).toEqual([
      "cloudflare_worker.Worker",
      "cloudflare_worker.api",
      "cloudflare_worker_version.Worker_Version-v1",
      "cloudflare_workers_deployment.Worker_Deployment",
      "cloudflare_workers_script.Worker",
      "cloudflare_workers_script.api",
    ]);
  });

  it("comes back to Terraform by adoption alone, which keeps its secrets", () => {
    synth({ worker: { code: "wrangler" } });
    expect(() => synth({ worker: { code: CODE } })).toThrow(
      "Worker 'shop-prod' was deployed by wrangler, and its secrets would be lost",
    );
    expect(synth({ worker: { code: CODE, adopt: true } }).removed).toBeUndefined();
  });

  it("can be waited for with whatever addresses it has", () => {
    const { stack, worker } = only({ worker: { code: "wrangler", ...around } });
    if (worker === undefined) throw new Error("expected a Worker");
    new D1Database(stack, "Later", { accountId: ACCOUNT, name: "later", dependsOn: [worker] });
    const ready = Object.values((synthToJson(stack) as { locals?: Record<string, unknown> }).locals ?? {}).flat();
    expect(ready).toContainEqual(expect.stringMatching(/^\$\{join\(",", cloudflare_workers_route\.\S+\[\*\]\.id\)\}$/));
    expect(ready).toContainEqual(expect.stringMatching(/^\$\{cloudflare_d1_database\.\S+\.id\}$/));
  });

  it("refuses what wrangler decides", () => {
    const rollout = Rollout.gradual([{ label: "v1", percentage: 100 }]);
    expect(problemsOf(() => only({ worker: { code: "wrangler", rollout } }))).toEqual([
      "a gradual rollout is Terraform's, and the code is wrangler's: use 'wrangler versions deploy' instead of rollout",
    ]);
    expect(problemsOf(() => only({ worker: { code: "wrangler", keepSecrets: true } }))).toEqual([
      "keepSecrets has no effect: wrangler keeps a Worker's secrets itself",
    ]);
  });
});
