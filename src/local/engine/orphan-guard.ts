import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { promisify } from "node:util";

/** Reads process ids, one per line; when its input ends, it kills the last. An empty line means none. */
const WATCH = 'last=; while read -r pid; do last=$pid; done; if [ -n "$last" ]; then kill -9 "$last"; fi';

/**
 * Ends workerd when this process is killed (`kill -9`), because an orphan would keep the port
 * and write to the data folder. A shell waits on a pipe that only this process holds open.
 */
export class WorkerdGuard {
  /** Processes that a guard of this process watches: several engines may run at once. */
  static readonly #watched = new Set<number>();

  #shell: ChildProcess | undefined;
  #pid: number | undefined;

  /** Watches the workerd that was just started; call it again after each restart. */
  async watch(): Promise<void> {
    if (process.platform === "win32") return;
    this.#forget();
    const running = process.platform === "linux" ? await childrenFromProc() : await childrenFromPgrep();
    const pid = running.find((candidate) => !WorkerdGuard.#watched.has(candidate));
    if (pid === undefined) return;
    this.#pid = pid;
    WorkerdGuard.#watched.add(pid);
    this.#start().stdin?.write(`${pid}\n`);
  }

  /** workerd ends normally: nothing is left to kill. */
  release(): void {
    this.#forget();
    this.#shell?.stdin?.end("\n");
    this.#shell = undefined;
  }

  #forget(): void {
    if (this.#pid !== undefined) WorkerdGuard.#watched.delete(this.#pid);
    this.#pid = undefined;
  }

  #start(): ChildProcess {
    if (this.#shell !== undefined) return this.#shell;
    const shell = spawn("/bin/sh", ["-c", WATCH], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    shell.unref();
    // The guard is a safety net: without a shell the engine still runs, but a kill leaves an orphan.
    shell.on("error", () => undefined);
    shell.stdin.on("error", () => undefined);
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    this.#shell = shell;
    return shell;
  }
}

/** The children of this process that are workerd. */
async function childrenFromProc(): Promise<number[]> {
  const tasks = await readdir("/proc/self/task").catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8").catch(() => "")),
  );
  const pids = lists.join(" ").split(/\s+/).filter(Boolean);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")));
  return pids.filter((_, at) => names[at]?.trim() === "workerd").map(Number);
}

async function childrenFromPgrep(): Promise<number[]> {
  const pgrep = promisify(execFile)("pgrep", ["-P", String(process.pid), "workerd"]);
  const { stdout } = await pgrep.catch(() => ({ stdout: "" }));
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}
