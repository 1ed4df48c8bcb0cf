import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { WorkerCode, type EnvironmentWorkerProps } from "../../src/index.js";
import { wrangler } from "../clients/wrangler-steps.js";
import { ACCOUNT } from "./api.js";
import { run, StepFailed } from "./engines.js";
import type { Project, Scenario } from "./project.js";

const BIN = resolve("node_modules/wrangler/bin/wrangler.js");
const CLI = ["--import", resolve("node_modules/tsx/dist/esm/index.mjs"), resolve("src/cli/bin.ts")];
const SOURCE = `export default {
  fetch: async (request: Request, env: any) => new Response(await env.SESSIONS.get("k")),
  scheduled() {},
};
`;

/** Terraform and wrangler on one Worker: each leaves what is the other's as it is. */
export const withWrangler: readonly Scenario[] = [
  {
    name: "Terraform owns namespaces and addresses, wrangler the script",
    async run(project) {
      mkdirSync(join(project.root, "src"));
      const entry = join(project.root, "src/worker.ts");
      writeFileSync(entry, SOURCE);
      const define = (props: EnvironmentWorkerProps): void =>
        project.set({
          worker: {
            code: WorkerCode.byWrangler(entry),
            routes: [{ pattern: "shop.example.com/*", zoneName: "example.com" }],
            workersDev: true,
            ...props,
          },
        });
      define({ crons: ["0 * * * *"] });
      await project.apply("create, without a script", "shop-prod", { add: 2 });
      const id = await project.store("shop-session-prod");
      await deploy(project);
      await project.serving("shop-prod", "kept", () =>
        project.apply("addresses", "shop-prod", { add: 3, change: 0, destroy: 0 }),
      );
      await call(project, ["secret", "put", "KEY"], "hush");
      const before = await addresses(project);
      await deploy(project);
      await project.expectEmptyPlan("wrangler deploy changes nothing of Terraform's", "shop-prod");
      if ((await addresses(project)) !== before) throw new StepFailed("wrangler changed routes or schedules");
      define({ crons: ["5 * * * *"] });
      const script = await scriptOf(project);
      await project.serving("shop-prod", "kept", () =>
        project.apply("another cron", "shop-prod", { add: 0, change: 1, destroy: 0 }),
      );
      if ((await scriptOf(project)) !== script) throw new StepFailed("Terraform changed the script or its secrets");
      await deploy(project);
      await project.expectEmptyPlan("wrangler deploy once more", "shop-prod");
      await project.kept(id, "shop-session-prod");
    },
  },
  {
    name: "a Worker of Terraform's is handed over to wrangler and taken back",
    async run(project) {
      mkdirSync(join(project.root, "src"));
      const entry = join(project.root, "src/worker.ts");
      writeFileSync(entry, SOURCE);
      const crons = ["0 * * * *"];
      project.set({ worker: { code: WorkerCode.fromEntry(entry), crons } });
      await project.apply("create", "shop-prod", { add: 4 });
      await project.store("shop-session-prod");
      project.set({ worker: { code: WorkerCode.byWrangler(entry), crons } });
      await project.serving("shop-prod", "kept", () =>
        project.apply("handed over", "shop-prod", { add: 0, change: 0, destroy: 0 }),
      );
      await project.serving("shop-prod", "kept", () => deploy(project));
      await project.expectEmptyPlan("deployed by wrangler", "shop-prod");
      project.refused("overwriting it refused", "LOCK_CONFLICT", () =>
        project.set({ worker: { code: WorkerCode.fromEntry(entry), crons } }),
      );
      project.set({ worker: { code: WorkerCode.fromEntry(entry), crons, adopt: true } });
      await project.serving("shop-prod", "kept", () =>
        project.apply("taken back", "shop-prod", { import: 1, add: 0, destroy: 0 }),
      );
    },
  },
];

/** Exports the configuration with the ids that Cloudflare has, and deploys it. */
async function deploy(project: Project): Promise<void> {
  const args = ["wrangler", "export", "prod", "--live", "--output", join(project.root, "cdktf.out")];
  const { baseUrl } = project.api;
  const env = { CLOUDFLARE_BASE_URL: baseUrl, CLOUDFLARE_API_TOKEN: "e2e".padEnd(40, "0") };
  const { status, output } = await run(
    ".",
    process.execPath,
    [...CLI, ...args, "--out", join(project.root, "wrangler.jsonc")],
    env,
  );
  if (status !== 0) throw new StepFailed(`cfkv wrangler export ended with ${String(status)}:\n${output}`);
  await call(project, ["deploy"]);
  project.steps.push("wrangler deploy");
}

async function call(project: Project, args: readonly string[], input?: string): Promise<void> {
  const place = {
    node: process.execPath,
    bin: BIN,
    folder: project.root,
    baseUrl: project.api.baseUrl,
    account: ACCOUNT,
  };
  const { code, output } = await wrangler(place, args, input);
  if (code !== 0) throw new StepFailed(`wrangler ${args.join(" ")} ended with ${code}:\n${output}`);
}

async function addresses(project: Project): Promise<string> {
  const script = `/accounts/${ACCOUNT}/workers/scripts/shop-prod`;
  return (
    (await project.api.call("GET", `${script}/schedules`)) + (await project.api.call("GET", `${script}/subdomain`))
  );
}

async function scriptOf(project: Project): Promise<string> {
  const script = `/accounts/${ACCOUNT}/workers/scripts/shop-prod`;
  return (await project.api.call("GET", `${script}/settings`)) + (await project.api.call("GET", `${script}/secrets`));
}
