import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Miniflare } from "miniflare";
import { InputError } from "../../errors.js";
import { RuntimeClient } from "./runtime-client.js";
import { type FrontTarget, RuntimeGone } from "./proxy.js";
import { RestartGate } from "./restart-gate.js";
import { dataFolder, removeNamespace } from "./data-folder.js";
import { RuntimeGuard } from "./orphan-guard.js";
import { RuntimeLives } from "./restart-limit.js";
import { workerLog } from "./worker-log.js";
import { loadMiniflare, type MiniflareModule, newestDate } from "./load-miniflare.js";
import { assemble, type Assembled, type RuntimeWorker, storageName } from "./miniflare-options.js";
import { refusal, stopped } from "./refusal.js";
import { GATEWAY } from "./workers/router.js";
import { routerServices } from "./router-services.js";
import { EngineStore } from "./store.js";
import type { EngineConfig, EngineLog, EngineNote, EngineOptions } from "./types.js";
import { type FolderLock, lockFolder } from "./folder-lock.js";

/** Miniflare's own binding, as Workers have it. */
export type LocalKv = Awaited<ReturnType<Miniflare["getKVNamespace"]>>;

export interface ScheduledOutcome {
  /** `ok`, or the runtime's word for what went wrong, such as `exception`. */
  readonly outcome: string;
}

const NOTHING: EngineConfig = { namespaces: [], workers: [] };

/**
 * Cloudflare's runtime on this machine: exactly one Miniflare, on loopback, whose configuration can be changed
 * without losing data. Make one with {@link startEngine}.
 */
export class Engine {
  readonly #gate = new RestartGate();
  readonly #guard = new RuntimeGuard();
  readonly #client = new RuntimeClient();
  readonly #secret = randomBytes(24).toString("hex");
  #runtime: Miniflare | undefined;
  #running: EngineConfig = NOTHING;
  #url = "";
  #gateway = "";
  #port: number;
  /** What the runtime says while it starts: the reason when it does not. */
  #startupLog: EngineLog[] | undefined;
  /** What Miniflare was told last. */
  #workers: readonly RuntimeWorker[] = [];
  /** The output of the process that runs now, and whether that process has ended. */
  #output: Readable | undefined;
  #ended = false;
  readonly #lives = new RuntimeLives();
  #revival: Promise<void> = Promise.resolve();
  #disposed = false;

  /** @internal */
  constructor(
    private readonly module: MiniflareModule,
    private readonly options: EngineOptions,
    private readonly folder: string,
    private readonly lock: FolderLock | undefined,
  ) {
    this.#port = options.port ?? 0;
  }

  /** Where the Workers answer: `http://127.0.0.1:<port>`. Which Worker, the `Host` header says. */
  get url(): string {
    return this.#url;
  }

  /** The configuration that runs now. */
  get config(): EngineConfig {
    return this.#running;
  }

  /**
   * Runs this configuration instead of the present one. Open requests are finished first, for a while.
   * When the runtime refuses it (a syntax error in a Worker, say) the present one goes on.
   *
   * @returns what runs otherwise than at Cloudflare
   * @throws InputError `WORKER_NOT_STARTED` with the runtime's own words
   */
  async apply(config: EngineConfig): Promise<readonly EngineNote[]> {
    const { patienceMs = 5_000 } = this.options;
    return this.#gate.alone(patienceMs, async () => {
      const { workers, notes } = this.#assemble(config);
      const previous = this.#runtime === undefined ? undefined : this.#running;
      try {
        await this.#start(workers);
        this.#running = config;
        this.#lives.renew();
      } catch (error) {
        const said = this.#startupLog ?? [];
        await this.#restore(previous);
        throw refusal(error, said);
      }
      return notes;
    });
  }

  /** The real binding of a namespace. It is gone after the next `apply()`: ask again. */
  async kv(namespaceId: string): Promise<LocalKv> {
    this.#expectNamespace(namespaceId);
    return this.#runtimeNow().getKVNamespace(storageName(namespaceId), GATEWAY);
  }

  /** The same data by a faster road, for whole batches; valid until `dispose()`. */
  store(namespaceId: string): EngineStore {
    this.#expectNamespace(namespaceId);
    return new EngineStore((action, query, body) => this.storeCall(namespaceId, action, query, body));
  }

  /**
   * What an {@link EngineStore} of a namespace sends.
   *
   * @internal
   */
  async storeCall(
    namespaceId: string,
    action: string,
    query: Record<string, string>,
    body?: Uint8Array | string,
  ): Promise<Response> {
    this.#expectNamespace(namespaceId);
    return this.#during(() => this.#call(storageName(namespaceId), action, query, body));
  }

  /**
   * Lets other processes find out where this one answers, and work on its data with the secret.
   *
   * @internal
   */
  async share(access: { readonly url: string; readonly secret: string }): Promise<void> {
    await this.lock?.tell(access);
  }

  /** The real binding of a D1 database. It is gone after the next `apply()`. */
  async d1(databaseId: string): Promise<Awaited<ReturnType<Miniflare["getD1Database"]>>> {
    return this.#runtimeNow().getD1Database(`d1:${storageName(databaseId)}`, GATEWAY);
  }

  /** Sends a request to the Worker its URL's host names, without a port being known to anybody. */
  async dispatch(url: string, init: RequestInit = {}): Promise<Response> {
    return this.#during(async () => {
      const send = this.#runtimeNow().dispatchFetch as unknown as typeof fetch;
      return send(url, init);
    });
  }

  /**
   * Counts a request that goes to `url` by other means, so that no restart cuts it off; waits while a restart is under
   * way. `leave` must be called at its end.
   *
   * @throws ServiceError `RUNTIME_ENDED` when the runtime ended again and again
   */
  async hold(): Promise<FrontTarget> {
    const leave = await this.#enter();
    if (this.#runtime !== undefined) return { url: this.#url, leave };
    leave();
    throw stopped();
  }

  /**
   * Triggers a Worker's `scheduled` handler.
   *
   * @throws InputError `WORKER_UNKNOWN` when nothing of that name runs
   */
  async scheduled(worker: string, cron: string, time = new Date()): Promise<ScheduledOutcome> {
    return this.#during(async () => {
      const response = await this.#call("cron", "", { worker, cron, time: String(time.getTime()) });
      if (response.status === 404) throw new InputError("WORKER_UNKNOWN", `no Worker '${worker}' runs here`);
      if (!response.ok) return { outcome: await response.text() };
      return (await response.json()) as ScheduledOutcome;
    });
  }

  /** Removes the data of a namespace that is not configured any more. */
  async forget(namespaceId: string): Promise<void> {
    await removeNamespace(this.folder, namespaceId);
  }

  /** Stops the runtime. Data stays, unless the folder was temporary. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#revival;
    const runtime = this.#runtime;
    this.#runtime = undefined;
    this.#guard.release();
    this.#client.close();
    await runtime?.dispose();
    await this.lock?.release();
    if (this.options.dataFolder === undefined) await rm(this.folder, { recursive: true, force: true });
  }

  async #start(workers: readonly RuntimeWorker[]): Promise<void> {
    // Miniflare's own type of its options does not resolve without the DOM's; the engine's is checked above.
    const options = { ...this.#shared(), workers } as never;
    this.#startupLog = [];
    if (this.#runtime === undefined) this.#runtime = new this.module.Miniflare(options);
    else await this.#runtime.setOptions(options);
    const url = await this.#runtime.ready;
    this.#port = Number(url.port);
    this.#url = `http://127.0.0.1:${url.port}`;
    this.#gateway = (await this.#runtime.unsafeGetDirectURL(GATEWAY)).origin;
    await this.#guard.watch();
    const said = this.#startupLog;
    this.#startupLog = undefined;
    this.#workers = workers;
    for (const entry of said) this.options.onLog?.(entry);
    if (this.#ended) this.#revive();
  }

  /** The process that Miniflare has just started. Its output ends when it ends by itself, not when it is replaced. */
  #started(output: Readable): void {
    this.#output = output;
    this.#ended = false;
    // At once: a `kill -9` of this process may come before the runtime is ready.
    void this.#guard.watch();
    output.once("end", () => {
      if (this.#output !== output) return;
      this.#ended = true;
      if (this.#startupLog === undefined) this.#revive();
    });
  }

  /** Starts the runtime again that ended by itself. What it had stored is on disk. */
  #revive(): void {
    if (this.#disposed) return;
    if (!this.#lives.take()) {
      this.#giveUp("again and again");
      return;
    }
    this.#revival = this.#gate.alone(0, async () => {
      // What was applied in the meantime has started it already.
      if (!this.#ended || this.#disposed) return;
      try {
        await this.#start(this.#workers);
        this.options.onLog?.({ level: "warn", message: "the local runtime ended by itself and was started again" });
      } catch (error) {
        const { message } = refusal(error, this.#startupLog ?? []);
        await this.#restore(undefined);
        this.#startupLog = undefined;
        this.#giveUp(`and ${message}`);
      }
    });
  }

  #giveUp(reason: string): void {
    this.#lives.giveUp(reason);
    const message = `the local runtime ended ${reason}: it is started again with the next change, or in a minute`;
    this.options.onLog?.({ level: "error", message });
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.#enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  async #enter(): Promise<() => void> {
    const { reason, rested } = this.#lives;
    if (reason !== undefined && !rested) throw new RuntimeGone(reason);
    if (reason !== undefined) this.#revive();
    return this.#gate.enter();
  }

  /** Goes back to what ran before, or to nothing. */
  async #restore(config: EngineConfig | undefined): Promise<void> {
    const failed = this.#runtime;
    this.#runtime = undefined;
    await failed?.dispose().catch(() => undefined);
    if (config === undefined) return;
    await this.#start(this.#assemble(config).workers);
  }

  #assemble(config: EngineConfig): Assembled {
    const services = routerServices(this.module, this.options);
    return assemble({ config, services, secret: this.#secret, newestDate: newestDate(this.module) });
  }

  #shared(): Record<string, unknown> {
    const { onLog } = this.options;
    return {
      host: "127.0.0.1",
      port: this.#port,
      cf: false,
      log: new this.module.NoOpLog(),
      kvPersist: join(this.folder, "kv"),
      d1Persist: join(this.folder, "d1"),
      r2Persist: join(this.folder, "r2"),
      durableObjectsPersist: join(this.folder, "do"),
      handleRuntimeStdio: (output: Readable) => this.#started(output),
      // Exceptions that nobody catches are told only so.
      verbose: true,
      handleStructuredLogs: (line: EngineLog) => {
        const entry = workerLog(line);
        if (entry === undefined) return;
        if (this.#startupLog === undefined) onLog?.(entry);
        else this.#startupLog.push(entry);
      },
    };
  }

  async #call(
    place: string,
    action: string,
    query: Record<string, string>,
    body?: Uint8Array | string,
  ): Promise<Response> {
    this.#runtimeNow();
    const url = `${this.#gateway}/${place}/${action}?${new URLSearchParams(query).toString()}`;
    return this.#client.send(url, { "cfkv-secret": this.#secret }, body).catch((cause: unknown) => {
      throw new RuntimeGone(cause instanceof Error ? cause.message : String(cause), { cause });
    });
  }

  #expectNamespace(namespaceId: string): void {
    if (this.#running.namespaces.some(({ id }) => id === namespaceId)) return;
    throw new InputError("NAMESPACE_UNKNOWN", `no namespace '${namespaceId}' is configured here`);
  }

  #runtimeNow(): Miniflare {
    if (this.#runtime !== undefined) return this.#runtime;
    throw stopped();
  }
}

/**
 * Prepares an engine; nothing runs before the first {@link Engine.apply}.
 *
 * @throws InputError `MINIFLARE_MISSING` when the package miniflare is not installed, `DATA_FOLDER_IN_USE` when another
 *   process has the folder
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const [module, folder] = await Promise.all([loadMiniflare(), dataFolder(options.dataFolder)]);
  const { dataFolder: kept, owner } = options;
  const lock = kept === undefined ? undefined : await lockFolder(kept, owner ?? "another program", owner !== undefined);
  return new Engine(module, options, folder, lock);
}
