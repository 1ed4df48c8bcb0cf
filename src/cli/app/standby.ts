import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WAIT } from "./preload.js";
import type { Project } from "../project.js";
import { appOf, expectAssembly, runApp, spawnApp, type AppEnd, type Environment, type OnOutput } from "./run-app.js";

/** Changed, these make what was loaded ahead wrong. */
const PREPARATION_FILES = /(?:^|[\\/])(?:package(?:-lock)?\.json|tsconfig[^\\/]*\.json|cdktf\.json|\.env)$/;

/** The line to an app that waits, and which files it loaded, if all is well with them. */
interface Line {
  readonly socket: Socket;
  readonly files: readonly string[] | undefined;
}

/** An app that was started ahead and waits in front of its first line. */
interface Waiting {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Resolves to the line to it, or to nothing when the app ended without ever waiting. */
  readonly ready: Promise<Line | undefined>;
  readonly end: Promise<AppEnd>;
  onOutput: OnOutput;
}

/**
 * Runs an app again and again, each time in a process of its own that was started while nothing was to do: the time
 * that Node, tsx and cdktf take to load is not waited for.
 */
export class AppStandby {
  readonly #folder = mkdtempSync(join(tmpdir(), "cfkv-standby-"));
  readonly #server: Server;
  #waiting: Waiting | undefined;
  #connected: ((line: Line) => void) | undefined;
  /** An app that is not run by Node never waits: then there is nothing to gain. */
  #usable = process.platform !== "win32";

  private constructor(
    private readonly project: Project,
    private readonly env: Environment,
  ) {
    this.#server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      createInterface(socket).once("line", (told) => this.#connected?.({ socket, files: filesOf(told) }));
    });
  }

  static async start(project: Project, env: Environment): Promise<AppStandby> {
    const standby = new AppStandby(project, env);
    await new Promise<void>((resolve) => standby.#server.listen(standby.#place, resolve));
    standby.prepare();
    return standby;
  }

  /** Starts the process of the next run. Call it when nothing else is to do, as it takes a second of a processor. */
  prepare(): void {
    if (!this.#usable || this.#waiting !== undefined) return;
    // Nothing is loaded within the millisecond that has begun.
    const since = Date.now() + 1;
    const connected = new Promise<Line>((resolve) => (this.#connected = resolve));
    const end = spawnApp(appOf(this.project), this.project, this.#waitingEnvironment(), (text) =>
      waiting.onOutput(text),
    );
    const ended = end.then(
      () => undefined,
      () => undefined,
    );
    const ready = Promise.race([connected, ended]).then((line) => {
      this.#usable &&= line !== undefined;
      return line;
    });
    const waiting: Waiting = { since, ready, end, onOutput: () => undefined };
    this.#waiting = waiting;
  }

  /**
   * Runs the app with the sources as they are now.
   *
   * @param changed - the files that changed since the last run
   * @throws InputError as {@link runApp} does
   */
  async run(changed: readonly string[], onOutput: OnOutput): Promise<void> {
    const waiting = this.#waiting;
    const line = await waiting?.ready;
    this.#waiting = undefined;
    if (waiting === undefined || line === undefined || isStale(line, waiting.since, changed)) {
      line?.socket.destroy();
      await runApp(this.project, this.env, onOutput);
      return;
    }
    waiting.onOutput = onOutput;
    await expectAssembly(this.project, async () => {
      line.socket.write("go");
      return waiting.end;
    });
  }

  /** Resolves once the process of the next run waits: to false when it will never do so. */
  async whenReady(): Promise<boolean> {
    return (await this.#waiting?.ready) !== undefined;
  }

  /** Ends the app that waits. */
  async dispose(): Promise<void> {
    this.#usable = false;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    (await this.#waiting?.ready)?.socket.destroy();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #place(): string {
    return join(this.#folder, "app.sock");
  }

  #waitingEnvironment(): Environment {
    const options = this.env["NODE_OPTIONS"] ?? "";
    return {
      ...this.env,
      CFKV_STANDBY: this.#place,
      CFKV_NODE_OPTIONS: options,
      NODE_OPTIONS: `${options} --import=data:text/javascript,${encodeURIComponent(WAIT)}`.trim(),
    };
  }
}

function filesOf(told: string): readonly string[] | undefined {
  try {
    return (JSON.parse(told) as { files?: string[] }).files;
  } catch {
    // It was killed while it spoke.
    return undefined;
  }
}

/** Whether what was loaded ahead is no longer what the app would load now. */
function isStale({ files }: Line, since: number, changed: readonly string[]): boolean {
  if (files === undefined || changed.some((file) => PREPARATION_FILES.test(file))) return true;
  // Not all of them are watched: an update of a library may come at any time.
  return files.some((url) => {
    const found = statSync(fileURLToPath(url), { throwIfNoEntry: false });
    return found === undefined || found.ctimeMs >= since;
  });
}
