import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { EnvironmentSet, WorkerCode, WorkerWithKvBindings } from "../../../src/index.js";
import { startEmulator, type Emulator } from "../../../src/local/index.js";
import { ACCOUNT, api } from "../../local/emulator/emulator-client.js";
import { wrangler } from "../../clients/wrangler-steps.js";
import { tempDirs } from "../../support/temp-dir.js";
import { type RunningCli, cli, startCli } from "../run-cli.js";

jest.setTimeout(120_000);

const dirs = tempDirs();
const COUNT = `export default { async fetch(request, env) {
  return Response.json((await env.DB.prepare("SELECT name FROM users").all()).results);
} };`;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

function write(name: string, sql: string): void {
  mkdirSync(dirs.path("migrations"), { recursive: true });
  writeFileSync(dirs.path("migrations", name), sql);
}

/** A stack whose Worker has the database `lab`, with the migrations that are there now. */
function synthesize(): void {
  const app = new App({ outdir: dirs.path("cdktf.out") });
  const stack = new TerraformStack(app, "lab");
  new CloudflareProvider(stack, "cloudflare");
  new WorkerWithKvBindings(stack, "Worker", {
    accountId: ACCOUNT,
    workerName: "lab",
    code: WorkerCode.fromInline(COUNT),
    d1: { DB: { databaseName: "lab", migrations: dirs.path("migrations") } },
  });
  app.synth();
}

async function createDatabase(): Promise<string> {
  const { json } = await api(emulator, "POST", `/accounts/${ACCOUNT}/d1/database`, { body: { name: "lab" } });
  return (json.result as { uuid: string }).uuid;
}

const run = (...args: string[]) =>
  cli(["d1", "migrate", ...args], {
    cwd: dirs.path(),
    env: { CLOUDFLARE_BASE_URL: emulator.baseUrl, CLOUDFLARE_API_TOKEN: "any-token", CLOUDFLARE_ACCOUNT_ID: ACCOUNT },
  });

describe("cfkv d1 migrate, where the stack is deployed", () => {
  it("applies what the database has not had, once, and lists before it does", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    write("0002_ann.sql", "INSERT INTO users VALUES ('ann');");
    synthesize();
    await createDatabase();

    const planned = await run("--dry-run");
    expect([planned.code, planned.stdout]).toEqual([
      0,
      "pending 0001_users.sql\npending 0002_ann.sql\n'lab', where it is deployed: 0 applied, 2 pending, 0 applied before\n",
    ]);
    const first = await run();
    expect([first.code, first.stdout]).toEqual([
      0,
      "applied 0001_users.sql\napplied 0002_ann.sql\n'lab', where it is deployed: 2 applied, 0 pending, 0 applied before\n",
    ]);
    const again = await run("--json");
    expect([again.code, JSON.parse(again.stdout)]).toEqual([
      0,
      [{ database: "lab", binding: "DB", applied: [], pending: [], before: 2 }],
    ]);
  });

  it("agrees with wrangler in both directions", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    synthesize();
    const database_id = await createDatabase();
    const config = { name: "lab", d1_databases: [{ binding: "DB", database_name: "lab", database_id }] };
    writeFileSync(dirs.path("wrangler.json"), JSON.stringify(config));
    const bin = join(dirname(createRequire(__filename).resolve("wrangler/package.json")), "bin/wrangler.js");
    const place = { node: process.execPath, bin, folder: dirs.path(), baseUrl: emulator.baseUrl, account: ACCOUNT };

    expect((await wrangler(place, ["d1", "migrations", "list", "lab", "--remote"])).output).toContain("0001_users.sql");
    expect((await run()).code).toBe(0);
    const listed = await wrangler(place, ["d1", "migrations", "list", "lab", "--remote"]);
    expect(listed.output).toContain("No migrations to apply");

    write("0002_ann.sql", "INSERT INTO users VALUES ('ann');");
    expect((await wrangler(place, ["d1", "migrations", "apply", "lab", "--remote"])).code).toBe(0);
    synthesize();
    expect((await run()).stdout).toContain("up to date: 2 migrations applied before");
  });

  it("stops at a statement that fails, names it, and keeps what came before", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    write("0002_bad.sql", "INSERT INTO users VALUES ('ann');\nINSERT INTO userz VALUES ('bob');\nSELECT 1;");
    write("0003_more.sql", "SELECT 1");
    synthesize();
    await createDatabase();

    const failed = await run("--json");
    expect([failed.code, JSON.parse(failed.stdout)]).toEqual([
      4,
      [
        {
          database: "lab",
          binding: "DB",
          applied: ["0001_users.sql"],
          pending: ["0002_bad.sql", "0003_more.sql"],
          before: 0,
          failed: { migration: "0002_bad.sql", statement: 2, reason: "no such table: userz: SQLITE_ERROR" },
        },
      ],
    ]);
    expect(failed.stderr).toMatch(
      /error MIGRATION_FAILED: .*migrations\/0002_bad.sql, statement 2: no such table: userz.*\n {2}INSERT INTO userz/,
    );
    expect((await run()).code).toBe(1);

    write("0002_bad.sql", "INSERT INTO users VALUES ('bob');");
    synthesize();
    expect((await run()).stdout).toContain("applied 0002_bad.sql\napplied 0003_more.sql");
  });

  it("says what to do without the database, and without migrations", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    synthesize();
    const missing = await run();
    expect([missing.code, missing.stderr]).toEqual([
      3,
      "error DATABASE_NOT_FOUND: the account has no database 'lab'\n  help: deploy the stack first: cdktf deploy lab\n",
    ]);
    const unknown = await run("-d", "BD");
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      "error USAGE: stack 'lab' has no database 'BD' with migrations (did you mean 'DB'?)\n  help: it has DB\n",
    ]);
  });

  it("asks before it changes a protected environment", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    const app = new App({ outdir: dirs.path("cdktf.out") });
    new EnvironmentSet(app, "shop", {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: {},
      worker: { code: WorkerCode.fromInline(COUNT), d1: { DB: { migrations: dirs.path("migrations") } } },
      environments: { prod: {} },
    });
    app.synth();
    await api(emulator, "POST", `/accounts/${ACCOUNT}/d1/database`, { body: { name: "shop-db-prod" } });

    const asked = await run("prod");
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("error NOT_CONFIRMED")]);
    expect((await run("prod", "--yes")).stdout).toContain("applied 0001_users.sql");
  });
});

describe("the databases of cfkv dev", () => {
  let running: RunningCli | undefined;
  afterEach(async () => {
    running?.interrupt();
    await running?.result;
    running = undefined;
  });

  const url = (): string => /runs at (\S+)/.exec(running?.stdout() ?? "")?.[1] ?? "";

  it("are migrated before a Worker answers, and while it runs", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('ann');");
    synthesize();
    running = startCli(["dev", "--port", "0", "--output", "cdktf.out"], { cwd: dirs.path() });
    await running.says("Stop with Ctrl-C");
    expect(running.stderr()).toContain("migrated lab: 0001_users.sql");
    expect(await (await fetch(url())).json()).toEqual([{ name: "ann" }]);

    write("0002_bob.sql", "INSERT INTO users VALUES ('bob');");
    synthesize();
    await running.says("migrated lab: 0002_bob.sql");
    expect(await (await fetch(url())).json()).toEqual([{ name: "ann" }, { name: "bob" }]);

    write("0003_bad.sql", "INSERT INTO userz VALUES ('eve');");
    synthesize();
    await running.says("still serving the last good build");
    expect(running.stderr()).toContain("0003_bad.sql, statement 1: no such table: userz");
    expect(await (await fetch(url())).json()).toHaveLength(2);

    expect((await run("--local")).stdout).toContain("stopped at 0003_bad.sql");
    write("0003_bad.sql", "INSERT INTO users VALUES ('eve');");
    synthesize();
    await running.says("migrated lab: 0003_bad.sql");
    expect((await run("--local")).stdout).toContain("up to date: 3 migrations applied before");
  });

  it("are migrated without it too, and it finds them so", async () => {
    write("0001_users.sql", "CREATE TABLE users (name TEXT);");
    synthesize();
    const migrated = await run("--local");
    expect([migrated.code, migrated.stdout]).toEqual([
      0,
      "applied 0001_users.sql\n'lab', in the data of cfkv dev on this machine: 1 applied, 0 pending, 0 applied before\n",
    ]);
    running = startCli(["dev", "--port", "0", "--output", "cdktf.out"], { cwd: dirs.path() });
    await running.says("Stop with Ctrl-C");
    expect(running.stderr()).not.toContain("migrated");
    expect(await (await fetch(url())).json()).toEqual([]);
  });
});
