import type { KvNamespaceClient } from "../cloudflare/kv-namespace-client.js";
import type { EntriesTarget } from "../data/target.js";
import { prepareDataFolder, runtimeFolder } from "../local/dev-folder.js";
import type { EngineStore, StoreEntry } from "../local/engine-store.js";
import { startEngine } from "../local/engine.js";

/** A namespace of `cfkv dev`, as the commands on data know one. */
export type LocalTarget = EntriesTarget & Pick<KvNamespaceClient, "putValue">;

/** Opens a namespace of the data that `cfkv dev` keeps. The caller closes it. */
export async function openLocalNamespace(
  folder: string,
  name: string,
): Promise<{ target: LocalTarget; close: () => Promise<void> }> {
  await prepareDataFolder(folder);
  const engine = await startEngine({ dataFolder: runtimeFolder(folder) });
  try {
    await engine.apply({ namespaces: [{ id: name }], workers: [] });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return { target: localTarget(name, engine.store(name)), close: () => engine.dispose() };
}

function localTarget(namespaceId: string, store: EngineStore): LocalTarget {
  return {
    namespaceId,
    listKeys: (options) => store.list(options),
    getValue: async (key) => (await store.get(key))?.body,
    putValue: (key, value, options) => store.put(key, value, options),
    bulkPut: async (pairs) => {
      const text = await (pairs instanceof Blob ? pairs : new Blob([...pairs])).text();
      const entries = (JSON.parse(text) as ApiPair[]).map(toEntry);
      return { unsuccessfulKeys: keysAt(await store.putAll(entries), (at) => entries[at]?.key) };
    },
    bulkDelete: async (keys) => ({ unsuccessfulKeys: keysAt(await store.deleteAll(keys), (at) => keys[at]) }),
    bulkGet: async (keys) => {
      const found = await store.getAll(keys);
      return new Map(
        keys.flatMap((key, at) => {
          const entry = found[at];
          return entry == null ? [] : [[key, { value: entry.value, metadata: entry.metadata }] as const];
        }),
      );
    },
  };
}

/** A pair as the bulk write of Cloudflare's API has it. */
type ApiPair = Omit<StoreEntry, "expirationTtl"> & { readonly expiration_ttl?: number };

function toEntry({ expiration_ttl: expirationTtl, ...pair }: ApiPair): StoreEntry {
  return { ...pair, ...(expirationTtl === undefined ? {} : { expirationTtl }) };
}

function keysAt(positions: readonly number[], keyAt: (at: number) => string | undefined): string[] {
  return positions.map(keyAt).filter((key) => key !== undefined);
}
