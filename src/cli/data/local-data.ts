import type { KvNamespaceClient } from "../../cloudflare/kv-namespace-client.js";
import { type Clock, type EntriesTarget, systemClock } from "../../data/target.js";
import { bindingSql, type RunSql } from "../../d1/index.js";
import { InputError, ServiceError } from "../../errors.js";
import { prepareDataFolder, workerdFolder } from "../../local/dev/folder.js";
import type { EngineStore } from "../../local/engine/store.js";
import type { StoreEntry } from "../../local/engine/store-entry.js";
import { type Engine, startEngine } from "../../local/engine/engine.js";
import { ownerOf } from "../../local/engine/folder-lock.js";
import { openSharedDatabase, openSharedStore } from "../../local/dev/shared-store.js";

/** A namespace of `cfkv dev`, in the form that the data commands use. */
export type LocalTarget = EntriesTarget & Pick<KvNamespaceClient, "putValue">;

/** Each batch is flushed once; ten thousand pairs would show no progress for seconds. */
const PAIRS_AT_ONCE = 5000;

/** Seconds to wait for another command of this kind to end: they take turns. */
const PATIENCE_SECONDS = 5;

/**
 * The data that `cfkv dev` keeps. While it runs, the data is accessed through it, so that its Workers see every change
 * and none is refused; otherwise through one workerd for all namespaces. The caller closes it.
 */
export class LocalData {
  private engine: Engine | undefined;
  private readonly open: { close: () => Promise<void> | void }[] = [];

  constructor(
    private readonly folder: string,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * @param beside - more namespaces that may be used: adding one later restarts workerd
   * @throws InputError `DATA_FOLDER_IN_USE` when another process uses the data
   */
  async namespace(name: string, beside: readonly string[] = []): Promise<LocalTarget> {
    return localTarget(name, await this.store(name, beside));
  }

  /**
   * What runs SQL in a database of the data.
   *
   * @param beside - more databases that may be asked for: adding one later closes those that are open
   * @throws InputError `DATA_FOLDER_IN_USE` when another process uses the data
   */
  async database(id: string, beside: readonly string[] = []): Promise<RunSql> {
    await prepareDataFolder(this.folder);
    const shared = this.engine === undefined ? await openSharedDatabase(this.folder, id) : undefined;
    if (shared !== undefined) {
      this.open.push(shared);
      return shared.run;
    }
    this.engine ??= await this.startEngine();
    const { databases = [], ...config } = this.engine.config;
    if (!databases.some((known) => known.id === id)) {
      const all = new Set([...databases.map((known) => known.id), id, ...beside]);
      await this.engine.apply({ ...config, databases: [...all].map((each) => ({ id: each })) });
    }
    return bindingSql(await this.engine.d1(id));
  }

  async close(): Promise<void> {
    for (const { close } of this.open.splice(0)) await close();
    await this.engine?.dispose();
    this.engine = undefined;
  }

  private async store(name: string, beside: readonly string[]): Promise<EngineStore> {
    await prepareDataFolder(this.folder);
    if (this.engine === undefined && (await ownerOf(workerdFolder(this.folder)))?.url !== undefined) {
      const shared = await openSharedStore(this.folder, name);
      this.open.push(shared);
      return shared.store;
    }
    this.engine ??= await this.startEngine();
    const known = this.engine.config.namespaces.map(({ id }) => id);
    if (!known.includes(name)) {
      const namespaces = [...new Set([...known, name, ...beside])].map((id) => ({ id }));
      await this.engine.apply({ namespaces, workers: [] });
    }
    return this.engine.store(name);
  }

  private async startEngine(): Promise<Engine> {
    for (let seconds = 0; ; seconds++) {
      try {
        return await startEngine({ dataFolder: workerdFolder(this.folder), owner: OWNER });
      } catch (error) {
        const busy = error instanceof InputError && error.code === "DATA_FOLDER_IN_USE";
        const turns = busy && (await ownerOf(workerdFolder(this.folder)))?.name === OWNER;
        if (!turns || seconds >= PATIENCE_SECONDS) throw error;
        await this.clock.wait(1);
      }
    }
  }
}

/** How other processes that need the data see this one. */
const OWNER = "a cfkv command with --local";

function localTarget(namespaceId: string, store: EngineStore): LocalTarget {
  return {
    namespaceId,
    pairsAtOnce: PAIRS_AT_ONCE,
    readsExpirations: false,
    listKeys: (options) => answered(() => store.list(options)),
    getValue: async (key) => (await answered(() => store.get(key)))?.body,
    putValue: (key, value, options) => answered(() => store.put(key, value, options)),
    bulkPut: async (pairs) => {
      const text = await (pairs instanceof Blob ? pairs : new Blob([...pairs])).text();
      const entries = (JSON.parse(text) as ApiPair[]).map(toEntry);
      const failed = await answered(() => store.putAll(entries));
      return { unsuccessfulKeys: keysAt(failed, (at) => entries[at]?.key) };
    },
    bulkDelete: async (keys) => {
      const failed = await answered(() => store.deleteAll(keys));
      return { unsuccessfulKeys: keysAt(failed, (at) => keys[at]) };
    },
    bulkGet: async (keys) => {
      const found = await answered(() => store.getAll(keys));
      return new Map(
        keys.flatMap((key, at) => {
          const entry = found[at];
          return entry == null ? [] : [[key, { value: entry.value, metadata: entry.metadata }] as const];
        }),
      );
    },
  };
}

/** The error when `cfkv dev` has ended in the meantime. */
async function answered<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ECONNREFUSED" && code !== "ECONNRESET") throw error;
    throw new ServiceError("RUNTIME_ENDED", `cfkv dev, which uses the data, does not respond (${code})`, "try again", {
      cause: error,
    });
  }
}

/** A pair in the form of Cloudflare's bulk write. */
type ApiPair = Omit<StoreEntry, "expirationTtl"> & { readonly expiration_ttl?: number };

function toEntry({ expiration_ttl: expirationTtl, ...pair }: ApiPair): StoreEntry {
  return { ...pair, ...(expirationTtl === undefined ? {} : { expirationTtl }) };
}

function keysAt(positions: readonly number[], keyAt: (at: number) => string | undefined): string[] {
  return positions.map(keyAt).filter((key) => key !== undefined);
}
