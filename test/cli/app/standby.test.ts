import { readdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AppStandby } from "../../../src/cli/app/standby.js";
import type { Project } from "../../../src/cli/project.js";
import { tempDirs } from "../../support/temp-dir.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const dirs = tempDirs();

/** Writes an empty assembly, and tells what it reads, when its process was started, and with which options. */
const APP = `
  const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
  const value = readFileSync("value.txt", "utf8");
  if (value === "bad") process.exit(3);
  mkdirSync(process.env.CDKTF_OUTDIR, { recursive: true });
  writeFileSync(process.env.CDKTF_OUTDIR + "/manifest.json", JSON.stringify({ version: "0", stacks: {} }));
  console.log(JSON.stringify({ value, started: performance.timeOrigin, options: process.env.NODE_OPTIONS, left: process.env.CFKV_STANDBY ?? null }));
`;

interface Told {
  readonly value: string;
  readonly started: number;
  readonly options: string;
  readonly left: string | null;
}

describe("an app that is started ahead", () => {
  let standby: AppStandby | undefined;
  afterEach(() => standby?.dispose());

  async function start(app = "node app.cjs"): Promise<AppStandby> {
    dirs.write("app.cjs", APP);
    dirs.write("value.txt", "one");
    const directory = dirs.path();
    const project: Project = { directory, app, output: dirs.path("cdktf.out"), context: {}, relativeModules: [] };
    standby = await AppStandby.start(project, { PATH: process.env["PATH"], NODE_OPTIONS: "--no-warnings" });
    return standby;
  }

  async function run(app: AppStandby, changed: readonly string[] = ["value.txt"]): Promise<Told> {
    const printed: string[] = [];
    await app.run(changed, (text) => void printed.push(text));
    return JSON.parse(printed.join("")) as Told;
  }

  it("was started before it is run", async () => {
    const app = await start();
    for (const value of ["two", "three"]) {
      expect(await app.whenReady()).toBe(true);
      const changed = performance.timeOrigin + performance.now();
      dirs.write("value.txt", value);
      const told = await run(app);
      expect(told).toMatchObject({ value, options: "--no-warnings", left: null });
      expect(told.started).toBeLessThan(changed);
      app.prepare();
    }
  });

  it("fails as it would alone, and can be run again", async () => {
    const app = await start();
    dirs.write("value.txt", "bad");
    await expect(run(app)).rejects.toMatchObject({
      code: "APP_FAILED",
      message: "the app failed with exit code 3: node app.cjs",
    });
    app.prepare();
    dirs.write("value.txt", "good");
    expect(await run(app)).toMatchObject({ value: "good" });
  });

  it("runs without having been started ahead", async () => {
    const app = await start();
    await run(app);
    dirs.write("value.txt", "two");
    const asked = performance.timeOrigin + performance.now();
    const { value, started } = await run(app);
    expect(value).toBe("two");
    expect(started).toBeGreaterThanOrEqual(asked - 1);
  });

  it("is started anew when what was loaded ahead changed", async () => {
    const app = await start();
    expect(await app.whenReady()).toBe(true);
    const asked = performance.timeOrigin + performance.now();
    const { started } = await run(app, ["package.json"]);
    expect(started).toBeGreaterThanOrEqual(asked - 1);
  });

  it("may be no program of Node at all", async () => {
    const app = await start("sh app.sh");
    dirs.write(
      "app.sh",
      'mkdir -p "$CDKTF_OUTDIR"; echo \'{"stacks":{}}\' > "$CDKTF_OUTDIR/manifest.json"; echo "{\\"value\\":\\"$(cat value.txt)\\"}"',
    );
    expect(await app.whenReady()).toBe(false);
    dirs.write("value.txt", "two");
    expect((await run(app)).value).toBe("two");
  });

  it("leaves nothing behind", async () => {
    const before = standbyFolders();
    const app = await start();
    await run(app);
    expect(standbyFolders()).toHaveLength(before.length + 1);
    await app.dispose();
    standby = undefined;
    expect(standbyFolders()).toEqual(before);
  });
});

describe("what an app has loaded ahead", () => {
  let standby: AppStandby | undefined;
  afterEach(() => standby?.dispose());

  const now = (): number => performance.timeOrigin + performance.now();
  const kinds = ["commonjs", "module"] as const;

  /** An app with a module of its own, and a library that says what it is and when it was loaded. */
  function writeProject(type: (typeof kinds)[number]): void {
    const [take, give] =
      type === "module"
        ? [(names: string, from: string) => `import { ${names} } from "${from}";`, "export const said ="]
        : [(names: string, from: string) => `const { ${names} } = require("${from}");`, "exports.said ="];
    dirs.write("package.json", JSON.stringify({ name: "shop", type }));
    dirs.write(
      "app.js",
      `${take("mkdirSync, writeFileSync", "node:fs")}
       ${take("said", "./own.js")}
       ${take("version, loaded", "cdktf-cloudflare-kv")}
       mkdirSync(process.env.CDKTF_OUTDIR, { recursive: true });
       writeFileSync(process.env.CDKTF_OUTDIR + "/manifest.json", JSON.stringify({ version: "0", stacks: {} }));
       console.log(JSON.stringify({ said, version, loaded }));`,
    );
    dirs.write("own.js", `${take("readFileSync", "node:fs")} ${give} readFileSync("value.txt", "utf8");`);
    dirs.write("value.txt", "one");
    const exports = { import: "./index.mjs", require: "./index.cjs" };
    dirs.write("node_modules/cdktf-cloudflare-kv/package.json", JSON.stringify({ exports }));
    writeLibrary("one");
  }

  function writeLibrary(version: string): void {
    const folder = "node_modules/cdktf-cloudflare-kv";
    const loaded = "performance.timeOrigin + performance.now()";
    dirs.write(`${folder}/index.mjs`, `export { version } from "./version.mjs"; export const loaded = ${loaded};`);
    dirs.write(`${folder}/version.mjs`, `export const version = "${version}";`);
    dirs.write(`${folder}/index.cjs`, `exports.version = require("./version.cjs"); exports.loaded = ${loaded};`);
    dirs.write(`${folder}/version.cjs`, `module.exports = "${version}";`);
  }

  async function start(app = "node app.js"): Promise<AppStandby> {
    const directory = dirs.path();
    const output = dirs.path("cdktf.out");
    const project: Project = { directory, app, output, context: {}, relativeModules: [] };
    standby = await AppStandby.start(project, { PATH: process.env["PATH"] });
    return standby;
  }

  async function run(app: AppStandby): Promise<{ said: string; version: string; loaded: number }> {
    const printed: string[] = [];
    await app.run(["value.txt"], (text) => void printed.push(text));
    return JSON.parse(printed.join("")) as { said: string; version: string; loaded: number };
  }

  it.each(kinds)("is the library, and nothing of its own (%s)", async (type) => {
    writeProject(type);
    const app = await start();
    expect(await app.whenReady()).toBe(true);
    const changed = now();
    dirs.write("value.txt", "two");
    const told = await run(app);
    expect(told).toMatchObject({ said: "two", version: "one" });
    expect(told.loaded).toBeLessThan(changed);
  });

  it.each(kinds)("is not used when a file of the library was changed since (%s)", async (type) => {
    writeProject(type);
    const app = await start();
    expect(await app.whenReady()).toBe(true);
    writeLibrary("two");
    expect(await run(app)).toMatchObject({ version: "two" });
  });

  it.each(kinds)("is not used when the library failed to load (%s)", async (type) => {
    writeProject(type);
    const folder = "node_modules/cdktf-cloudflare-kv";
    for (const ending of ["mjs", "cjs"]) dirs.write(`${folder}/version.${ending}`, "throw new Error('half written');");
    const app = await start();
    expect(await app.whenReady()).toBe(true);
    writeLibrary("two");
    expect(await run(app)).toMatchObject({ version: "two" });
  });

  it("is the library in the words of the loader that the command line names", async () => {
    writeProject("module");
    const library =
      "export const version: string = 'typed', loaded: number = performance.timeOrigin + performance.now();";
    dirs.write("library/index.ts", library);
    const paths = { "cdktf-cloudflare-kv": ["./library/index.ts"] };
    dirs.write("tsconfig.json", JSON.stringify({ compilerOptions: { paths } }));
    renameSync(dirs.path("app.js"), dirs.path("app.ts"));
    const tsx = pathToFileURL(join(process.cwd(), "node_modules/tsx/dist/loader.mjs")).href;
    const app = await start(`node --import ${tsx} app.ts`);
    expect(await app.whenReady()).toBe(true);
    const changed = now();
    const told = await run(app);
    expect(told.version).toBe("typed");
    expect(told.loaded).toBeLessThan(changed);

    app.prepare();
    expect(await app.whenReady()).toBe(true);
    dirs.write("library/index.ts", library.replace("typed", "edited"));
    expect((await run(app)).version).toBe("edited");
  });
});

function standbyFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("cfkv-standby-"));
}
