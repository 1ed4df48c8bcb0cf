/**
 * Added to the module of Miniflare's namespace object: stores many rows, whose values are files already, in one
 * transaction. What the module and the code that adds this define is declared here.
 */
import type { StoreRow } from "../store-entry.js";

/** What this uses of Miniflare's object for a namespace. */
interface NamespaceObject {
  readonly db: {
    /** A prepared statement; it runs when its rows are read. */
    stmt(sql: string): (parameters: Readonly<Record<string, unknown>>) => Iterable<Readonly<Record<string, unknown>>>;
    txn(run: () => void): () => void;
  };
  readonly blob: { delete(id: string): Promise<void> };
  fetch(request: Request): Promise<Response>;
}

declare const KVNamespaceObject: { readonly prototype: NamespaceObject };
declare const CFKV_BULK_KEY: string;

/** Files that are deleted at the same time. */
const LANES = 16;

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
const fetchOne = KVNamespaceObject.prototype.fetch;
KVNamespaceObject.prototype.fetch = async function (request) {
  if (request.method !== "PUT" || new URL(request.url).pathname !== `/${CFKV_BULK_KEY}`) {
    return fetchOne.call(this, request);
  }
  // A list creates the table and gives the object its name.
  await fetchOne.call(this, new Request("http://placeholder/?key_count_limit=1", { cf: request.cf ?? {} }));
  const former = replaceAll(this, await request.json<StoreRow[]>());
  void deleteFiles(this, former);
  return new Response();
};

/** Stores the rows in one transaction, and returns the files of the values they replace. */
function replaceAll({ db }: NamespaceObject, rows: readonly StoreRow[]): string[] {
  const find = db.stmt("SELECT blob_id FROM _mf_entries WHERE key = :key");
  const put = db.stmt(
    "INSERT OR REPLACE INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (:key, :blob_id, :expiration, :metadata)",
  );
  const former: string[] = [];
  db.txn(() => {
    for (const [key, blobId, expiration, metadata] of rows) {
      for (const row of find({ key })) former.push(String(row["blob_id"]));
      Array.from(put({ key, blob_id: blobId, expiration, metadata }));
    }
  })();
  return former;
}

async function deleteFiles({ blob }: NamespaceObject, ids: string[]): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await blob.delete(id).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
