import { rm } from "node:fs/promises";
import type { Miniflare } from "miniflare";
import { InputError } from "../../errors.js";
import { BulkRoad } from "./bulk-road.js";
import { dataFolder, type KeptData, removeNamespace, sweep } from "./data-folder.js";
import { type FolderLock, lockFolder } from "./folder-lock.js";
import { type Metering, metering } from "./metering.js";
import { loadMiniflare, type MiniflareModule, newestDate } from "./load-miniflare.js";
import { SECRET_HEADER } from "./loopback-guard.js";
import { assemble, type Assembled } from "./miniflare-options.js";
import type { ServiceFunction } from "./miniflare-worker.js";
import { GATEWAY } from "./own-workers.js";
import { type FrontTarget, WorkerdEnded } from "./proxy.js";
import { stopped } from "./refusal.js";
import { RequestLog, requestReceiver } from "./request-log.js";
import { RestartGate } from "./restart-gate.js";
import { storageName } from "./storage-name.js";
import { EngineStore, type StoreCall } from "./store.js";
import type { EngineConfig, EngineNote, EngineOptions } from "./types.js";
import type { UsageCount } from "./usage-count.js";
import { Workerd } from "./workerd.js";
import { WorkerdClient } from "./workerd-client.js";

/** Miniflare's own binding, as in Workers. */
export type LocalKv = Awaited<ReturnType<Miniflare["getKVNamespace"]>>;

export interface ScheduledOutcome {
  /** `ok`, or workerd's word for the failure, such as `exception`. */
  readonly outcome: string;
}

const NOTHING: EngineConfig = { namespaces: [], workers: [] };

/**
 * workerd, Cloudflare's runtime, on this machine: exactly one Miniflare, on loopback, whose configuration can be
 * changed without losing data. Create one with {@link startEngine}.
 */
export class Engine {
  readonly #gate = new RestartGate();
  readonly #client = new WorkerdClient();
  readonly #workerd: Workerd;
  readonly #bulk: BulkRoad;
  readonly #metering: Metering;
  /** Whether the operations of what runs now are counted. */
  #isMetered = false;
  #running: EngineConfig = NOTHING;

  /** @internal */
  constructor(
    private readonly module: MiniflareModule,
    private readonly options: EngineOptions,
    private readonly folder: string,
    private readonly lock: FolderLock | undefined,
  ) {
    const { port = 0, onLog = () => undefined } = options;
    this.#workerd = new Workerd(module, { folder, port, gate: this.#gate, onLog });
    this.#bulk = new BulkRoad(module, folder);
    this.#metering = metering(module);
  }

  /** The address of the Workers: `http://127.0.0.1:<port>`. The `Host` header picks the Worker. */
  get url(): string {
    return this.#workerd.url;
  }

  /** The running configuration. */
  get config(): EngineConfig {
    return this.#running;
  }

  /**
   * Runs this configuration instead of the current one. Waits some time for open requests to finish. If workerd refuses
   * it (for a syntax error in a Worker, for example), the current one keeps running.
   *
   * @returns the differences from Cloudflare
   * @throws InputError `WORKER_NOT_STARTED` with workerd's message
   */
  async apply(config: EngineConfig): Promise<readonly EngineNote[]> {
    const { patienceMs = 5_000 } = this.options;
    return this.#gate.alone(patienceMs, async () => {
      await this.#collectUsage();
      const { onUsage } = this.options;
      this.#isMetered = onUsage !== undefined && this.#metering.isPossible;
      const { workers, notes } = this.#assemble(config);
      await this.#workerd.replace(workers);
      if (this.#isMetered && bindsNamespaces(config) && !this.#metering.isApplied()) {
        // A Miniflare that is built differently: bindings must lead to their namespaces, and nothing is counted.
        this.#isMetered = false;
        await this.#workerd.replace(this.#assemble(config).workers);
      }
      this.#running = config;
      return notes;
    });
  }

  /** The real binding of a namespace. The next `apply()` invalidates it: call this again. */
  async kv(namespaceId: string): Promise<LocalKv> {
    this.#expectNamespace(namespaceId);
    return this.#workerd.miniflare.getKVNamespace(storageName(namespaceId), this.#workerd.nameOf(GATEWAY));
  }

  /** Faster access to the same data, for whole batches; valid until `dispose()`. */
  store(namespaceId: string): EngineStore {
    this.#expectNamespace(namespaceId);
    return new EngineStore((action, query, body) => this.storeCall(namespaceId, action, query, body));
  }

  /**
   * Sends a call of an {@link EngineStore} of a namespace.
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
    const name = storageName(namespaceId);
    const call: StoreCall = (...sent) => this.#call(name, ...sent);
    return this.#during(() => this.#bulk.call(name, call, action, query, body));
  }

  /**
   * Publishes this process's address, so that other processes can access its data with the secret.
   *
   * @internal
   */
  async share(access: { readonly url: string; readonly secret: string }): Promise<void> {
    await this.lock?.publish(access);
  }

  /** The real binding of a D1 database. The next `apply()` invalidates it. */
  async d1(databaseId: string): Promise<Awaited<ReturnType<Miniflare["getD1Database"]>>> {
    return this.#workerd.miniflare.getD1Database(`d1:${storageName(databaseId)}`, this.#workerd.nameOf(GATEWAY));
  }

  /** Sends a request to the Worker that its URL's host names; no port is needed. */
  async dispatch(url: string, init: RequestInit = {}): Promise<Response> {
    return this.#during(async () => {
      const send = this.#workerd.miniflare.dispatchFetch as unknown as typeof fetch;
      const headers = new Headers(init.headers);
      headers.set(SECRET_HEADER, this.#workerd.secret);
      return send(url, { ...init, headers: [...headers] });
    });
  }

  /**
   * Counts a request that is sent to `url` by other means, so that no restart cuts it off; waits during a restart.
   * `leave` must be called at its end.
   *
   * @throws ServiceError `RUNTIME_ENDED` while workerd keeps crashing
   */
  async hold(): Promise<FrontTarget> {
    const leave = await this.#enter();
    if (this.#workerd.isRunning) return { url: this.url, leave };
    leave();
    throw stopped();
  }

  /**
   * Triggers a Worker's `scheduled` handler.
   *
   * @throws InputError `WORKER_UNKNOWN` when no Worker of that name runs
   */
  async scheduled(worker: string, cron: string, time = new Date()): Promise<ScheduledOutcome> {
    return this.#during(async () => {
      const response = await this.#call("cron", "", { worker, cron, time: String(time.getTime()) });
      if (response.status === 404) throw new InputError("WORKER_UNKNOWN", `no Worker '${worker}' runs here`);
      if (!response.ok) return { outcome: await response.text() };
      return (await response.json()) as ScheduledOutcome;
    });
  }

  /** Removes the data of a namespace that is no longer configured. */
  async forget(namespaceId: string): Promise<void> {
    await removeNamespace(this.folder, namespaceId);
  }

  /** Removes the data of databases, buckets and Durable Objects that are not configured any more. */
  async sweep(wanted: () => KeptData): Promise<void> {
    await sweep(this.folder, wanted);
  }

  /** Hands what Workers have done with namespaces to `onUsage`. */
  async takeUsage(): Promise<void> {
    await this.#during(async () => this.#collectUsage());
  }

  /** Stops workerd. Data stays, unless the folder was temporary. */
  async dispose(): Promise<void> {
    await this.#collectUsage();
    this.#client.close();
    await this.#workerd.dispose();
    await this.lock?.release();
    if (this.options.dataFolder === undefined) await rm(this.folder, { recursive: true, force: true });
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
    this.#workerd.expectAlive();
    return this.#gate.enter();
  }

  /** What a crash of workerd took along is lost: counts are statistics. */
  async #collectUsage(): Promise<void> {
    if (!this.#isMetered || !this.#workerd.isRunning) return;
    const response = await this.#call("meter", "", {}).catch(() => undefined);
    if (response?.ok !== true) return;
    const counts = (await response.json()) as UsageCount[];
    const ids = new Map(this.#running.namespaces.map(({ id }) => [storageName(id), id]));
    const named = counts.map((count) => ({ ...count, namespace: ids.get(count.namespace) ?? count.namespace }));
    if (named.length > 0) this.options.onUsage?.(named);
  }

  #assemble(config: EngineConfig): Assembled {
    const { hosts = [], onRequest } = this.options;
    const { secret } = this.#workerd;
    const requests = onRequest === undefined ? {} : { requests: this.#requests(config, onRequest) };
    return assemble({
      config,
      router: { secret, hosts, ...requests },
      newestDate: newestDate(this.module),
      hasMeter: this.#isMetered,
    });
  }

  #requests({ workers }: EngineConfig, onRequest: NonNullable<EngineOptions["onRequest"]>): ServiceFunction {
    return requestReceiver(this.module, new RequestLog(workers, onRequest));
  }

  async #call(
    place: string,
    action: string,
    query: Record<string, string>,
    body?: Uint8Array | string,
  ): Promise<Response> {
    const { isRunning, gatewayUrl, secret } = this.#workerd;
    if (!isRunning) throw stopped();
    const url = `${gatewayUrl}/${place}/${action}?${new URLSearchParams(query).toString()}`;
    return this.#client.send(url, { [SECRET_HEADER]: secret }, body).catch((cause: unknown) => {
      throw new WorkerdEnded(cause instanceof Error ? cause.message : String(cause), { cause });
    });
  }

  #expectNamespace(namespaceId: string): void {
    if (this.#running.namespaces.some(({ id }) => id === namespaceId)) return;
    throw new InputError("NAMESPACE_UNKNOWN", `no namespace '${namespaceId}' is configured here`);
  }
}

function bindsNamespaces({ workers }: EngineConfig): boolean {
  const bindings = workers.flatMap(({ versions }) => versions.flatMap((version) => version.bindings ?? []));
  return bindings.some(({ type }) => type === "kv_namespace");
}

/**
 * Creates an engine; nothing runs before the first {@link Engine.apply}.
 *
 * @throws InputError `MINIFLARE_MISSING` when the package miniflare is not installed, `DATA_FOLDER_IN_USE` when another
 * process uses the folder
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const [module, folder] = await Promise.all([loadMiniflare(), dataFolder(options.dataFolder)]);
  const { dataFolder: kept, owner } = options;
  const lock = kept === undefined ? undefined : await lockFolder(kept, owner ?? "another program", owner !== undefined);
  return new Engine(module, options, folder, lock);
}
