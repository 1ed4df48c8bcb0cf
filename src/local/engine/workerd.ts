import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Miniflare } from "miniflare";
import type { InputError } from "../../errors.js";
import type { MiniflareModule } from "./load-miniflare.js";
import { guardingHelpers } from "./loopback-guard.js";
import type { MiniflareWorker } from "./miniflare-worker.js";
import { WorkerdGuard } from "./orphan-guard.js";
import { GATEWAY } from "./own-workers.js";
import { WorkerdEnded } from "./proxy.js";
import { refusal, stopped } from "./refusal.js";
import { PrivateNames } from "./private-names.js";
import type { RestartGate } from "./restart-gate.js";
import { RestartLimit } from "./restart-limit.js";
import type { EngineLog } from "./types.js";
import { workerLog } from "./worker-log.js";

export interface WorkerdOptions {
  /** The folder for all data. */
  readonly folder: string;
  /** 0 for a free one, kept until the end. */
  readonly port: number;
  /** Holds requests back while workerd restarts. */
  readonly gate: RestartGate;
  readonly onLog: (entry: EngineLog) => void;
}

/** The workerd process, run by Miniflare: started, replaced, and restarted when it ends unexpectedly. */
export class Workerd {
  /** The secrets that the engine's own Workers and this process share. */
  readonly secret = randomBytes(24).toString("hex");
  readonly #names = new PrivateNames(this.secret);
  readonly #guard = new WorkerdGuard();
  readonly #limit = new RestartLimit();
  #miniflare: Miniflare | undefined;
  #url = "";
  #gateway = "";
  #port: number;
  /** What workerd prints while it starts: the reason when it does not. */
  #startupLog: EngineLog[] | undefined;
  /** The Workers of the last successful start. */
  #workers: readonly MiniflareWorker[] = [];
  /** The output of the current process, and whether it has ended. */
  #output: Readable | undefined;
  #ended = false;
  #revival: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(
    private readonly module: MiniflareModule,
    private readonly options: WorkerdOptions,
  ) {
    this.#port = options.port;
  }

  /** `http://127.0.0.1:<port>`, where the router listens. */
  get url(): string {
    return this.#url;
  }

  /** Where the gateway listens. */
  get gatewayUrl(): string {
    return this.#gateway;
  }

  get isRunning(): boolean {
    return this.#miniflare !== undefined;
  }

  /** @throws InputError `ENGINE_STOPPED` before the first start and after the end */
  get miniflare(): Miniflare {
    if (this.#miniflare === undefined) throw stopped();
    return this.#miniflare;
  }

  /** The name of a Worker for calls of Miniflare. */
  nameOf(worker: string): string {
    return this.#names.of(worker);
  }

  /**
   * Runs these Workers instead of the current ones, which run again if these are refused.
   *
   * @throws InputError `WORKER_NOT_STARTED` with workerd's message
   */
  async replace(workers: readonly MiniflareWorker[]): Promise<void> {
    const previous = this.isRunning ? this.#workers : undefined;
    try {
      await this.#start(workers);
      this.#limit.reset();
    } catch (error) {
      const printed = this.#startupLog ?? [];
      await this.#stop();
      if (previous !== undefined) await this.#start(previous);
      throw this.#refusal(error, printed);
    }
  }

  /** @throws WorkerdEnded while it is not restarted because it kept crashing */
  expectAlive(): void {
    const { reason, rested } = this.#limit;
    if (reason !== undefined && !rested) throw new WorkerdEnded(reason);
    if (reason !== undefined) this.#revive();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#revival;
    this.#guard.release();
    const miniflare = this.#miniflare;
    this.#miniflare = undefined;
    await miniflare?.dispose();
  }

  async #start(workers: readonly MiniflareWorker[]): Promise<void> {
    // Miniflare's own type of its options needs the DOM's; the Workers are checked above.
    const options = { ...this.#shared(), workers: this.#names.given(workers) } as never;
    this.#startupLog = [];
    await guardingHelpers(this.secret, async () => {
      if (this.#miniflare === undefined) this.#miniflare = new this.module.Miniflare(options);
      else await this.#miniflare.setOptions(options);
    });
    const miniflare = this.miniflare;
    const url = await miniflare.ready;
    this.#port = Number(url.port);
    this.#url = `http://127.0.0.1:${url.port}`;
    this.#gateway = (await miniflare.unsafeGetDirectURL(this.nameOf(GATEWAY))).origin;
    await this.#guard.watch();
    const printed = this.#startupLog;
    this.#startupLog = undefined;
    this.#workers = workers;
    for (const entry of printed) this.options.onLog(entry);
    if (this.#ended) this.#revive();
  }

  async #stop(): Promise<void> {
    const failed = this.#miniflare;
    this.#miniflare = undefined;
    await failed?.dispose().catch(() => undefined);
  }

  /** The process that Miniflare has just started. Its output ends when it crashes, not when it is replaced. */
  #started(output: Readable): void {
    this.#output = output;
    this.#ended = false;
    // At once: a `kill -9` of this process may come before workerd is ready.
    void this.#guard.watch();
    output.once("end", () => {
      if (this.#output !== output) return;
      this.#ended = true;
      if (this.#startupLog === undefined) this.#revive();
    });
  }

  /** Restarts workerd after it ended unexpectedly. Its data is on disk. */
  #revive(): void {
    if (this.#disposed) return;
    if (!this.#limit.take()) {
      this.#giveUp("it keeps crashing");
      return;
    }
    this.#revival = this.options.gate.alone(0, async () => {
      // A change of the configuration may have started it in the meantime.
      if (!this.#ended || this.#disposed) return;
      try {
        await this.#start(this.#workers);
        this.options.onLog({ level: "warn", message: "workerd ended unexpectedly and was restarted" });
      } catch (error) {
        const { message } = this.#refusal(error, this.#startupLog ?? []);
        await this.#stop();
        this.#startupLog = undefined;
        this.#giveUp(message);
      }
    });
  }

  #refusal(error: unknown, printed: readonly EngineLog[]): InputError {
    return refusal(error, printed, (message) => this.#names.shown(message));
  }

  #giveUp(reason: string): void {
    this.#limit.giveUp(reason);
    const message = `workerd ended: ${reason}; it will be restarted after the next change or in one minute`;
    this.options.onLog({ level: "error", message });
  }

  #shared(): Record<string, unknown> {
    const { folder } = this.options;
    return {
      host: "127.0.0.1",
      port: this.#port,
      cf: false,
      log: new this.module.NoOpLog(),
      logRequests: false,
      kvPersist: join(folder, "kv"),
      d1Persist: join(folder, "d1"),
      r2Persist: join(folder, "r2"),
      durableObjectsPersist: join(folder, "do"),
      handleRuntimeStdio: (output: Readable) => this.#started(output),
      // Without it workerd does not print uncaught exceptions.
      verbose: true,
      handleStructuredLogs: (line: EngineLog) => {
        const entry = workerLog({ ...line, message: this.#names.shown(line.message) });
        if (entry === undefined) return;
        if (this.#startupLog === undefined) this.options.onLog(entry);
        else this.#startupLog.push(entry);
      },
    };
  }
}
