import { existsSync, readFileSync } from "node:fs";
import { direct } from "../../../src/cli/app/run-app.js";
import { cli } from "../run-cli.js";
import { tempDirs } from "../../support/temp-dir.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const dirs = tempDirs();

/** An app without cdktf: it writes one stack with one namespace, named by its context. */
const APP = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  const out = process.env.CDKTF_OUTDIR;
  const { title } = JSON.parse(process.env.CDKTF_CONTEXT_JSON);
  mkdirSync(out + "/stacks/web", { recursive: true });
  const resource = { cloudflare_workers_kv_namespace: { Cache: { account_id: "a", title } } };
  writeFileSync(out + "/stacks/web/cdk.tf.json", JSON.stringify({ resource }));
  const stack = { name: "web", synthesizedStackPath: "stacks/web/cdk.tf.json", workingDirectory: "stacks/web", dependencies: [], annotations: [] };
  writeFileSync(out + "/manifest.json", JSON.stringify({ version: "0.21.0", stacks: { web: stack } }));
  console.log("the app was here");
`;

describe("cfkv synth", () => {
  function project(app: string, config: object = {}): string {
    dirs.write("app.cjs", app);
    dirs.write(
      "cdktf.json",
      JSON.stringify({ language: "typescript", app: "node app.cjs", context: { title: "web-cache" }, ...config }),
    );
    return dirs.path();
  }

  it("runs the app of cdktf.json and shows its stacks", async () => {
    const { code, stdout, stderr } = await cli(["synth"], { cwd: project(APP) });
    expect(code).toBe(0);
    expect(stdout).toBe("web\n  namespaces\n    web-cache  keys do not expire\n");
    expect(stderr).toMatch(/^the app was here\n/);
    expect(existsSync(dirs.path("cdktf.out/manifest.json"))).toBe(true);
  });

  it("writes into the output of cdktf.json, or into the folder that is named", async () => {
    const cwd = project(APP, { output: "out" });
    await cli(["synth"], { cwd });
    await cli(["synth", "--output", "deep/other"], { cwd });
    expect(existsSync(dirs.path("out/manifest.json"))).toBe(true);
    expect(existsSync(dirs.path("deep/other/manifest.json"))).toBe(true);
    expect(existsSync(dirs.path("cdktf.out"))).toBe(false);
  });

  it("fails on warnings of the stacks with --strict", async () => {
    const warning = { constructPath: "web/Cache", level: "@cdktf/warn", message: "KV_NO_TTL: it should expire" };
    const cwd = project(APP.replace("annotations: []", `annotations: [${JSON.stringify(warning)}]`));
    const lenient = await cli(["synth"], { cwd });
    const strict = await cli(["synth", "--strict"], { cwd });

    expect([lenient.code, strict.code]).toEqual([0, 1]);
    expect(strict.stderr).toContain("web/Cache: KV_NO_TTL: it should expire");
    expect(strict.stderr).toContain("--strict: failing because of the warnings above; see https:");
  });

  it("prints JSON and nothing else on stdout", async () => {
    const { stdout } = await cli(["synth", "--json"], { cwd: project(APP) });
    expect(JSON.parse(stdout)).toMatchObject({ stacks: [{ name: "web", namespaces: [{ name: "web-cache" }] }] });
  });

  it("shows what a failing app printed", async () => {
    const cwd = project('console.error("TypeError: nope at main.ts:3"); process.exit(7)');
    const { code, stdout, stderr } = await cli(["synth"], { cwd });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "TypeError: nope at main.ts:3\n" +
        "error APP_FAILED: the app failed with exit code 7: node app.cjs\n" +
        "  help: what it printed is above\n",
    );
  });

  it("does not take the assembly of an earlier run for the result", async () => {
    const cwd = project(APP);
    await cli(["synth"], { cwd });
    dirs.write("app.cjs", "// no app.synth()");
    const { code, stderr } = await cli(["synth"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("error APP_WROTE_NOTHING: the app exited with 0 but wrote no manifest.json");
    expect(stderr).toContain("help: call app.synth() at the end of the program");
  });

  it("asks for a cdktf.json when it is missing", async () => {
    const { code, stderr } = await cli(["synth"], { cwd: dirs.path() });
    expect(code).toBe(1);
    expect(stderr).toContain("error APP_MISSING: no cdktf.json with an 'app' in ");
  });

  it("says that cdktf.json is broken", async () => {
    dirs.write("cdktf.json", "{ app: ");
    const { code, stderr } = await cli(["synth"], { cwd: dirs.path() });
    expect(code).toBe(1);
    expect(stderr).toContain("error PROJECT_BROKEN: ");
    expect(readFileSync(dirs.path("cdktf.json"), "utf8")).toBe("{ app: ");
  });

  it("runs the project's own tool at once where npx would find it after a while", () => {
    dirs.write("node_modules/.bin/tsx", "");
    expect(direct("npx tsx main.ts", dirs.path())).toBe("tsx main.ts");
    expect(direct("npx --yes tsx main.ts", dirs.path())).toBe("tsx main.ts");
    expect(direct("npx ts-node main.ts", dirs.path())).toBe("npx ts-node main.ts");
    expect(direct("npm run app", dirs.path())).toBe("npm run app");
  });
});
