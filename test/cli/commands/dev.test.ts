import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startCli, cli, type RunningCli } from "../run-cli.js";
import { tempDirs } from "../../support/temp-dir.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const dirs = tempDirs();
const FIXTURES = join(process.cwd(), "test/fixtures/assembly");
const SHOP = join(FIXTURES, "edge-store");

describe("cfkv dev --once", () => {
  it("requests every Worker, says how each did, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await cli(["dev", "web", "--once", "--output", join(FIXTURES, "hand-written")], {
      cwd: dirs.path(),
    });
    expect([code, stdout]).toEqual([0, "ok  backend  200\nok  gateway  200\n"]);
    expect(stderr).toContain("note cloudflare_workers_script.Backend.bindings[2].text is known only after apply");
    expect(existsSync(dirs.path(".cfkv"))).toBe(false);
  });

  it("exits with 1 and names the Worker that fails, and why", async () => {
    const output = copyOf("hand-written");
    writeFileSync(join(output, "stacks/web/backend.js"), "export default { fetch() { throw new Error('no stock') } };");
    const { code, stdout } = await cli(["dev", "web", "--once", "--output", output], { cwd: dirs.path() });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed {2}backend {2}500 {2}.*no stock/);
  });

  it("runs the cron of a Worker that takes no requests", async () => {
    const output = copyOf("edge-store");
    writeWorker(output, "export default { scheduled: (event, env) => env.CONFIG.put('last-cron', event.cron) };");
    const well = await cli(["dev", "--once", "--output", output], { cwd: dirs.path() });
    expect([well.code, well.stdout]).toEqual([0, "ok  edge-store-dev-alice  takes no requests\n"]);

    writeWorker(output, "export default { scheduled() { throw new Error('no stock'); } };");
    const badly = await cli(["dev", "--once", "--output", output], { cwd: dirs.path() });
    expect([badly.code, badly.stdout]).toEqual([
      1,
      "failed  edge-store-dev-alice  no response  cron */5 * * * *: exception\n",
    ]);
  });

  it.each([
    ["waitUntil", "context.waitUntil(Promise.resolve().then(() => { throw new Error('no stock'); }));"],
    ["a timer", "setTimeout(() => { throw new Error('no stock'); }, 10); context.waitUntil(scheduler.wait(50));"],
  ])("fails for what is thrown in %s after the response", async (_, work) => {
    const output = copyOf("edge-store");
    writeWorker(output, `export default { fetch(request, env, context) { ${work} return new Response("ok"); } };`);
    const { code, stdout, stderr } = await cli(["dev", "--once", "--output", output], { cwd: dirs.path() });
    expect([code, stdout]).toEqual([
      1,
      "failed  edge-store-dev-alice  200  after its response: uncaught Error: no stock\n",
    ]);
    expect(stderr).toMatch(/uncaught Error: no stock\n +at file:/);
  });

  it("tells code that does not start by the runtime's own words", async () => {
    const output = copyOf("edge-store");
    writeWorker(output, "export default {");
    const { code, stderr } = await cli(["dev", "--once", "--output", output], { cwd: dirs.path() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/error WORKER_NOT_STARTED: .*(\n.*)*SyntaxError/);
  });

  it("synthesizes first when there is an app and no assembly", async () => {
    writeApp();
    const { code, stdout, stderr } = await cli(["dev", "--once"], { cwd: dirs.path() });
    expect([code, stdout]).toEqual([0, "ok  edge-store-dev-alice  200\n"]);
    expect(stderr).toContain("synthesizing: there is no assembly yet");
    expect((await cli(["dev", "--once"], { cwd: dirs.path() })).stderr).not.toContain("synthesizing");
  });
});

describe("cfkv dev", () => {
  let running: RunningCli | undefined;
  afterEach(async () => {
    running?.interrupt();
    await running?.result;
    running = undefined;
  });

  /** Starts a command line and waits until it serves. Returns its address. */
  async function start(...argv: string[]): Promise<string> {
    running = startCli(["dev", "--port", "0", ...argv], { cwd: dirs.path() });
    await running.says("Stop with Ctrl-C");
    return /runs at (\S+)/.exec(running.stdout())?.[1] ?? "";
  }

  const text = async (url: string): Promise<string> => (await fetch(url)).text();

  it("says where everything answers, by commands that work", async () => {
    const url = await start("--output", SHOP);
    const { port } = new URL(url);
    expect(running?.stdout().replaceAll(port, "8787")).toMatchInlineSnapshot(`
     "edge-store-dev-alice runs at http://localhost:8787 (the first developer's; also: --developer bob)

       curl http://localhost:8787/                                                                   # edge-store-dev-alice
       curl -X POST 'http://localhost:8787/cdn-cgi/cfkv/cron/edge-store-dev-alice?cron=*/5+*+*+*+*'  # cron */5 * * * *

       KV explorer: http://localhost:8787/cdn-cgi/cfkv/
       data: kept in .cfkv. Stop with Ctrl-C.
     "
    `);
    expect(await text(`${url}/`)).toBe("edge-store\n");
    expect(await text(`${url}/cdn-cgi/cfkv/`)).toContain("<title>KV explorer</title>");
    await running?.says(/GET \/ 200 \d+ ms/);
  });

  it("runs the stack that is asked for", async () => {
    await start("--output", SHOP, "--developer", "bob");
    expect(running?.stdout()).toMatch(/^edge-store-dev-bob runs at /);
  });

  it("ends in order when it is interrupted, and keeps the data", async () => {
    const url = await start("--output", SHOP);
    await fetch(`${url}/CONFIG/mine`, { method: "PUT", body: "kept" });
    running?.interrupt();
    expect((await running?.result)?.code).toBe(0);
    await expect(fetch(url)).rejects.toThrow("fetch failed");

    const again = await start("--output", SHOP);
    expect(await text(`${again}/CONFIG/mine`)).toBe("kept");
    expect(running?.stderr()).not.toMatch(/^loaded /m);
  });

  it("loads seeds into data that is kept a second time only with --reseed", async () => {
    const loaded: boolean[] = [];
    for (const more of [[], [], ["--reseed"]]) {
      await start("--output", SHOP, ...more);
      loaded.push(/^loaded .*\d seeds?/m.test(running?.stderr() ?? ""));
      running?.interrupt();
      await running?.result;
    }
    expect(loaded).toEqual([true, false, true]);
  });

  it("ends with 0 at the first Ctrl-C", async () => {
    const tsx = pathToFileURL(join(process.cwd(), "node_modules/tsx/dist/loader.mjs")).href;
    const bin = join(process.cwd(), "src/cli/bin.ts");
    const child = spawn(process.execPath, ["--import", tsx, bin, "dev", "--port", "0", "--output", SHOP], {
      cwd: dirs.path(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = new Promise((resolve) => child.once("close", (code, signal) => resolve([code, signal])));
    child.stderr.resume();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("Stop with Ctrl-C")) child.kill("SIGINT");
    });
    expect(await closed).toEqual([0, null]);
  });

  it("synthesizes and reloads when a source changes, and keeps serving when that fails", async () => {
    writeApp();
    const url = await start();
    expect(await text(url)).toBe("edge-store\n");

    dirs.write("greeting.txt", "hello");
    await running?.says(/reloaded in \d+ ms \(greeting\.txt\)/);
    expect(await text(url)).toBe("hello\n");

    dirs.write("greeting.txt", "FAIL");
    await running?.says("still serving the last good build");
    expect(running?.stderr()).toContain(
      "cannot greet\nerror APP_FAILED: the app failed with exit code 1: node app.cjs",
    );
    expect(await text(url)).toBe("hello\n");

    dirs.write("greeting.txt", "again");
    await running?.says(/reloaded in \d+ ms[^]*reloaded in \d+ ms/);
    expect(await text(url)).toBe("again\n");
  });

  it("takes secrets from .dev.vars, also while it runs", async () => {
    const url = await start("--output", SHOP);
    expect(running?.stderr()).toContain("note secret API_KEY of Worker edge-store-dev-alice has no value");
    dirs.write(".dev.vars", "API_KEY=from-the-file");
    await running?.says(/reloaded in \d+ ms \(\.dev\.vars\)/);
    expect(await text(`${url}/vars`)).toContain('"hasKey":"from-the-file"');
    expect(running?.stderr()).not.toContain("from-the-file");
  });

  it("reloads an assembly that somebody else synthesizes", async () => {
    const output = copyOf("edge-store");
    const url = await start("--output", output);
    writeWorker(output, "export default { fetch: () => new Response('theirs') };");
    writeFileSync(join(output, "manifest.json"), readFileSync(join(output, "manifest.json")));
    await running?.says(/reloaded in \d+ ms/);
    expect(await text(url)).toBe("theirs");
  });

  it("prints addresses as JSON for programs", async () => {
    running = startCli(["dev", "--port", "0", "--json", "--output", SHOP], { cwd: dirs.path() });
    await running.says(/^}/m);
    const told = JSON.parse(running.stdout()) as { url: string; workers: { url: string; crons: { url: string }[] }[] };
    expect(told.workers[0]?.url).toBe(told.url);
    const response = await fetch(told.workers[0]?.crons[0]?.url ?? "", { method: "POST" });
    expect(await response.json()).toMatchObject({ cron: "*/5 * * * *", outcome: "ok" });
  });

  it("names the way out when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await cli(["dev", "--port", String(port), "--output", SHOP], { cwd: dirs.path() });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`error PORT_IN_USE: port ${port} of 127.0.0.1 is in use by another program`);
    expect(stderr).toContain(`use another port: --port ${port + 1}`);
  });

  it("says so before it runs the app", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    dirs.write("cdktf.json", JSON.stringify({ app: "echo run > ran.txt" }));
    const { stderr } = await cli(["dev", "--port", String(port)], { cwd: dirs.path() });
    other.close();
    expect(stderr).toContain("error PORT_IN_USE");
    expect(existsSync(dirs.path("ran.txt"))).toBe(false);
  });

  it("answers by the host names that were asked for, and no other", async () => {
    const { port } = new URL(await start("--output", SHOP, "--host", "Shop.example.com"));
    const status = async (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
    expect(await status("shop.example.com")).toBe(200);
    expect(await status("other.example.com")).not.toBe(200);
  });

  it("warns when other machines can reach it, and protects the explorer by a token", async () => {
    const url = await start("--output", SHOP, "--ip", "0.0.0.0");
    expect(running?.stderr()).toContain("warning listening on 0.0.0.0: other machines can reach the Workers");
    const explorer = /KV explorer: (\S+)/.exec(running?.stdout() ?? "")?.[1] ?? "";
    expect((await fetch(explorer)).status).toBe(200);
    expect((await fetch(`${url}/cdn-cgi/cfkv/`)).status).toBe(403);
  });

  it("refuses an invalid port", async () => {
    const { code, stderr } = await cli(["dev", "--port", "http", "--output", SHOP], { cwd: dirs.path() });
    expect(code).toBe(2);
    expect(stderr).toContain("error USAGE: --port must be a number from 0 to 65535, got 'http'");
  });
});

function copyOf(name: string): string {
  const output = dirs.path("elsewhere", name);
  cpSync(join(FIXTURES, name), output, { recursive: true });
  return output;
}

function writeWorker(output: string, code: string): void {
  const assets = join(output, "stacks/edge-store-dev-alice/assets/Api/9935369998F0A7CF1457CEFFFC4857E2");
  writeFileSync(join(assets, "index.js"), code);
}

/** A project whose app copies the fixture and makes its Worker answer with `greeting.txt`. */
function writeApp(): void {
  dirs.write("cdktf.json", JSON.stringify({ app: "node app.cjs" }));
  dirs.write("greeting.txt", "edge-store");
  dirs.write(
    "app.cjs",
    `
    const { cpSync, readFileSync, writeFileSync } = require("node:fs");
    const greeting = readFileSync("greeting.txt", "utf8");
    if (greeting === "FAIL") { console.error("cannot greet"); process.exit(1); }
    const out = process.env.CDKTF_OUTDIR;
    cpSync(${JSON.stringify(SHOP)}, out, { recursive: true });
    const code = out + "/stacks/edge-store-dev-alice/assets/Api/9935369998F0A7CF1457CEFFFC4857E2/index.js";
    writeFileSync(code, readFileSync(code, "utf8").replace('"edge-store\\\\n"', JSON.stringify(greeting + "\\n")));
    writeFileSync(out + "/manifest.json", readFileSync(out + "/manifest.json"));
    `,
  );
}
