import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { namespaceLabel, type Namespace } from "../../assembly/index.js";
import { addToSeedRecord, NO_SEEDS, readSeedRecord, type SeedRecord } from "./seed-record.js";
import type { EngineStore } from "../engine/store.js";
import type { StoreEntry } from "../engine/store-entry.js";

/**
 * Reads and checks the entries of seed files. The caller provides it, because this layer does not know their formats.
 */
export type ReadSeeds = (
  files: readonly string[],
  options?: { readonly skipExpired?: boolean },
) => AsyncIterable<StoreEntry>;

export interface SeederOptions {
  /** The folder that records loaded seeds; without it the data is new each time, and the record is kept in memory. */
  readonly folder?: string;
  /** Loads the seeds again even if an earlier run loaded them. */
  readonly again: boolean;
  readonly readSeeds: ReadSeeds;
}

/** What happened to one namespace that has seeds or entries. */
export interface Seeded {
  readonly namespace: string;
  /** Entries of seed files that were written. */
  readonly seeds: number;
  /** Terraform-managed entries that were written. */
  readonly managed: number;
  /** Whether seed files differ from those loaded earlier, which stay as they are. */
  readonly changed: boolean;
}

/** Entries in one request to workerd. */
const BATCH = 1000;

/** Loads entries into the namespaces of a dev server, as often as each of them needs. */
export class Seeder {
  /** What this process loaded. */
  #loaded = NO_SEEDS;
  /** Changed seeds that were reported already, so that they are not reported at every reload. */
  readonly #reported = new Set<string>();

  constructor(private readonly options: SeederOptions) {}

  /**
   * Writes Terraform-managed entries wherever they changed, as an apply does, and loads the entries of seed files once.
   * Seeds without an expiration get the namespace's TTL. Namespaces with nothing to report are left out.
   */
  async seed(namespaces: readonly Namespace[], store: (id: string) => EngineStore): Promise<Seeded[]> {
    const results: Seeded[] = [];
    for (const namespace of namespaces) {
      const id = namespaceLabel(namespace);
      const result = await this.#seedOne(id, namespace, store);
      if (result.managed > 0 || result.seeds > 0 || result.changed) results.push(result);
    }
    return results;
  }

  async #seedOne(id: string, namespace: Namespace, store: (id: string) => EngineStore): Promise<Seeded> {
    const { entries, seedFiles } = namespace;
    const record = await this.#record();
    const managedDigest = digest([JSON.stringify(entries)]);
    const seedDigest = await digestOf(seedFiles);
    const putManaged = entries.length > 0 && record.managed[id] !== managedDigest;
    const putSeeds = seedFiles.length > 0 && record.seeds[id] === undefined;

    const managed = putManaged ? await putAll(store(id), entries) : 0;
    const seeds = putSeeds ? await putAll(store(id), withTtl(this.options.readSeeds(seedFiles), namespace)) : 0;
    if (putManaged || putSeeds) {
      // After each namespace, so that an interruption repeats only one of them.
      await this.#add({
        ...(putManaged && { managed: { [id]: managedDigest } }),
        ...(putSeeds && { seeds: { [id]: seedDigest } }),
      });
    }
    const differs = seedFiles.length > 0 && !putSeeds && record.seeds[id] !== seedDigest;
    const changed = differs && !this.#reported.has(seedDigest);
    if (changed) this.#reported.add(seedDigest);
    return { namespace: id, seeds, managed, changed };
  }

  /** Read each time: `cfkv seed --local` adds to it while this process runs. */
  async #record(): Promise<SeedRecord> {
    const { folder, again } = this.options;
    if (folder === undefined) return this.#loaded;
    const { seeds, managed } = await readSeedRecord(folder);
    if (!again) return { seeds, managed };
    const loaded = Object.entries(seeds).filter(([id]) => this.#loaded.seeds[id] !== undefined);
    return { seeds: Object.fromEntries(loaded), managed };
  }

  async #add({ seeds, managed }: Partial<SeedRecord>): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = { seeds: { ...loaded.seeds, ...seeds }, managed: { ...loaded.managed, ...managed } };
    const { folder } = this.options;
    if (folder !== undefined) await addToSeedRecord(folder, { ...(seeds && { seeds }), ...(managed && { managed }) });
  }
}

/**
 * Records that another process loaded the seeds of a namespace, so that a start does not overwrite later changes with
 * them.
 */
export async function recordSeeds(folder: string, namespace: Namespace): Promise<void> {
  await addToSeedRecord(folder, { seeds: { [namespaceLabel(namespace)]: await digestOf(namespace.seedFiles) } });
}

async function digestOf(files: readonly string[]): Promise<string> {
  return digest(await Promise.all(files.map((file) => readFile(file))));
}

async function* withTtl(entries: AsyncIterable<StoreEntry>, { ttlSeconds }: Namespace): AsyncIterable<StoreEntry> {
  for await (const entry of entries) {
    const expires = entry.expiration !== undefined || entry.expirationTtl !== undefined;
    yield expires || ttlSeconds === 0 ? entry : { ...entry, expirationTtl: ttlSeconds };
  }
}

/** Writes entries in batches. @returns how many there were */
export async function putAll(
  store: EngineStore,
  entries: AsyncIterable<StoreEntry> | Iterable<StoreEntry>,
): Promise<number> {
  let batch: StoreEntry[] = [];
  let count = 0;
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    count += await putBatch(store, batch);
    batch = [];
  }
  return batch.length === 0 ? count : count + (await putBatch(store, batch));
}

async function putBatch(store: EngineStore, batch: readonly StoreEntry[]): Promise<number> {
  const failed = await store.putAll(batch);
  // Entries that failed in a batch are retried one by one, which returns the reason.
  for (const at of failed) {
    const entry = batch[at];
    if (entry === undefined) continue;
    const value = entry.base64 === true ? Buffer.from(entry.value, "base64") : entry.value;
    await store.put(entry.key, value, entry);
  }
  return batch.length;
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex");
}
