import { randomBytes } from "node:crypto";
import pLimit from "p-limit";
import { bindingSql, type Sql, SqlError } from "../../d1/index.js";
import { InputError } from "../../errors.js";
import { namespaceLabel, type Assembly, type Stack } from "../../assembly/index.js";
import { devConfig, type DevConfig } from "./config.js";
import { versionsOf } from "./running-workers.js";
import { isLoopback } from "./access.js";
import { CONTROL_PREFIX, controlHandler, type ControlTarget } from "./control.js";
import { DevFront } from "./front.js";
import { prepareDataFolder, workerdFolder } from "./folder.js";
import { migrateAll, type Migrated } from "./migrations.js";
import { Seeder, type ReadSeeds, type Seeded } from "./seeds.js";
import { startEngine, type Engine } from "../engine/engine.js";
import type { EngineConfig, EngineLog, EngineNote, EngineRequest } from "../engine/types.js";
import { Readiness } from "./readiness.js";
import { USAGE_ACTION, usagePath } from "./local-usage.js";
import type { SharedCall } from "./shared-store.js";
import { UsageBook } from "../engine/usage-book.js";
import { WorkerBuilds } from "./worker-builds.js";

/** How many milliseconds an open request may delay a reload: the developer is waiting. */
const PATIENCE_MS = 500;

export interface DevOptions {
  /** TCP port; 0 uses a free one. */
  readonly port: number;
  /**
   * The address to listen on. Beyond loopback, the tool's own pages require a token.
   *
   * @default "127.0.0.1"
   */
  readonly ip?: string;
  /**
   * Host names by which the front Worker may be reached, such as a tunnel's.
   *
   * @default - none but `localhost`
   */
  readonly hosts?: readonly string[];
  /**
   * The folder for data.
   *
   * @default - data is removed at the end
   */
  readonly dataFolder?: string;
  /**
   * The folder that the app ran in: Workers are bundled from the sources in it.
   *
   * @default - the assembly's code runs
   */
  readonly sources?: string;
  /** Reads the entries of seed files. */
  readonly readSeeds: ReadSeeds;
  /**
   * Loads seeds again that were loaded before.
   *
   * @default false
   */
  readonly reseed?: boolean;
  readonly onRequest?: (request: EngineRequest) => void;
  readonly onLog?: (entry: EngineLog) => void;
}

/** What runs, with the details to report. */
export interface DevUpdate {
  readonly config: DevConfig;
  readonly notes: readonly string[];
  readonly seeded: readonly Seeded[];
  readonly migrated: readonly Migrated[];
  /** Whether anything differs from what ran before. */
  readonly changed: boolean;
}

/** A stack of an assembly, running on this machine. */
export class DevServer {
  #running: DevConfig | undefined;
  #stack: Stack | undefined;
  #digest = "";
  #token: string | undefined;
  readonly #said = new Set<string>();
  readonly #readiness = new Readiness();
  /** Namespaces that other processes use although this stack does not have them. */
  readonly #visited = { namespaces: new Set<string>(), databases: new Set<string>() };
  readonly #seeder: Seeder;
  readonly #readSeeds: ReadSeeds;
  /** Configuration changes run one after the other. */
  readonly #inTurn = pLimit(1);
  #front: DevFront | undefined;

  /** @internal */
  constructor(
    readonly engine: Engine,
    readonly builds: WorkerBuilds | undefined,
    private readonly usage: UsageBook,
    { dataFolder: folder, reseed: again = false, readSeeds }: DevOptions,
  ) {
    this.#readSeeds = readSeeds;
    this.#seeder = new Seeder({ ...(folder === undefined ? {} : { folder }), again, readSeeds });
  }

  /**
   * Opens the port.
   *
   * @internal
   */
  async open({ port, ip = "127.0.0.1" }: DevOptions): Promise<void> {
    const secret = randomBytes(24).toString("hex");
    if (!isLoopback(ip)) this.#token = randomBytes(12).toString("hex");
    this.#front = await DevFront.open(port, ip, {
      workers: async () => {
        await this.#readiness.wait();
        return this.engine.hold();
      },
      shared: (call, body) => this.#shared(call, body),
      control: controlHandler(() => this.#controlTarget()),
      secret,
      ...(this.#token === undefined ? {} : { token: this.#token }),
    });
    await this.engine.share({ url: this.url, secret });
  }

  /** `http://localhost:<port>`, the address of the front Worker. */
  get url(): string {
    return this.#front?.url ?? "";
  }

  /** The KV explorer, with its token where it has one. */
  get explorerUrl(): string {
    return `${this.url}${CONTROL_PREFIX}${this.#token === undefined ? "" : `?token=${this.#token}`}`;
  }

  /** What runs now. */
  get running(): DevConfig | undefined {
    return this.#running;
  }

  /** The address of a Worker, by its name. */
  workerUrl(name: string): string {
    if (this.#running?.engine.defaultWorker === name) return this.url;
    return this.url.replace("localhost", `${name.toLowerCase()}.localhost`);
  }

  /**
   * Runs the stack in its current form. If workerd refuses it, the previous one keeps running.
   *
   * @throws InputError `WORKER_NOT_BUNDLED`, `WORKER_NOT_STARTED` or `ASSEMBLY_BROKEN`
   */
  async update(assembly: Assembly, stack: Stack, vars: ReadonlyMap<string, string>): Promise<DevUpdate> {
    const code = await this.builds?.build(versionsOf(assembly, stack));
    const config = devConfig(assembly, stack, vars, code);
    const digest = JSON.stringify([config.engine, config.namespaces, config.migrated, config.notes], encodeBytes);
    if (digest === this.#digest) return { config, notes: [], seeded: [], migrated: [], changed: false };

    return this.#readiness.during(async () => {
      const notes = await this.#apply(config.engine);
      const migrated = await this.#migrate(config);
      this.#running = config;
      this.#stack = stack;
      this.#digest = digest;
      const seeded = await this.#seeder.seed(config.namespaces, (id) => this.engine.store(id));
      const said = [...config.notes, ...notes.map(({ message }) => message)];
      return { config, notes: this.#unsaid(said), seeded, migrated, changed: true };
    });
  }

  /** Code that expects missing tables does not stay. */
  async #migrate(config: DevConfig): Promise<readonly Migrated[]> {
    try {
      return await migrateAll(config.migrated, async (id) => this.engine.d1(id));
    } catch (error) {
      if (this.#running !== undefined) await this.#apply(this.#running.engine);
      throw error;
    }
  }

  /** Notes that are new, so that they are not repeated after each reload. */
  #unsaid(notes: readonly string[]): string[] {
    const now = notes.filter((note) => !this.#said.has(note));
    // Forgotten when they no longer apply, so that they are printed if they come back.
    this.#said.clear();
    for (const note of notes) this.#said.add(note);
    return now;
  }

  /** When a Worker is refused, the error has positions in its sources. */
  async #apply(config: EngineConfig): Promise<readonly EngineNote[]> {
    try {
      return await this.#inTurn(async () => this.engine.apply(this.#withVisited(config)));
    } catch (error) {
      if (!(error instanceof InputError) || this.builds === undefined) throw error;
      throw new InputError(error.code, this.builds.mapped(error.message), error.hint, { cause: error });
    }
  }

  async dispose(): Promise<void> {
    await this.#front?.close();
    await this.engine.dispose();
    await this.usage.save();
  }

  /** Accesses a namespace for another process, such as `cfkv seed --local`. */
  async #shared({ id, action, query }: SharedCall, body: Uint8Array | undefined): Promise<Response> {
    if (action === USAGE_ACTION) {
      await this.engine.takeUsage();
      return Response.json(this.usage.counts);
    }
    const kind = action === "sql" ? "databases" : "namespaces";
    await this.#inTurn(async () => {
      if (this.engine.config[kind]?.some((known) => known.id === id) === true) return;
      this.#visited[kind].add(id);
      await this.engine.apply(this.#withVisited(this.#running?.engine ?? this.engine.config));
    });
    if (kind === "namespaces") return this.engine.storeCall(id, action, query, body);
    try {
      const run = bindingSql(await this.engine.d1(id));
      return Response.json(await run(JSON.parse(Buffer.from(body ?? []).toString()) as readonly Sql[]));
    } catch (error) {
      if (error instanceof SqlError) return new Response(error.message, { status: 400 });
      throw error;
    }
  }

  #withVisited(config: EngineConfig): EngineConfig {
    const all = (known: readonly { readonly id: string }[], visited: ReadonlySet<string>) =>
      [...new Set([...known.map(({ id }) => id), ...visited])].map((id) => ({ id }));
    return {
      ...config,
      namespaces: all(config.namespaces, this.#visited.namespaces),
      databases: all(config.databases ?? [], this.#visited.databases),
    };
  }

  #controlTarget(): ControlTarget {
    return {
      stack: this.#stack,
      readSeeds: this.#readSeeds,
      namespaces: this.#running?.namespaces ?? [],
      workers: this.#running?.workers ?? [],
      store: (namespace) => this.engine.store(namespaceLabel(namespace)),
      scheduled: (worker, cron) => this.engine.scheduled(worker, cron),
    };
  }
}

/**
 * Prepares a server; its port is open, but nothing runs before the first {@link DevServer.update}.
 *
 * @throws InputError `PORT_IN_USE` when something else listens there, `DATA_FOLDER_IN_USE` when another dev server uses
 * the data, `MINIFLARE_MISSING` without miniflare
 */
export async function startDev(options: DevOptions): Promise<DevServer> {
  if (options.dataFolder !== undefined) await prepareDataFolder(options.dataFolder);
  const { onLog, sources } = options;
  const builds = sources === undefined ? undefined : new WorkerBuilds(sources);
  const usage = await UsageBook.open(options.dataFolder === undefined ? undefined : usagePath(options.dataFolder));
  const engine = await startEngine({
    ...(options.dataFolder === undefined ? {} : { dataFolder: workerdFolder(options.dataFolder), owner: "cfkv dev" }),
    patienceMs: PATIENCE_MS,
    onUsage: (counts) => usage.add(counts),
    ...(options.onRequest && { onRequest: options.onRequest }),
    ...(onLog && {
      onLog: (entry: EngineLog) => onLog({ ...entry, message: builds?.mapped(entry.message) ?? entry.message }),
    }),
    hosts: [...(options.hosts ?? []), ...(isLoopback(options.ip ?? "127.0.0.1") ? [] : ["*"])],
  });
  const server = new DevServer(engine, builds, usage, options);
  try {
    await server.open(options);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return server;
}

function encodeBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
