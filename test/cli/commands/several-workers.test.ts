import { readFileSync } from "node:fs";
import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { WorkerCode } from "../../../src/index.js";
import { frontWorker } from "../../../src/local/dev/running-workers.js";
import { wranglerProject } from "../../support/wrangler-project.js";
import { cli } from "../run-cli.js";

// A real runtime starts here, on a machine that may be busy.
jest.setTimeout(60_000);

const { path, write, synth, readConfig } = wranglerProject();

const API = `export default {
  async fetch(request, env) {
    await env.SESSIONS.put("from", "api");
    const said = await (await env.JOBS.fetch(request)).text() + " and counts to " + await env.JOBS.add(1, 2);
    if (said !== "jobs, which read api and counts to 3") throw new Error(said);
    return new Response(said);
  },
};`;
const JOBS = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async fetch() { return new Response("jobs, which read " + await this.env.SESSIONS.get("from")); }
  add(a, b) { return a + b; }
}`;

const routes = [{ pattern: "jobs.example.com/*", zoneName: "example.com" }];

/** A set whose two Workers share a namespace, and one of which calls the other. */
function twoWorkers(): void {
  synth({
    namespaces: { SESSIONS: {} },
    worker: { code: WorkerCode.fromInline("export default { fetch: () => new Response('web') };") },
    workers: {
      jobs: { code: WorkerCode.fromEntry(write("src/jobs.ts", JOBS)), crons: ["0 * * * *"], routes },
      api: {
        code: WorkerCode.fromEntry(write("src/api.ts", API)),
        services: { JOBS: { worker: "jobs" } },
        vars: { MODE: "live" },
      },
    },
  });
}

const run = (command: string, ...args: readonly string[]) =>
  cli([...command.split(" "), "--output", path("cdktf.out"), ...args]);

describe("the Workers of an environment", () => {
  it("are listed by their names in the set", async () => {
    twoWorkers();
    const { stdout } = await run("list", "dev");
    expect(stdout).toMatch(/^ {4} {6}shop-dev {7}all at once/m);
    expect(stdout).toMatch(/^ {4}api {3}shop-api-dev {3}all at once/m);
    expect(stdout).toMatch(
      /^ {4}jobs {2}shop-jobs-dev {2}all at once {2}https:\/\/jobs\.example\.com\/\* {2}cron 0 \* \* \* \*/m,
    );
    const { stacks } = JSON.parse((await run("list", "dev", "--json")).stdout) as {
      stacks: { workers: { key?: string; name: string }[] }[];
    };
    expect(stacks[0]?.workers.map(({ key, name }) => [key, name])).toEqual([
      [undefined, "shop-dev"],
      ["api", "shop-api-dev"],
      ["jobs", "shop-jobs-dev"],
    ]);
  });

  it("all run locally, where they call each other and share namespaces", async () => {
    twoWorkers();
    const { code, stdout } = await run("dev dev", "--once");
    expect(code).toBe(0);
    expect(stdout).toBe("ok  shop-dev       200\nok  shop-api-dev   200\nok  shop-jobs-dev  200\n");
  });

  it("have the one of the field worker in front, or else one that no other calls", () => {
    twoWorkers();
    const { workers } = chooseStack(readAssembly(path("cdktf.out")), { name: "dev" });
    expect(frontWorker(workers)?.name).toBe("shop-dev");
    expect(frontWorker(workers.filter(({ key }) => key !== undefined))?.name).toBe("shop-api-dev");
  });

  it("are typed together, or one of them by its name", async () => {
    twoWorkers();
    const all = await run("types", "--out", "-");
    expect(all.stdout.match(/^interface \w+/gm)).toEqual([
      "interface WorkerEnv",
      "interface ApiEnv",
      "interface JobsEnv",
    ]);
    const one = await run("types", "--worker", "api", "--out", path("env.d.ts"));
    expect(one.code).toBe(0);
    const text = readFileSync(path("env.d.ts"), "utf8");
    expect(text).toContain("interface Env extends Cloudflare.Env {}");
    expect(text).toContain('JOBS: Service<typeof import("./src/jobs").default>;');
    expect(text).toContain('MODE: "live";');
    expect((await run("types", "--worker", "mail", "--out", "-")).stderr).toContain("has no Worker 'mail'");
  });

  it("are exported one by one for wrangler", async () => {
    twoWorkers();
    const none = await run("wrangler export", "--out", path("wrangler.jsonc"));
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("shop-dev, shop-api-dev, shop-jobs-dev")]);
    const { code } = await run("wrangler export dev", "--worker", "jobs", "--out", path("wrangler.jsonc"));
    expect(code).toBe(0);
    expect(readConfig("wrangler.jsonc", "prod")).toMatchObject({
      name: "shop-jobs-prod",
      main: path("src/jobs.ts"),
      routes: [{ pattern: "jobs.example.com/*", zone_name: "example.com" }],
      triggers: { crons: ["0 * * * *"] },
      kv_namespaces: [{ binding: "SESSIONS" }],
    });
  });
});
