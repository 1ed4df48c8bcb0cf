import { randomBytes } from "node:crypto";
import type { MiniflareModule } from "./load-miniflare.js";

/**
 * The key under which a batch of rows is sent to the object that stores a namespace. No Worker can guess it, and it is
 * never stored.
 */
const BULK_KEY = `cfkv-bulk-${randomBytes(24).toString("hex")}`;

/**
 * Added to the module of Miniflare's namespace object: one transaction for many rows, whose values are files already.
 * A list comes first, because it creates the table and gives the object its name.
 */
const BULK_ROUTE = `
const fetchOne = KVNamespaceObject.prototype.fetch;
KVNamespaceObject.prototype.fetch = async function (request) {
  if (request.method !== "PUT" || new URL(request.url).pathname !== "/${BULK_KEY}") return fetchOne.call(this, request);
  await fetchOne.call(this, new Request("http://placeholder/?key_count_limit=1", { cf: request.cf }));
  const rows = await request.json();
  const find = this.db.stmt("SELECT blob_id FROM _mf_entries WHERE key = :key");
  const put = this.db.stmt(
    "INSERT OR REPLACE INTO _mf_entries (key, blob_id, expiration, metadata) VALUES (:key, :blob_id, :expiration, :metadata)"
  );
  const former = [];
  this.db.txn(() => {
    for (const [key, blob_id, expiration, metadata] of rows) {
      for (const row of find({ key })) former.push(row.blob_id);
      for (const _ of put({ key, blob_id, expiration, metadata }));
    }
  })();
  const lane = async () => {
    for (let id = former.pop(); id !== undefined; id = former.pop()) await this.blob.delete(id).catch(() => undefined);
  };
  void Promise.all(Array.from({ length: 16 }, lane));
  return new Response();
};
`;

/** The internals of Miniflare that this relies on. They are not public, so each is checked. */
interface NamespacePlugin {
  getServices?: (options: unknown) => Promise<unknown>;
}

interface ObjectService {
  readonly name: string;
  readonly worker?: { readonly modules?: { name: string; esModule?: string }[] };
}

const patched = new WeakMap<object, { readonly key: string; applied: boolean }>();

/**
 * Extends Miniflare's namespace objects to accept many rows at once.
 *
 * @returns a function that returns the key to send rows to, or undefined if Miniflare is not built as expected
 */
export function bulkKey(module: MiniflareModule): () => string | undefined {
  const { PLUGINS } = module as { readonly PLUGINS?: { readonly kv?: NamespacePlugin } };
  const plugin = PLUGINS?.kv;
  const getServices = plugin?.getServices;
  if (plugin === undefined || getServices === undefined) return () => undefined;
  const known = patched.get(plugin);
  if (known !== undefined) return () => (known.applied ? known.key : undefined);
  const patch = { key: BULK_KEY, applied: false };
  patched.set(plugin, patch);
  plugin.getServices = async (options) => {
    const services = await getServices.call(plugin, options);
    if (Array.isArray(services)) patch.applied = addRoute(services as ObjectService[]) || patch.applied;
    return services;
  };
  return () => (patch.applied ? patch.key : undefined);
}

function addRoute(services: readonly ObjectService[]): boolean {
  const object = services.find(({ name }) => name === "kv:ns")?.worker?.modules?.[0];
  const source = object?.esModule;
  if (object === undefined || source === undefined || !source.includes("KVNamespaceObject")) return false;
  object.esModule = source + BULK_ROUTE;
  return true;
}
