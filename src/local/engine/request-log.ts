import type { MiniflareModule } from "./load-miniflare.js";
import type { ServiceFunction } from "./miniflare-worker.js";
import type { EngineRequest, EngineVersion, EngineWorker } from "./types.js";

/** What the router reports of a request. */
export interface RequestRecord extends Omit<EngineRequest, "kvOperations"> {
  readonly ray: string;
}

/** How many KV operations a Worker had begun when it responded to a request. */
export interface KvCount {
  readonly ray: string;
  readonly kvOperations: number;
}

/** How many milliseconds a record waits for its count. It comes within a few, unless workerd ends. */
const PATIENCE_MS = 2_000;

/** The same for a Worker with static assets: when they answer, nothing is counted. */
const PATIENCE_WITH_ASSETS_MS = 250;

/** How many counts may wait for their record. */
const MAX_COUNTS = 1_000;

/** Joins the router's record of each request with the number of its KV operations. Either may come first. */
export class RequestLog {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, { readonly record: RequestRecord; readonly timer: NodeJS.Timeout }>();

  constructor(
    private readonly workers: readonly EngineWorker[],
    private readonly onRequest: (entry: EngineRequest) => void,
  ) {}

  add(message: RequestRecord | KvCount): void {
    if ("kvOperations" in message) this.#count(message);
    else this.#record(message);
  }

  #record(record: RequestRecord): void {
    const { ray, worker } = record;
    const count = this.#counts.get(ray);
    this.#counts.delete(ray);
    const patience = this.#patience(worker);
    if (count !== undefined || patience === undefined) {
      // A count for a Worker without namespaces is one of a Worker that it called.
      this.#say(record, patience === undefined ? undefined : count);
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(ray);
      this.#say(record, undefined);
    }, patience);
    timer.unref();
    this.#waiting.set(ray, { record, timer });
  }

  #count({ ray, kvOperations }: KvCount): void {
    const waiting = this.#waiting.get(ray);
    if (waiting === undefined) {
      this.#counts.set(ray, kvOperations);
      const [oldest] = this.#counts.keys();
      if (this.#counts.size > MAX_COUNTS && oldest !== undefined) this.#counts.delete(oldest);
      return;
    }
    clearTimeout(waiting.timer);
    this.#waiting.delete(ray);
    this.#say(waiting.record, kvOperations);
  }

  /** Undefined when the operations of a Worker are not counted. */
  #patience(name: string): number | undefined {
    const { versions = [] } = this.workers.find((worker) => worker.name === name) ?? {};
    if (!versions.some(hasNamespaces)) return undefined;
    return versions.some(({ assets }) => assets !== undefined) ? PATIENCE_WITH_ASSETS_MS : PATIENCE_MS;
  }

  #say({ worker, method, url, status, ms }: RequestRecord, kvOperations: number | undefined): void {
    this.onRequest({ worker, method, url, status, ms, ...(kvOperations === undefined ? {} : { kvOperations }) });
  }
}

/** Whether a version has KV operations to count. */
export function hasNamespaces({ bindings = [] }: EngineVersion): boolean {
  return bindings.some(({ type }) => type === "kv_namespace");
}

/** Receives the reports of the engine's own Workers. */
export function requestReceiver({ Response: LocalResponse }: MiniflareModule, log: RequestLog): ServiceFunction {
  return async (request) => {
    log.add((await request.json()) as RequestRecord | KvCount);
    return new LocalResponse(null, { status: 204 });
  };
}
