import { randomBytes } from "node:crypto";
import { namespaceLabel, type Assembly, type Stack } from "../../assembly/index.js";
import { devConfig, type DevConfig } from "./config.js";
import { CONTROL_PREFIX, controlHandler } from "./control.js";
import { DevFront } from "./front.js";
import { prepareDataFolder, runtimeFolder } from "./folder.js";
import { Seeder, type ReadSeeds, type Seeded } from "./seeds.js";
import { startEngine, type Engine } from "../engine/engine.js";
import type { EngineConfig, EngineLog, EngineRequest } from "../engine/types.js";
import type { SharedCall } from "./shared-store.js";

/** Milliseconds an open request may hold up a reload: somebody waits for it. */
const PATIENCE_MS = 500;

export interface DevOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /**
   * Where data is kept.
   *
   * @default - nowhere: it is gone at the end
   */
  readonly dataFolder?: string;
  /** Reads the entries of seed files. */
  readonly readSeeds: ReadSeeds;
  /**
   * Puts seeds again that were put before.
   *
   * @default false
   */
  readonly reseed?: boolean;
  readonly onRequest?: (request: EngineRequest) => void;
  readonly onLog?: (entry: EngineLog) => void;
}

/** What runs, with everything a person may want to know of it. */
export interface DevUpdate {
  readonly config: DevConfig;
  readonly notes: readonly string[];
  readonly seeded: readonly Seeded[];
  /** Whether anything differs from what ran before. */
  readonly changed: boolean;
}

/** A stack of an assembly, running on this machine. */
export class DevServer {
  #running: DevConfig | undefined;
  #digest = "";
  /** Namespaces that other processes work on though this stack has none of the name. */
  readonly #visited = new Set<string>();
  readonly #seeder: Seeder;
  #turn: Promise<unknown> = Promise.resolve();
  #front: DevFront | undefined;

  /** @internal */
  constructor(
    readonly engine: Engine,
    { dataFolder: folder, reseed: again = false, readSeeds }: DevOptions,
  ) {
    this.#seeder = new Seeder({ ...(folder === undefined ? {} : { folder }), again, readSeeds });
  }

  /**
   * Opens the port.
   *
   * @internal
   */
  async open(port: number): Promise<void> {
    const secret = randomBytes(24).toString("hex");
    this.#front = await DevFront.open(port, {
      workers: () => this.engine.hold(),
      shared: (call, body) => this.#shared(call, body),
      secret,
    });
    await this.engine.share({ url: this.url, secret });
  }

  /** `http://localhost:<port>`, where the front Worker answers. */
  get url(): string {
    return this.#front?.url ?? "";
  }

  /** What runs now. */
  get running(): DevConfig | undefined {
    return this.#running;
  }

  /** Where a Worker answers by its name. */
  workerUrl(name: string): string {
    if (this.#running?.engine.defaultWorker === name) return this.url;
    return this.url.replace("localhost", `${name.toLowerCase()}.localhost`);
  }

  /**
   * Runs the stack as it is now. When the runtime refuses it, what ran before goes on.
   *
   * @throws InputError `WORKER_NOT_STARTED` or `ASSEMBLY_BROKEN`
   */
  async update(assembly: Assembly, stack: Stack, vars: ReadonlyMap<string, string>): Promise<DevUpdate> {
    const config = devConfig(assembly, stack, vars);
    const digest = JSON.stringify([config.engine, config.namespaces, config.notes], encodeBytes);
    if (digest === this.#digest) return { config, notes: [], seeded: [], changed: false };

    const notes = await this.#inTurn(async () => this.engine.apply(this.#withVisited(config.engine)));
    this.#running = config;
    this.#digest = digest;
    const seeded = await this.#seeder.seed(config.namespaces, (id) => this.engine.store(id));
    return { config, notes: [...config.notes, ...notes.map(({ message }) => message)], seeded, changed: true };
  }

  async dispose(): Promise<void> {
    await this.#front?.close();
    await this.engine.dispose();
  }

  /** Works on a namespace for another process, such as `cfkv seed --local`. */
  async #shared({ namespaceId, action, query }: SharedCall, body: Uint8Array | undefined): Promise<Response> {
    await this.#inTurn(async () => {
      if (this.engine.config.namespaces.some(({ id }) => id === namespaceId)) return;
      this.#visited.add(namespaceId);
      await this.engine.apply(this.#withVisited(this.#running?.engine ?? this.engine.config));
    });
    return this.engine.storeCall(namespaceId, action, query, body);
  }

  #withVisited(config: EngineConfig): EngineConfig {
    const more = [...this.#visited].filter((visited) => !config.namespaces.some(({ id }) => id === visited));
    return { ...config, namespaces: [...config.namespaces, ...more.map((id) => ({ id }))] };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

/**
 * Prepares a server; its port is open, and nothing runs behind it before the first {@link DevServer.update}.
 *
 * @throws InputError `PORT_IN_USE` when something else listens there, `DATA_FOLDER_IN_USE` when another dev server has
 *   the data, `MINIFLARE_MISSING` without miniflare
 */
export async function startDev(options: DevOptions): Promise<DevServer> {
  if (options.dataFolder !== undefined) await prepareDataFolder(options.dataFolder);
  const handle = controlHandler(() => {
    const running = server.running;
    return {
      namespaces: running?.namespaces ?? [],
      workers: running?.workers ?? [],
      store: (namespace) => engine.store(namespaceLabel(namespace)),
      scheduled: (worker, cron) => engine.scheduled(worker, cron),
    };
  });
  const engine = await startEngine({
    ...(options.dataFolder === undefined ? {} : { dataFolder: runtimeFolder(options.dataFolder), owner: "cfkv dev" }),
    patienceMs: PATIENCE_MS,
    ...(options.onRequest && { onRequest: options.onRequest }),
    ...(options.onLog && { onLog: options.onLog }),
    control: { prefix: CONTROL_PREFIX, handle },
  });
  const server = new DevServer(engine, options);
  try {
    await server.open(options.port);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return server;
}

function encodeBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
