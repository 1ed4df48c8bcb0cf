import { join } from "node:path";
import { bulkKey } from "./bulk-object.js";
import { BINDING_MAX, isFar, wantsBulk, writeBulk } from "./bulk-writes.js";
import type { MiniflareModule } from "./load-miniflare.js";
import type { StoreCall } from "./store.js";
import type { StoreEntry } from "./store-entry.js";

/**
 * Writes what the binding is too slow for or cannot store: many entries, and expirations after 2038. It relies on how
 * Miniflare stores values. If that has changed, the first write detects it, and everything goes through the binding.
 */
export class BulkRoad {
  readonly #key: () => string | undefined;
  readonly #kvFolder: string;
  #checked = false;
  #broken = false;

  constructor(module: MiniflareModule, folder: string) {
    this.#key = bulkKey(module);
    this.#kvFolder = join(folder, "kv");
  }

  /**
   * Answers a call to a namespace.
   *
   * @param name - the name of the namespace's files
   * @param call - sends a call to the gateway
   */
  async call(name: string, call: StoreCall, ...[action, query, body]: Parameters<StoreCall>): Promise<Response> {
    const entries = entriesOf(action, query, body);
    if (entries === undefined) return call(action, query, body);
    const key = this.#broken ? undefined : this.#key();
    if (key !== undefined && wantsBulk(entries) && (await this.#written(name, key, entries, call))) {
      return action === "put" ? new Response(null, { status: 204 }) : Response.json([]);
    }
    if (!entries.some((entry) => isFar(entry))) return call(action, query, body);
    const near = entries.map(nearest);
    if (action === "putAll") return call(action, query, JSON.stringify(near));
    const { expirationTtl: _ttl, ...others } = query;
    return call(action, { ...others, expiration: String(BINDING_MAX) }, body);
  }

  /** @returns false when Miniflare did not store the entries, or refused them */
  async #written(name: string, key: string, entries: readonly StoreEntry[], call: StoreCall): Promise<boolean> {
    const insert = async (rows: string): Promise<void> => {
      const response = await call("put", { key }, rows);
      if (!response.ok) throw new Error(await response.text());
    };
    try {
      for (const part of parts(entries)) await writeBulk(join(this.#kvFolder, name, "blobs"), part, insert);
    } catch {
      // The binding returns the reason, or succeeds.
      return false;
    }
    if (this.#checked) return true;
    const last = entries.at(-1);
    this.#broken = last !== undefined && !(await isStored(last, call));
    this.#checked = true;
    return !this.#broken;
  }
}

/** The entries of a call; undefined when it writes none, or is not for this path. */
function entriesOf(
  action: string,
  { key = "", expiration, expirationTtl, metadata }: Record<string, string>,
  body: Uint8Array | string = "",
): StoreEntry[] | undefined {
  if (action === "putAll") return JSON.parse(Buffer.from(body).toString()) as StoreEntry[];
  if (action !== "put" || (expiration === undefined && expirationTtl === undefined)) return undefined;
  return [
    {
      key,
      value: Buffer.from(body).toString("base64"),
      base64: true,
      ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
      ...(expiration === undefined ? {} : { expiration: Number(expiration) }),
      ...(expirationTtl === undefined ? {} : { expirationTtl: Number(expirationTtl) }),
    },
  ];
}

/** The most characters of rows that are sent at once: the object accepts 25 MiB. */
const PART = { entries: 10_000, characters: 50_000_000 };

function* parts(entries: readonly StoreEntry[]): Generator<StoreEntry[]> {
  let part: StoreEntry[] = [];
  let characters = 0;
  for (const entry of entries) {
    if (part.length >= PART.entries || (part.length > 0 && characters + entry.value.length > PART.characters)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(entry);
    characters += entry.value.length;
  }
  if (part.length > 0) yield part;
}

async function isStored({ key, value, base64 }: StoreEntry, call: StoreCall): Promise<boolean> {
  const response = await call("get", { key });
  if (!response.ok) return false;
  return Buffer.from(await response.arrayBuffer()).equals(Buffer.from(value, base64 === true ? "base64" : "utf8"));
}

/** The same entry with the latest expiration that the binding supports. */
function nearest(entry: StoreEntry): StoreEntry {
  if (!isFar(entry)) return entry;
  const { expirationTtl: _ttl, ...rest } = entry;
  return { ...rest, expiration: BINDING_MAX };
}
