import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { AppStandby } from "../../src/cli/app-standby.js";
import type { Project } from "../../src/cli/project.js";
import { tempDirs } from "../support/temp-dir.js";

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
    }
  });

  it("fails as it would alone, and can be run again", async () => {
    const app = await start();
    dirs.write("value.txt", "bad");
    await expect(run(app)).rejects.toMatchObject({
      code: "APP_FAILED",
      message: "the app failed with exit code 3: node app.cjs",
    });
    dirs.write("value.txt", "good");
    expect(await run(app)).toMatchObject({ value: "good" });
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

function standbyFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("cfkv-standby-"));
}
