import { createServer } from "node:net";
import { namespaceLabel, type Assembly, type Stack } from "../assembly/index.js";
import { InputError } from "../errors.js";
import { devConfig, type DevConfig } from "./dev-config.js";
import { CONTROL_PREFIX, controlHandler } from "./dev-control.js";
import { prepareDataFolder, runtimeFolder } from "./dev-folder.js";
import { Seeder, type ReadSeeds, type Seeded } from "./dev-seeds.js";
import { startEngine, type Engine } from "./engine.js";
import type { EngineLog, EngineRequest } from "./engine-types.js";

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
  readonly #seeder: Seeder;

  /** @internal */
  constructor(
    readonly engine: Engine,
    { dataFolder: folder, reseed: again = false, readSeeds }: DevOptions,
  ) {
    this.#seeder = new Seeder({ ...(folder === undefined ? {} : { folder }), again, readSeeds });
  }

  /** `http://localhost:<port>`, where the front Worker answers. */
  get url(): string {
    return this.engine.url.replace("127.0.0.1", "localhost");
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

    const notes = await this.engine.apply(config.engine);
    this.#running = config;
    this.#digest = digest;
    const seeded = await this.#seeder.seed(config.namespaces, (id) => this.engine.store(id));
    return { config, notes: [...config.notes, ...notes.map(({ message }) => message)], seeded, changed: true };
  }

  async dispose(): Promise<void> {
    await this.engine.dispose();
  }
}

/**
 * Prepares a server; nothing runs before the first {@link DevServer.update}.
 *
 * @throws InputError `PORT_IN_USE` when something else listens there, `MINIFLARE_MISSING` without miniflare
 */
export async function startDev(options: DevOptions): Promise<DevServer> {
  await expectFreePort(options.port);
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
    port: options.port,
    ...(options.dataFolder === undefined ? {} : { dataFolder: runtimeFolder(options.dataFolder) }),
    ...(options.onRequest && { onRequest: options.onRequest }),
    ...(options.onLog && { onLog: options.onLog }),
    control: { prefix: CONTROL_PREFIX, handle },
  });
  const server = new DevServer(engine, options);
  return server;
}

/** The runtime's own complaint would come late, and name no way out. */
async function expectFreePort(port: number): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => reject(portProblem(port, cause)));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve()));
  });
}

function portProblem(port: number, cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EADDRINUSE") {
    const hint = `stop what listens there, or take another port: --port ${port + 1}, or --port 0 for a free one`;
    return new InputError("PORT_IN_USE", `port ${port} of 127.0.0.1 is taken by another program`, hint, { cause });
  }
  const hint = "take another port: --port 8787, or --port 0 for a free one";
  return new InputError("PORT_REFUSED", `port ${port} of 127.0.0.1 cannot be opened`, hint, { cause });
}

function encodeBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
