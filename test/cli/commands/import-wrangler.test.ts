import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

const { path, write } = tempDirs();
const FIXTURES = resolve("test/fixtures/wrangler");
const MINIMAL = 'name = "shop"\nmain = "src/index.ts"\ncompatibility_date = "2026-01-01"\n';

const imported = (args: readonly string[] = [], cwd = path()) => cli(["import", "wrangler", ...args], { cwd });

describe("cfkv import wrangler", () => {
  it("writes an app with everything that a configuration has, and what needs a decision", async () => {
    const { code, stdout, stderr } = await imported(["shop.toml", "--env", "production", "--to", "-"], FIXTURES);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
     "// The app 'shop' from shop.toml, by cfkv import wrangler.
     // Go through the comments that begin with 'decide' before you apply it.
     import { App } from "cdktf";
     import { EnvironmentSet, WorkerCode } from "cdktf-cloudflare-kv";

     const app = new App();
     new EnvironmentSet(app, "shop", {
       app: "shop",
       accountId: "00000000000000000000000000000001",
       namespaces: { CACHE: {}, SESSIONS: {} },
       worker: {
         code: WorkerCode.fromEntry("src/index.ts", { minify: true, sourceMap: true }),
         compatibilityDate: "2026-01-15",
         compatibilityFlags: ["nodejs_compat"],
         vars: { STAGE: "production", GREETING: "Good day" },
         queues: { ORDERS: "orders" },
         bindings: [{ name: "IMAGES", type: "r2_bucket", bucketName: "shop-images" }],
         crons: ["*/15 * * * *", "0 3 * * *"],
         observability: { enabled: true, headSamplingRate: 0.5 },
         limits: { cpuMs: 100 },
       },
       environments: {
         // env.production of shop.toml
         production: {
           namespaces: {
             CACHE: { adopt: "6f2ac74b498b48028cb68387c421e279" },
             SESSIONS: { adopt: "5f2ac74b498b48028cb68387c421e279" },
           },
           worker: {
             d1: { DB: { databaseId: "6fa459ea-ee8a-4ca4-894e-db77e160355e", migrations: "migrations" } },
             routes: [{ pattern: "example.com/shop/*", zoneId: "023e105f4ecef8ad9ca31a8372d0c353" }],
             customDomains: [{ hostname: "shop.example.com", zoneId: "023e105f4ecef8ad9ca31a8372d0c353" }],
             workersDev: false,
             adopt: true,
           },
         },
       },
       // decide: routes and custom domains that exist need their ids in \`adopt\`: import with --live
       // decide: remove \`adopt\` where the Worker was never deployed
       // secrets stay as they are: STRIPE_KEY. Listed in \`secrets\`, Terraform would set them
       // left out: the consumer of queue 'orders': it stays attached as it is; to manage it, add a QueueConsumer in
       // \`configure\`
       // decide: build.command: run \`npm run build\` before cfkv synth
       // decide: wrangler's configuration has no titles of namespaces: import with --live, or write them as \`namespaceName\`;
       // otherwise the first apply renames the namespaces, and their keys stay
     });
     app.synth();
     "
    `);
    expect(stderr).toContain("set left out: the consumer of queue 'orders'");
  });

  it("finds the configuration that wrangler would use", async () => {
    write("wrangler.toml", MINIMAL);
    write("packages/api/main.txt", "");
    expect(await imported(["--to", "-"], path("packages/api"))).toMatchObject({ code: 0 });

    write("packages/api/wrangler.jsonc", '{ "name": "api" }');
    expect((await imported(["--to", "-"], path("packages/api"))).stdout).toContain('app: "api"');
    // wrangler.json anywhere above wins over the others.
    write("wrangler.json", '{ "name": "above" }');
    expect((await imported(["--to", "-"], path("packages/api"))).stdout).toContain('app: "above"');
  });

  it("says so when there is none", async () => {
    const { code, stderr } = await imported();
    expect(code).toBe(1);
    expect(stderr).toContain("error WRANGLER_CONFIG_MISSING");
  });

  it("writes an app with a cdktf.json beside it, with paths from there", async () => {
    write("wrangler.toml", MINIMAL);
    write("infra/.keep", "");
    expect(await imported(["--to", "infra/main.ts"])).toMatchObject({
      code: 0,
      stdout: `wrote infra/main.ts\nwrote infra/cdktf.json\n`,
    });
    expect(readFileSync(path("infra/main.ts"), "utf8")).toContain('WorkerCode.fromEntry("../src/index.ts")');
    expect(JSON.parse(readFileSync(path("infra/cdktf.json"), "utf8"))).toMatchObject({ app: "npx tsx main.ts" });
  });

  it("writes a module for an app that exists, with paths from the app", async () => {
    write("cdktf.json", "{}");
    write("worker/wrangler.toml", MINIMAL);
    await imported(["worker/wrangler.toml", "--to", "stacks/shop.ts"]);

    const text = readFileSync(path("stacks/shop.ts"), "utf8");
    expect(text).toContain("export function shop(app: App): EnvironmentSet {");
    expect(text).toContain('WorkerCode.fromEntry("worker/src/index.ts")');
  });

  it("never replaces a file", async () => {
    write("wrangler.toml", MINIMAL);
    write("main.ts", "mine");
    const { code, stderr } = await imported();
    expect(code).toBe(1);
    expect(stderr).toContain("error FILE_EXISTS: main.ts exists already, and is left as it is");
    expect(readFileSync(path("main.ts"), "utf8")).toBe("mine");

    write("new/cdktf.json", "{}");
    await imported(["--to", "new/main.ts"]);
    expect(readFileSync(path("new/cdktf.json"), "utf8")).toBe("{}");
  });

  it("reports what is wrong with its position, and writes nothing", async () => {
    write("wrangler.toml", 'name = "shop"\nmain = 5\n\n[[kv_namespaces]]\nbinding = "A"\nid = "<id>"\n');
    const { code, stderr } = await imported();
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
     "wrangler.toml:2:8 error WRONG_TYPE main: main must be a string, got the number 5: write "5"
         2 | main = 5
           |        ^

     wrangler.toml:6:6 error INVALID_ID kv_namespaces[0].id: id must be 32 lower-case hexadecimal digits, got '<id>'; without it a new one is created
         6 | id = "<id>"
           |      ^^^^^^

     error WRANGLER_CONFIG_INVALID: wrangler.toml has 2 problems
       help: correct what is listed above; nothing was written
     "
    `);
    expect(existsSync(path("main.ts"))).toBe(false);
  });

  it("does not show secrets in excerpts", async () => {
    write("wrangler.toml", '[vars]\nAPI_TOKEN = "hunter2"\nAPI_TOKEN = "hunter3"\n');
    const { stderr } = await imported();
    expect(stderr).toContain("TOML_SYNTAX");
    expect(stderr).not.toContain("hunter");
  });

  it("names every field that is not carried over, in the file and on the terminal", async () => {
    const { stdout, stderr } = await imported(["left-out.jsonc", "--to", "-"], FIXTURES);
    const fields = [
      "send_metrics",
      "keep_vars",
      "preview_urls",
      "dev",
      "build",
      "rules",
      "alias",
      "site",
      "jsx_factory",
    ];
    const parts = [
      "limits.subrequests",
      "observability.traces",
      "containers",
      "unsafe",
      "kv_namespace",
      "delivery_delay",
      "remote",
    ];
    const others = ["NOT-A-NAME", "TOKEN", "consumer of queue 'q'", "'NEW'"];
    for (const name of [...fields, ...parts, ...others]) {
      expect(stdout).toMatch(new RegExp(`// (decide|left out|secrets).*${name}`));
      if (name !== "TOKEN") expect(stderr).toMatch(new RegExp(`(decide|left out):.*${name}`));
    }
  });

  it("asks for a known environment and a file of a known kind", async () => {
    const unknown = await imported(["shop.toml", "--env", "prodution"], FIXTURES);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("no environment 'prodution' (did you mean 'production'?)");
    expect(await imported(["shop.toml", "--to", "main.js"], FIXTURES)).toMatchObject({ code: 2 });
    expect(await imported(["no.toml"], FIXTURES)).toMatchObject({ code: 1 });
  });

  it("takes only what is asked for, the top level too", async () => {
    const { stdout } = await imported(["shop.toml", "--env=", "--to", "-"], FIXTURES);
    expect(stdout).toContain("// the top level of shop.toml");
    expect(stdout).not.toContain("production");
    expect(relative(".", FIXTURES)).toBe("test/fixtures/wrangler");
  });
});
