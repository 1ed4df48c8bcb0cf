import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { App, TerraformStack } from "cdktf";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { migratedDatabases, readAssembly } from "../../src/assembly/index.js";
import { WorkerCode, WorkerWithKvBindings } from "../../src/index.js";
import { tempDirs } from "../support/temp-dir.js";
import { ACCOUNT } from "./samples.js";

const dirs = tempDirs();

function synthesize(migrations: string): void {
  const app = new App({ outdir: dirs.path("cdktf.out") });
  const stack = new TerraformStack(app, "shop");
  new CloudflareProvider(stack, "cloudflare");
  new WorkerWithKvBindings(stack, "Worker", {
    accountId: ACCOUNT,
    workerName: "shop",
    code: WorkerCode.fromInline("export default {}"),
    d1: { DB: { databaseName: "shop", migrations } },
  });
  app.synth();
}

describe("the migrations of a database", () => {
  it("are copied into the assembly without anything else, and with where they came from", () => {
    const folder = dirs.path("migrations");
    mkdirSync(join(folder, "meta"), { recursive: true });
    writeFileSync(join(folder, "0001_a.sql"), "SELECT 1");
    writeFileSync(join(folder, "README.md"), "notes");
    writeFileSync(join(folder, "meta", "0000.sql"), "SELECT 0");
    synthesize(folder);

    const [database] = readAssembly(dirs.path("cdktf.out")).stacks.flatMap(({ workers }) => migratedDatabases(workers));
    expect(database).toMatchObject({ binding: "DB", accountId: ACCOUNT, database: { name: "shop" } });
    const [copy] = database?.folders ?? [];
    expect(copy?.source).toBe(relative(process.cwd(), folder));
    expect(readdirSync(copy?.directory ?? "")).toEqual(["0001_a.sql"]);
  });

  it.each([
    ["nothing", "migrations folder 'nothing' does not exist in"],
    ["package.json", "migrations must name a folder, 'package.json' is a file"],
    ["src", "migrations folder 'src' has no .sql file: create one with 'wrangler d1 migrations create'"],
  ])("cannot be %s", (folder, problem) => {
    expect(() => synthesize(folder)).toThrow(`d1 'DB': ${problem}`);
  });
});
