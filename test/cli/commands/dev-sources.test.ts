import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cli, startCli, type RunningCli } from "../run-cli.js";
import { tempDirs } from "../../support/temp-dir.js";

// Real apps and runtimes start here, on a machine that may be busy.
jest.setTimeout(60_000);

const dirs = tempDirs();

describe("the Workers of a project under cfkv dev", () => {
  let running: RunningCli | undefined;
  afterEach(async () => {
    running?.interrupt();
    await running?.result;
    running = undefined;
  });

  async function start(): Promise<string> {
    running = startCli(["dev", "--port", "0"], { cwd: dirs.path("shop") });
    await running.says("Stop with Ctrl-C");
    return /runs at (\S+)/.exec(running.stdout())?.[1] ?? "";
  }

  async function stop(): Promise<void> {
    running?.interrupt();
    await running?.result;
  }

  const text = async (url: string): Promise<string> => (await fetch(url)).text();
  const runsOfApp = (): string => readFileSync(dirs.path("shop/.runs"), "utf8");

  it("are made of what is on disk, beside the project too, without another run of the app", async () => {
    writeProject();
    const url = await start();
    expect(await text(url)).toBe("one in development");
    expect(deployedCode()).toContain("one");
    expect(deployedCode()).toContain('"production"');

    dirs.write("shared/greeting.ts", 'export const greeting: string = "two";');
    await running?.says(/reloaded in \d+ ms \(\.\.\/shared\/greeting\.ts\)/);
    expect(await text(url)).toBe("two in development");
    dirs.write("shop/src/lib/util.ts", 'export const check = (): string => "with";');
    await running?.says(/reloaded in \d+ ms \(src\/lib\/util\.ts\)/);
    expect(await text(url)).toBe("two with development");
    await stop();

    dirs.write("shared/greeting.ts", 'export const greeting: string = "three";');
    expect(await text(await start())).toBe("three with development");
    await stop();

    dirs.write("shop/src/lib/util.ts", 'export const check = (): string => {\n  throw new Error("no stock");\n};');
    const { code, stdout, stderr } = await cli(["dev", "--once"], { cwd: dirs.path("shop") });
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^failed {2}shop {2}500 .*no stock/)]);
    expect(stderr).toContain("at check (src/lib/util.ts:2:9)");
    expect(runsOfApp()).toBe("run\n");
    expect(deployedCode()).toContain("one");
  });

  it("keep running while a source does not compile, which is said once, and say when it does again", async () => {
    writeProject();
    const url = await start();
    dirs.write("shared/greeting.ts", "export const greeting: string = ;\n");
    await running?.says("still serving the last good build");
    dirs.write("shared/greeting.ts", "export const greeting: string = ;\n");
    dirs.write("shop/.dev.vars", "");
    expect(await text(url)).toBe("one in development");

    dirs.write("shared/greeting.ts", 'export const greeting: string = "fixed";\n');
    await running?.says(/fixed: reloaded in \d+ ms/);
    expect(await text(url)).toBe("fixed in development");
    const said = running?.stderr() ?? "";
    expect(said.match(/Unexpected ";"/g)).toHaveLength(1);
    expect(said).toMatch(/error WORKER_NOT_BUNDLED: Worker 'shop': .*\n.*Unexpected ";"\n+.*greeting\.ts:1:32:/);
    expect(runsOfApp()).toBe("run\n");
  });

  it("show where console.trace was called in the sources", async () => {
    writeProject();
    dirs.write(
      "shop/src/lib/util.ts",
      'export const check = (): string => {\n  console.trace("stock of %s", "tea", { left: 3 });\n  return "in";\n};',
    );
    expect(await text(await start())).toBe("one in development");
    await running?.says(/Trace: stock of tea \{ left: 3 \} *\n\s+at check \(src\/lib\/util\.ts:2:11\)/);
    await running?.says(/^shop GET \/ 200 \d+ ms$/m);
  });

  it("and the app are made again when they share the source that was changed", async () => {
    writeProject('import { greeting } from "../shared/greeting.js";\nconsole.log(greeting);\n');
    const url = await start();
    dirs.write("shared/greeting.ts", 'export const greeting: string = "two";');
    await running?.says(/reloaded in \d+ ms/);
    expect(await text(url)).toBe("two in development");
    expect(runsOfApp()).toBe("run\nrun\n");
    expect(deployedCode()).toContain("two");
  });
});

/** A workspace of which one folder is the project. Its app notes each run in a file. */
function writeProject(more = ""): void {
  dirs.write("shared/greeting.ts", 'export const greeting: string = "one";');
  dirs.write("shop/package.json", '{ "type": "module" }');
  dirs.write("shop/cdktf.json", JSON.stringify({ app: "npx tsx main.ts" }));
  dirs.write("shop/src/lib/util.ts", 'export const check = (): string => "in";');
  dirs.write(
    "shop/src/worker.ts",
    `import { greeting } from "../../shared/greeting.js";
import { check } from "./lib/util.js";
export default {
  fetch: () => new Response(\`\${greeting} \${check()} \${process.env.NODE_ENV}\`),
};
`,
  );
  dirs.write(
    "shop/main.ts",
    `import { appendFileSync } from "node:fs";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { WorkerCode, WorkerWithKvBindings } from ${JSON.stringify(join(process.cwd(), "src/index.ts"))};
${more}
appendFileSync(".runs", "run\\n");
const app = new App();
const stack = new TerraformStack(app, "shop-dev");
new CloudflareProvider(stack, "cloudflare", {});
new WorkerWithKvBindings(stack, "Shop", {
  accountId: "0123456789abcdef0123456789abcdef",
  workerName: "shop",
  code: WorkerCode.fromEntry("src/worker.ts"),
});
app.synth();
`,
  );
  symlinkSync(join(process.cwd(), "node_modules"), dirs.path("shop/node_modules"));
}

/** What an apply would upload. */
function deployedCode(): string {
  const output = dirs.path("shop/cdktf.out");
  const file = readdirSync(output, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("index.js"));
  return readFileSync(join(output, file ?? ""), "utf8");
}
