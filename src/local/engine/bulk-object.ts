import { randomBytes } from "node:crypto";
import { embedded } from "../embedded.js";
import type { MiniflareModule } from "./load-miniflare.js";

/**
 * The key under which a batch of rows is sent to the object that stores a namespace. No Worker can guess it, and it is
 * never stored.
 */
const BULK_KEY = `cfkv-bulk-${randomBytes(24).toString("hex")}`;

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
  // In a function, as the module may use the same names.
  const route = embedded("engine/workers/bulk-object.worker.ts");
  object.esModule = `${source}\n((CFKV_BULK_KEY) => {\n${route}\n})("${BULK_KEY}");\n`;
  return true;
}
