import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { lockFolder, ownerOf } from "../../../src/local/engine/folder-lock.js";
import { tempDirs } from "../../support/temp-dir.js";
import { eventually } from "../../support/workerd-processes.js";

jest.setTimeout(30_000);

const dirs = tempDirs();

/** Linux lists processes as files, with their state; macOS does not. */
const PROC = existsSync("/proc/self/stat");

/** Whether a process has ended, though its parent has not asked for it yet. */
function hasEnded(pid: number): boolean {
  return PROC
    ? readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
    : execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
}

describe("the lock of a data folder", () => {
  it("is private, says who has the folder, and is gone when it is given free", async () => {
    const lock = await lockFolder(dirs.path(), "cfkv dev", true);
    await lock.publish({ url: "http://localhost:1", secret: "s" });

    expect(statSync(dirs.path("lock")).mode & 0o777).toBe(0o600);
    expect(await ownerOf(dirs.path())).toMatchObject({
      pid: process.pid,
      name: "cfkv dev",
      url: "http://localhost:1",
      secret: "s",
    });
    await lock.release();
    expect(readdirSync(dirs.path())).toEqual([]);
    expect(await ownerOf(dirs.path())).toBeUndefined();
  });

  it("is shared within a process, unless one wants the folder alone", async () => {
    const first = await lockFolder(dirs.path(), "one", false);
    const second = await lockFolder(dirs.path(), "two", false);
    await expect(lockFolder(dirs.path(), "three", true)).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
    await first.release();
    expect(existsSync(dirs.path("lock"))).toBe(true);
    await second.release();

    const alone = await lockFolder(dirs.path(), "cfkv dev", true);
    await expect(lockFolder(dirs.path(), "two", false)).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
    await alone.release();
  });

  it("names the other process, and where it answers", async () => {
    const child = spawn("sleep", ["60"]);
    dirs.write("lock", JSON.stringify({ pid: child.pid, name: "cfkv dev", url: "http://localhost:8787" }));

    await expect(lockFolder(dirs.path(), "cfkv dev", true)).rejects.toMatchObject({
      code: "DATA_FOLDER_IN_USE",
      message: `the data in ${dirs.path()} is in use by cfkv dev at http://localhost:8787 (process id ${child.pid ?? 0})`,
      hint: "use that one, stop it, or run without keeping data: cfkv dev --ephemeral",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await ended;
    await (await lockFolder(dirs.path(), "cfkv dev", true)).release();
  });

  it.each([
    ["a process that is gone", JSON.stringify({ pid: 2 ** 22 + 1, name: "cfkv dev" })],
    ["a process whose id another one has now", JSON.stringify({ pid: process.ppid, started: "1", name: "cfkv dev" })],
    ["an earlier process of this one's id", JSON.stringify({ pid: process.pid, name: "cfkv dev" })],
    ["a process that was killed as it wrote", ""],
  ])("is taken over from %s", async (_, left) => {
    dirs.write("lock", left);
    const lock = await lockFolder(dirs.path(), "cfkv emulator", true);
    expect(JSON.parse(readFileSync(dirs.path("lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it("is taken over from a process that has ended and is still listed, where the system tells the two apart", async () => {
    // The shell becomes a program that never asks for the end of the child it has.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    try {
      const [text] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(text);
      await eventually(() => hasEnded(pid));
      dirs.write("lock", JSON.stringify({ pid, name: "cfkv dev" }));
      const taken = lockFolder(dirs.path(), "cfkv dev", true);

      if (PROC) await (await taken).release();
      else await expect(taken).rejects.toMatchObject({ code: "DATA_FOLDER_IN_USE" });
    } finally {
      parent.kill();
    }
  });

  it("is had by one of many processes that take over the same lock", async () => {
    dirs.write("lock", JSON.stringify({ pid: 2 ** 22 + 1, name: "gone" }));
    const script = `
      import { lockFolder } from "./src/local/engine/folder-lock.ts";
      const got = await lockFolder(${JSON.stringify(dirs.path())}, "one of many", true).then(() => "yes", () => "no");
      console.log(got);
      process.stdin.resume().once("end", () => process.exit());`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]),
    );
    const said = await Promise.all(
      children.map(
        (child) => new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(String(text)))),
      ),
    );
    for (const child of children) child.stdin.end();
    expect(said.map((word) => word.trim()).sort()).toEqual(["no", "no", "no", "yes"]);
  });
});
