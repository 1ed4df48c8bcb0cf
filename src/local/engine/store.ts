import { ServiceError } from "../../errors.js";
import type { StoreEntry } from "./store-entry.js";

export interface StoreKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export interface StorePage {
  readonly keys: readonly StoreKey[];
  /** The cursor of the next page; absent on the last one. */
  readonly cursor?: string;
}

export interface StoredValue {
  readonly body: Uint8Array;
  /** As stored; `null` when there is none. */
  readonly metadata: unknown;
}

export type StorePutOptions = Pick<StoreEntry, "metadata" | "expiration" | "expirationTtl">;

/** Sends one request about a namespace to the gateway inside workerd. */
export type StoreCall = (
  action: string,
  query: Record<string, string>,
  body?: Uint8Array | string,
) => Promise<Response>;

/** Fast access to one namespace from outside workerd, in single entries and in batches. */
export class EngineStore {
  readonly #call: StoreCall;

  constructor(call: StoreCall) {
    this.#call = call;
  }

  async get(key: string): Promise<StoredValue | undefined> {
    const response = await this.#call("get", { key });
    if (response.status === 404) return undefined;
    await expectOk(response);
    const metadata = response.headers.get("cfkv-metadata");
    return {
      body: new Uint8Array(await response.arrayBuffer()),
      metadata: metadata === null ? null : (JSON.parse(decodeURIComponent(metadata)) as unknown),
    };
  }

  /** The entry's metadata without its value; undefined when there is no such key. */
  async metadata(key: string): Promise<{ readonly metadata: unknown } | undefined> {
    const response = await this.#call("metadata", { key });
    if (response.status === 404) return undefined;
    await expectOk(response);
    return { metadata: await response.json() };
  }

  async put(key: string, value: Uint8Array | string, options: StorePutOptions = {}): Promise<void> {
    const query: Record<string, string> = { key };
    if (options.expiration !== undefined) query.expiration = String(options.expiration);
    if (options.expirationTtl !== undefined) query.expirationTtl = String(options.expirationTtl);
    if (options.metadata !== undefined) query.metadata = JSON.stringify(options.metadata);
    await expectOk(await this.#call("put", query, value));
  }

  async delete(key: string): Promise<void> {
    await expectOk(await this.#call("delete", { key }));
  }

  /** One page in the order of the keys' UTF-8 bytes. `limit` is 1 to 1000. */
  async list(options: { prefix?: string; cursor?: string; limit?: number } = {}): Promise<StorePage> {
    const { prefix = "", cursor = "", limit = 1000 } = options;
    const response = await this.#call("list", { prefix, cursor, limit: String(limit) });
    await expectOk(response);
    return (await response.json()) as StorePage;
  }

  /** Writes all entries, several at a time. @returns the indexes of those that could not be written. */
  async putAll(entries: readonly StoreEntry[]): Promise<number[]> {
    return this.#batch("putAll", entries);
  }

  /** Deletes all keys. @returns the indexes of those that could not be deleted. */
  async deleteAll(keys: readonly string[]): Promise<number[]> {
    return this.#batch("deleteAll", keys);
  }

  /** The values as text, in the order of the keys; `null` for a missing key. */
  async getAll(keys: readonly string[]): Promise<({ value: string; metadata: unknown } | null)[]> {
    const response = await this.#call("getAll", {}, JSON.stringify(keys));
    await expectOk(response);
    return (await response.json()) as ({ value: string; metadata: unknown } | null)[];
  }

  async #batch(action: string, items: readonly unknown[]): Promise<number[]> {
    const response = await this.#call(action, {}, JSON.stringify(items));
    await expectOk(response);
    return (await response.json()) as number[];
  }
}

async function expectOk(response: Response): Promise<void> {
  if (response.ok) return;
  const reason = (await response.text()) || `status ${response.status}`;
  throw new ServiceError("LOCAL_KV_REFUSED", `local KV refused the operation: ${reason}`);
}
