import type { Engine } from "../engine/engine.js";
import { moduleOf } from "../engine/from-cloudflare.js";
import type { EngineStore } from "../engine/store.js";
import type { EngineCode, EngineConfig, EngineNote, EngineVersion, EngineWorker } from "../engine/types.js";
import { activeVersions, boundTo } from "./active-code.js";
import { assetsFolder } from "./assets-folder.js";
import { engineBindings } from "./bindings.js";
import { keptData, storageOf } from "./stored-data.js";
import type { BlobFolder } from "./blob-folder.js";
import { hexId, type VersionRecord, type WorkerRecord } from "./records.js";
import type { StateFile } from "./state-file.js";

/** How many spare namespaces are kept: so many can be created before workerd has to restart. */
const SPARES = 16;

/** Applies the API's state to the engine. */
export class EmulatorRuntime {
  /** Why a Worker cannot run here, by its id. */
  failures: ReadonlyMap<string, string> = new Map();
  /** Deployments that failed and are not tried again; a later one of the same Worker is. */
  readonly #failed = new Map<string, string>();
  notes: readonly EngineNote[] = [];
  #stale = true;
  #changed: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly engine: Engine,
    private readonly file: StateFile,
    private readonly blobs: BlobFolder,
    private readonly assetsParent: string,
  ) {}

  /**
   * Marks the running configuration as outdated; the next use applies the state.
   *
   * @param workerId - the Worker whose code changed, if any
   */
  outdate(workerId?: string): void {
    this.#stale = true;
    if (workerId !== undefined) this.#changed = workerId;
  }

  /** Applies the state to the engine, if it is outdated. */
  async upToDate(): Promise<void> {
    const mine = this.#turn.then(async () => {
      if (!this.#stale) return;
      this.#stale = false;
      await this.#sync().catch((error: unknown) => {
        this.#stale = true;
        throw error;
      });
    });
    this.#turn = mine.catch(() => undefined);
    await mine;
  }

  /** The data of a namespace that exists. */
  async store(namespaceId: string): Promise<EngineStore> {
    if (!this.engine.config.namespaces.some(({ id }) => id === namespaceId)) {
      this.outdate();
      await this.upToDate();
    }
    return this.engine.store(namespaceId);
  }

  async #sync(): Promise<void> {
    const { state } = this.file;
    while (state.spareNamespaceIds.length < SPARES) state.spareNamespaceIds.push(hexId());
    const failures = new Map<string, string>();
    for (const { id, deployments } of state.workers) {
      const known = this.#failed.get(deployments.at(-1)?.id ?? "");
      if (known !== undefined) failures.set(id, known);
    }
    // Each round leaves out one Worker that does not start, so there are at most as many rounds as Workers.
    for (let round = 0; round <= state.workers.length; round++) {
      const running = await this.#running(failures);
      try {
        this.notes = await this.engine.apply(this.#config(running));
        break;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const culprit = blamed(running, reason, this.#changed);
        if (culprit === undefined) throw error;
        const words = reason.replace("workerd refused to start: ", "");
        failures.set(culprit.worker.id, words);
        this.#failed.set(culprit.worker.deployments.at(-1)?.id ?? "", words);
      }
    }
    this.failures = failures;
    for (const namespace of state.namespaces) if (boundTo(state, namespace.id).length > 0) namespace.expires = true;
    for (const id of state.discardedNamespaceIds) await this.engine.forget(id);
    state.discardedNamespaceIds = [];
    await this.sweep();
    await this.file.save();
  }

  /** Removes the data of what the API has deleted; what runs must not use it any more. */
  async sweep(): Promise<void> {
    await this.engine.sweep(() => keptData(this.file.state));
  }

  async #running(failures: ReadonlyMap<string, string>): Promise<Running[]> {
    const { state } = this.file;
    const able = state.workers.filter((worker) => activeVersions(worker).length > 0 && !failures.has(worker.id));
    return Promise.all(
      able.map(async (worker) => ({ worker, runs: await this.#engineWorker(worker, runningName(worker, able)) })),
    );
  }

  #config(running: readonly { readonly runs: EngineWorker }[]): EngineConfig {
    const { namespaces, spareNamespaceIds, databases } = this.file.state;
    return {
      namespaces: [...namespaces.map(({ id }) => ({ id })), ...spareNamespaceIds.map((id) => ({ id }))],
      databases: databases.map(({ uuid }) => ({ id: uuid })),
      workers: running.map(({ runs }) => runs),
      defaultWorker: "",
    };
  }

  async #engineWorker(worker: WorkerRecord, name: string): Promise<EngineWorker> {
    const { routes, domains } = this.file.state;
    const versions = activeVersions(worker);
    return {
      name,
      routes: routes.filter(({ script }) => script === worker.name).map(({ pattern }) => pattern),
      customDomains: domains
        .filter(({ account, service }) => account === worker.account && service === worker.name)
        .map(({ hostname }) => hostname),
      versions: await Promise.all(
        versions.map(({ version, percentage }, at) =>
          this.#engineVersion(worker, version, percentage, at === 0 ? "" : `-${version.id}`),
        ),
      ),
    };
  }

  /** @param suffix - keeps the Durable Objects of versions that run side by side apart */
  async #engineVersion(
    worker: WorkerRecord,
    version: VersionRecord,
    percentage: number,
    suffix: string,
  ): Promise<EngineVersion> {
    const { compatibility_date: date, compatibility_flags: flags } = version.fields;
    return {
      id: version.id,
      percentage,
      ...(version.modules.length === 0 ? {} : { code: await this.#code(version) }),
      ...(version.assets === undefined
        ? {}
        : { assets: await assetsFolder(this.assetsParent, version.assets, this.blobs) }),
      ...(typeof date === "string" && date !== "" ? { compatibilityDate: date } : {}),
      compatibilityFlags: Array.isArray(flags) ? flags.map(String) : [],
      bindings: engineBindings(version, storageOf(this.file.state, worker, suffix)),
    };
  }

  async #code(version: VersionRecord): Promise<EngineCode> {
    const { main_module: main } = version.fields;
    const contents = await Promise.all(version.modules.map(({ digest }) => this.blobs.get(digest)));
    const modules = version.modules.map(({ name, contentType }, at) =>
      moduleOf(name, contentType, contents[at] ?? new Uint8Array()),
    );
    if (typeof main !== "string") return { serviceWorker: new TextDecoder().decode(contents[0]) };
    return { modules: [...modules].sort((a, b) => Number(b.name === main) - Number(a.name === main)) };
  }
}

interface Running {
  readonly worker: WorkerRecord;
  readonly runs: EngineWorker;
}

/** The Worker that workerd names; otherwise the one changed last, because the previous state did start. */
function blamed(running: readonly Running[], reason: string, changed: string | undefined): Running | undefined {
  const name = /Worker '([^'@]+)(?:@[^']*)?':/.exec(reason)?.[1];
  return (
    running.find(({ runs }) => runs.name === name) ??
    running.find(({ worker }) => worker.id === changed) ??
    running.at(-1)
  );
}

/** Names are unique in an account; if two accounts use the same one, the later one gets its account added. */
function runningName(worker: WorkerRecord, all: readonly WorkerRecord[]): string {
  const first = all.find(({ name }) => name.toLowerCase() === worker.name.toLowerCase());
  return first === worker ? worker.name : `${worker.name}-${worker.account.slice(-8)}`;
}
