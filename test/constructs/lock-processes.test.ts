import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { resolve } from "node:path";
import { LOCK_FILE } from "../../src/lock/index.js";
import { tempDirs } from "../support/temp-dir.js";

const { path } = tempDirs();
const TSX = resolve("node_modules/tsx/dist/esm/index.mjs");
/** Who may write everywhere finds no folder read-only. */
const NOBODY = 65_534;
const unprivileged = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

interface Child {
  readonly process: ChildProcess;
  readonly errors: () => string;
}

/** A process that is ready to synthesize a stack. */
async function child(stack: string, lock = path(LOCK_FILE), options: object = {}): Promise<Child> {
  const { CI: _ci, CDKTF_CONTEXT_JSON: _context, CFKV_DEV: _dev, ...rest } = process.env;
  const env = { ...rest, TMPDIR: path("tmp") };
  const args = ["--import", TSX, "test/constructs/synth-child.ts", path(), lock, stack];
  const started = spawn(process.execPath, args, { env, stdio: "pipe", ...options });
  let errors = "";
  started.stderr.on("data", (data: Buffer) => (errors += data.toString()));
  await Promise.race([once(started.stdout, "data"), once(started, "close")]);
  return { process: started, errors: () => errors };
}

async function finish({ process: started, errors }: Child): Promise<string> {
  const ended = once(started, "close");
  started.stdin?.write("\n");
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the process ended with ${String(code)}:\n${errors()}`);
  return errors();
}

const stacks = (): string[] =>
  Object.keys((JSON.parse(readFileSync(path(LOCK_FILE), "utf8")) as { stacks: object }).stacks);

beforeEach(() => {
  mkdirSync(path("tmp"), { recursive: true });
  for (const folder of [path(), path("tmp")]) chmodSync(folder, 0o777);
});

describe("processes that synthesize parts of one project", () => {
  it("lose nothing of what another one wrote at the same time", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `stack-${index}`);
    const children = await Promise.all(names.map((name) => child(name)));
    await Promise.all(children.map(finish));

    expect(stacks()).toEqual(names);
    expect(readdirSync(path()).filter((file) => file.startsWith(`${LOCK_FILE}.`))).toEqual([]);
  }, 120_000);

  it("are not held up by one that was killed", async () => {
    mkdirSync(path(`${LOCK_FILE}.turn`));
    utimesSync(path(`${LOCK_FILE}.turn`), 0, 0);
    await finish(await child("east"));

    expect(stacks()).toEqual(["east"]);
    expect(existsSync(path(`${LOCK_FILE}.turn`))).toBe(false);
  }, 120_000);

  it("write through a symbolic link, and leave it one", async () => {
    mkdirSync(path("shared"));
    await finish(await child("east"));
    symlinkSync(path(LOCK_FILE), path("shared", LOCK_FILE));
    await finish(await child("west", path("shared", LOCK_FILE)));

    expect(stacks()).toEqual(["east", "west"]);
    expect(lstatSync(path("shared", LOCK_FILE)).isSymbolicLink()).toBe(true);
  }, 120_000);

  it("warn where the folder is read-only, and finish all the same", async () => {
    mkdirSync(path("sealed"));
    chmodSync(path("sealed"), 0o555);
    await finish(await child("east", path("sealed", LOCK_FILE), unprivileged));

    expect(existsSync(path("sealed", LOCK_FILE))).toBe(false);
    expect(readFileSync(path("out-east/manifest.json"), "utf8")).toContain("sealed cannot be written to");
  }, 120_000);
});
