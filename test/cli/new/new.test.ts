import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { namedPattern, PATTERNS } from "../../../src/cli/new/patterns.js";
import { projectsFolder, testProject } from "../../support/scaffold.js";
import { cli } from "../run-cli.js";

const cwd = projectsFolder();
const read = (...path: string[]): string => readFileSync(join(cwd, ...path), "utf8");
const COMMANDS = ["cache", "session", "flags", "config", "rate-limit", "preferences", "namespace", "bulk"];

/** Adds the lines that a command prints to the files that it names, as its reader does. */
function register(folder: string, said: string): void {
  const [, file = "", namespace = "", , imported = "", route = ""] =
    /^register it:\n {2}(\S+), in namespaces:\n {4}(.*)\n {2}(\S+), .*\n {4}(.*)\n {4}(.*)\n$/.exec(said) ?? [];
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(cwd, folder, path), change(read(folder, path)));
  edit(file, (text) =>
    text.replace(
      /^( *)namespaces: ?\{?\n/m,
      (line) => `${line}${file === "app.yaml" ? "    " : "      "}${namespace}\n`,
    ),
  );
  edit("worker/routes.ts", (text) => `${imported}\n${text.replace("routes = [\n", `routes = [\n  ${route}\n`)}`);
}

describe("cfkv new app", () => {
  it("creates a project whose tests pass, with every pattern twice", async () => {
    const all = "sessions,cache,flags,config,rate-limit,preferences,hono";
    const { code, stderr } = await cli(["new", "app", "shop", "--with", all], { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain("next: cd shop && npm install && npm test && npx cfkv dev\n");
    for (const word of COMMANDS) {
      register("shop", (await cli(["new", word, `my-${word}`], { cwd: join(cwd, "shop") })).stdout);
    }
    expect(testProject(join(cwd, "shop"))).toMatch(/^(# fail 0|ℹ fail 0)$/m);
    expect(read("shop/test/stacks.snapshot.txt")).toContain("shop-my-bulk-prod");
    expect(existsSync(join(cwd, "shop/cfkv.lock.json"))).toBe(false);
  }, 120_000);

  it("creates a project of YAML whose tests pass, and adds to it", async () => {
    await cli(["new", "app", "yaml-shop", "--yaml", "--with", "config"], { cwd });
    for (const word of ["cache", "bulk"]) {
      const added = await cli(["new", word, `my-${word}`], { cwd: join(cwd, "yaml-shop") });
      register("yaml-shop", added.stdout);
    }
    expect(testProject(join(cwd, "yaml-shop"))).toMatch(/^(# fail 0|ℹ fail 0)$/m);
    expect(read("yaml-shop/test/stacks.snapshot.txt")).toContain("yaml-shop-my-bulk-prod");
  }, 120_000);

  it("keeps secrets, state and local data out of version control", async () => {
    await cli(["new", "app", "ignored"], { cwd });
    const ignored = read("ignored/.gitignore").split("\n");
    expect(ignored).toEqual(
      expect.arrayContaining([".dev.vars*", ".cfkv/", "*.tfstate", "cdktf.out/", "node_modules/"]),
    );
    expect(existsSync(join(cwd, "ignored/gitignore"))).toBe(false);
  });

  it("fits the package manager that runs it, and the core that is asked for", async () => {
    const env = { npm_config_user_agent: "pnpm/10.1.0 npm/? node/v22" };
    await cli(["new", "app", "with-pnpm", "--core", "cdktn"], { cwd, env });
    await cli(["new", "app", "with-npm", "--core", "cdktn"], { cwd });

    expect(parse(read("with-pnpm/pnpm-workspace.yaml"))).toMatchObject({ overrides: { cdktf: "npm:cdktn@^0.24.0" } });
    expect(parse(read("with-pnpm/.github/workflows/ci.yml"))).toMatchObject({
      jobs: { test: { "runs-on": "ubuntu-latest" } },
    });
    expect(read("with-pnpm/.github/workflows/ci.yml")).toContain("- run: corepack enable\n");
    expect(JSON.parse(read("with-npm/package.json"))).toMatchObject({
      dependencies: { cdktf: "npm:cdktn@^0.24.0", constructs: "~10.7.0" },
      overrides: { cdktf: "$cdktf" },
    });
    expect(existsSync(join(cwd, "with-npm/pnpm-workspace.yaml"))).toBe(false);
    expect(parse(read("with-npm/.github/workflows/ci.yml"))).toMatchObject({ name: "CI" });
  });

  it("leaves no placeholder in any file", async () => {
    await cli(["new", "app", "clean", "--with", "cache,flags"], { cwd });
    const files = readdirSync(join(cwd, "clean"), { recursive: true, encoding: "utf8", withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
    expect(
      texts.filter((text) =>
        /\{\{|my-app|\/\/ (imports|routes|namespaces)\n|thing\b(?!s)/i.test(text.replace(/nothing/g, "")),
      ),
    ).toEqual([]);
  });

  it("uses the folder it is in when no name is given", async () => {
    mkdirSync(join(cwd, "here"));
    const { code, stderr } = await cli(["new", "app"], { cwd: join(cwd, "here") });
    expect([code, JSON.parse(read("here/package.json"))]).toMatchObject([0, { name: "here" }]);
    expect(stderr).toContain("next: npm install && npm test && npx cfkv dev\n");
  });

  it("overwrites nothing, and writes nothing then", async () => {
    mkdirSync(join(cwd, "taken/worker"), { recursive: true });
    writeFileSync(join(cwd, "taken/worker/index.ts"), "mine");
    const { code, stderr } = await cli(["new", "app", "taken"], { cwd });

    expect(code).toBe(1);
    expect(stderr).toContain("error FILE_EXISTS: nothing was written, as taken/worker/index.ts would be overwritten");
    expect([read("taken/worker/index.ts"), readdirSync(join(cwd, "taken"))]).toEqual(["mine", ["worker"]]);
  });

  it.each([
    [["Shop"], "the app's name must be lower-case letters, digits and inner '-', got 'Shop'"],
    [["x", "--with", "cahce"], "--with knows no 'cahce' (did you mean 'cache'?)"],
    [["x", "--core", "cdk8s"], "'cdk8s' is invalid"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await cli(["new", "app", ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(cwd, "x"))).toBe(false);
  });
});

describe("cfkv new cache", () => {
  it("needs a project, and a name that can be a variable", async () => {
    mkdirSync(join(cwd, "empty"));
    const outside = await cli(["new", "cache"], { cwd: join(cwd, "empty") });
    expect([outside.code, outside.stderr]).toEqual([1, expect.stringContaining("error APP_MISSING: no cdktf.json")]);

    writeFileSync(join(cwd, "empty/cdktf.json"), '{ "app": "npx tsx main.ts" }');
    for (const name of ["Pages", "../pages", "import", "index", "a--b", ""]) {
      const { code } = await cli(["new", "cache", name], { cwd: join(cwd, "empty") });
      expect([name, code]).toEqual([name, 2]);
    }
    expect(readdirSync(join(cwd, "empty"))).toEqual(["cdktf.json"]);
  });

  it("brings what a project of another origin lacks", async () => {
    mkdirSync(join(cwd, "other"));
    writeFileSync(join(cwd, "other/cdktf.json"), '{ "app": "npx tsx main.ts" }');
    const { stderr } = await cli(["new", "cache", "user-pages"], { cwd: join(cwd, "other") });
    expect(stderr).toBe("wrote test/user-pages.test.ts\nwrote worker/user-pages.ts\nwrote worker/route.ts\n");
    expect(read("other/worker/user-pages.ts")).toContain("export const userPages: Route<UserPagesEnv>");
  });

  it.each(PATTERNS)("knows a name for %s in every place", (pattern) => {
    expect(namedPattern(pattern, "user-pages")).toEqual({
      pattern,
      kebab: "user-pages",
      camel: "userPages",
      binding: "USER_PAGES",
    });
  });
});
