import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "./project.js";
import { appOf, expectAssembly, runApp, spawnApp, type AppEnd, type Environment, type OnOutput } from "./run-app.js";

/**
 * Runs in the app's process before the app: loads cdktf, says that it is ready, and waits. Node loads it by
 * `NODE_OPTIONS`, so also in npx and tsx; only the process that runs the app's own file has to wait. When the other
 * end goes away, however that happens, so does this process.
 */
const WAIT = `
import { connect } from "node:net";
import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
const { CFKV_STANDBY: place, CFKV_NODE_OPTIONS: options } = process.env;
const script = process.argv[1] ?? "";
if (place && isMainThread && (!/[\\\\/]node_modules[\\\\/]/.test(script) || /[\\\\/]ts-node[^\\\\/]*$/.test(script))) {
  delete process.env.CFKV_STANDBY;
  delete process.env.CFKV_NODE_OPTIONS;
  process.env.NODE_OPTIONS = options;
  try { createRequire(process.cwd() + "/app")("cdktf"); } catch { /* Not every app is made with it. */ }
  await new Promise((go) => {
    let waiting = true;
    const socket = connect(place, () => socket.write("ready"));
    const leave = () => { if (waiting) process.exit(0); };
    socket.on("error", leave).on("close", leave);
    socket.once("data", () => { waiting = false; socket.destroy(); go(); });
  });
}
`;

/** Changed, these make what was loaded ahead wrong. */
const PREPARATION_FILES = /(?:^|[\\/])(?:package(?:-lock)?\.json|tsconfig[^\\/]*\.json|cdktf\.json|\.env)$/;

/** An app that was started ahead and waits in front of its first line. */
interface Waiting {
  /** Resolves to the line to it, or to nothing when the app ended without ever waiting. */
  readonly ready: Promise<Socket | undefined>;
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
  #connected: ((socket: Socket) => void) | undefined;
  /** An app that is not run by Node never waits: then there is nothing to gain. */
  #usable = process.platform !== "win32";

  private constructor(
    private readonly project: Project,
    private readonly env: Environment,
  ) {
    this.#server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => this.#connected?.(socket));
    });
  }

  static async start(project: Project, env: Environment): Promise<AppStandby> {
    const standby = new AppStandby(project, env);
    await new Promise<void>((resolve) => standby.#server.listen(standby.#place, resolve));
    standby.#prepare();
    return standby;
  }

  /**
   * Runs the app with the sources as they are now.
   *
   * @param changed - the files that changed since the last run
   * @throws InputError as {@link runApp} does
   */
  async run(changed: readonly string[], onOutput: OnOutput): Promise<void> {
    const waiting = this.#waiting;
    const socket = await waiting?.ready;
    this.#waiting = undefined;
    try {
      if (waiting === undefined || socket === undefined || changed.some((file) => PREPARATION_FILES.test(file))) {
        socket?.destroy();
        await runApp(this.project, this.env, onOutput);
        return;
      }
      waiting.onOutput = onOutput;
      await expectAssembly(this.project, async () => {
        socket.write("go");
        return waiting.end;
      });
    } finally {
      this.#prepare();
    }
  }

  /** Resolves once the process of the next run waits: to false when it will never do so. */
  async whenReady(): Promise<boolean> {
    return (await this.#waiting?.ready) !== undefined;
  }

  /** Ends the app that waits. */
  async dispose(): Promise<void> {
    this.#usable = false;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    (await this.#waiting?.ready)?.destroy();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #place(): string {
    return join(this.#folder, "app.sock");
  }

  #prepare(): void {
    if (!this.#usable) return;
    const connected = new Promise<Socket>((resolve) => (this.#connected = resolve));
    const end = spawnApp(appOf(this.project), this.project, this.#waitingEnvironment(), (text) =>
      waiting.onOutput(text),
    );
    const ended = end.then(
      () => undefined,
      () => undefined,
    );
    const ready = Promise.race([connected, ended]).then((socket) => {
      this.#usable &&= socket !== undefined;
      return socket;
    });
    const waiting: Waiting = { ready, end, onOutput: () => undefined };
    this.#waiting = waiting;
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
