import { readFileSync } from "node:fs";
import { App } from "cdktf";
import { type CodedError, EnvironmentSet, type EnvironmentSetProps, Rollout, WorkerCode } from "../../src/index.js";
import { LOCK_FILE } from "../../src/lock/index.js";
import { outsideCi } from "../support/outside-ci.js";
import { tempDirs } from "../support/temp-dir.js";
import { ACCOUNT, ZONE } from "./samples.js";

const { path } = tempDirs();
const code = WorkerCode.fromInline("export default {};");
const routes = [{ pattern: "shop.example.com/*", zoneId: ZONE }];

outsideCi();

interface Document {
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly object[];
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Synthesizes a protected environment with a lock, and returns its stack. */
function synth(props: Partial<EnvironmentSetProps>): Document {
  const app = new App({ outdir: path("out"), context: { lock: path(LOCK_FILE) } });
  new EnvironmentSet(app, "shop", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: { SESSIONS: {} },
    environments: { prod: {} },
    ...props,
  });
  app.synth();
  return JSON.parse(readFileSync(path("out/stacks/shop-prod/cdk.tf.json"), "utf8")) as Document;
}

const addresses = ({ resource }: Document): string[] =>
  Object.entries(resource).flatMap(([type, blocks]) => Object.keys(blocks).map((id) => `${type}.${id}`));

/** What moves, with the hashes of addresses left out. */
const moves = ({ moved = [] }: Document): string[] =>
  moved.map(({ from, to }) => `${from} -> ${to}`.replaceAll(/_[0-9A-F]{8}\b/g, "")).sort();

describe("the lock of a set with several Workers", () => {
  const worker = { code, routes, d1: { DB: {} }, crons: ["0 * * * *"] };

  it("changes no address of a Worker when others come beside it", () => {
    const alone = synth({ worker });
    const beside = synth({ worker, workers: { jobs: { code } } });
    expect(beside.moved).toBeUndefined();
    expect(addresses(beside)).toEqual(expect.arrayContaining(addresses(alone)));
  });

  it("moves a Worker with all of its own to a name in workers, where its workerName stays", () => {
    synth({ worker });
    const after = synth({
      workers: { api: worker, jobs: { code } },
      environments: { prod: { workers: { api: { workerName: "shop-prod" } } } },
    });
    expect(moves(after)).toEqual([
      "cloudflare_d1_database.Worker_D1-DB -> cloudflare_d1_database.api_D1-DB",
      "cloudflare_workers_cron_trigger.Worker_Crons -> cloudflare_workers_cron_trigger.api_Crons",
      expect.stringMatching(/^cloudflare_workers_route\.Worker_Route-\w+ -> cloudflare_workers_route\.api_Route-\w+$/),
      "cloudflare_workers_script.Worker -> cloudflare_workers_script.api",
    ]);
    expect(after.removed).toBeUndefined();
    expect(JSON.stringify(after.resource)).toContain('"script_name":"shop-prod"');
  });

  it("refuses the same with another workerName, which Cloudflare would delete and create", () => {
    synth({ worker });
    const rename = () => synth({ workers: { api: { ...worker, renamedFrom: "Worker" } } });
    expect(rename).toThrow("Worker 'shop-prod' cannot be renamed to 'shop-api-prod'");
    let code: unknown;
    try {
      synth({ workers: { api: worker } });
    } catch (error) {
      code = (error as CodedError).code;
    }
    expect(code).toBe("PROTECTED_GONE");
  });

  it("renames the Worker of a gradual rollout, which Cloudflare can", () => {
    const rollout = Rollout.gradual([{ label: "v1", percentage: 100 }]);
    synth({ worker: { code, rollout } });
    const after = synth({ workers: { api: { code, rollout, renamedFrom: "Worker" } } });
    expect(moves(after)).toEqual([
      "cloudflare_worker.Worker -> cloudflare_worker.api",
      "cloudflare_worker_version.Worker_Version-v1 -> cloudflare_worker_version.api_Version-v1",
      "cloudflare_workers_deployment.Worker_Deployment -> cloudflare_workers_deployment.api_Deployment",
    ]);
    expect(JSON.stringify(after.resource)).toContain('"name":"shop-api-prod"');
  });

  it("moves a Worker whose name in workers changes, and lets one go that is retired", () => {
    synth({ workers: { api: { code }, jobs: { code } } });
    const after = synth({
      workers: { gateway: { code } },
      environments: { prod: { workers: { gateway: { workerName: "shop-api-prod" } } } },
      retired: ["jobs"],
    });
    expect(moves(after)).toEqual(["cloudflare_workers_script.api -> cloudflare_workers_script.gateway"]);
    expect(after.removed).toEqual([
      { from: expect.stringMatching(/^cloudflare_workers_script\.jobs_/) as string, lifecycle: { destroy: false } },
    ]);
  });

  it("moves a database of which only the binding changes, also without a lock that knew it", () => {
    const after = synth({ worker: { code, d1: { ROWS: { databaseName: "orders", renamedFrom: "DB" } } } });
    expect(moves(after)).toEqual(["cloudflare_d1_database.Worker_D1-DB -> cloudflare_d1_database.Worker_D1-ROWS"]);
  });
});
