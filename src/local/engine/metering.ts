import type { MiniflareModule } from "./load-miniflare.js";

/** The name of the Worker that counts; a user's Worker cannot have it, because of the colon. */
export const METER = "cfkv:meter";

/** Stands before the meter and the namespace of a binding whose operations are counted. */
const METERED = "cfkv-metered:";

/** Stands before the names of the meter's own bindings. */
const RAW = "cfkv:raw:";

/** The internals of Miniflare that this relies on. They are not public, so each is checked. */
interface NamespacePlugin {
  getBindings?: (options: KvOptions, ...rest: unknown[]) => Promise<unknown>;
  getServices?: (input: { readonly options: KvOptions }) => Promise<unknown>;
}

interface KvOptions {
  readonly kvNamespaces?: unknown;
}

interface KvBinding {
  readonly name: string;
  readonly kvNamespace?: { readonly name: string };
}

/** Lets a Worker's KV bindings lead through the meter. */
export interface Metering {
  /** Whether Miniflare has the functions to extend. */
  readonly isPossible: boolean;
  /** Whether Miniflare has used them: without, a binding would lead to another namespace. */
  readonly isApplied: () => boolean;
}

const extended = new WeakMap<object, { applied: boolean }>();

/** Extends Miniflare's KV bindings: those named by {@link metered} go to the meter, all others are unchanged. */
export function metering(module: MiniflareModule): Metering {
  const plugin = (module as { readonly PLUGINS?: { readonly kv?: NamespacePlugin } }).PLUGINS?.kv;
  const { getBindings, getServices } = plugin ?? {};
  if (plugin === undefined || getBindings === undefined || getServices === undefined) {
    return { isPossible: false, isApplied: () => false };
  }
  const known = extended.get(plugin);
  const state = known ?? { applied: false };
  if (known === undefined) {
    extended.set(plugin, state);
    plugin.getBindings = async (options, ...rest) => {
      const bindings = await getBindings.call(plugin, unmetered(options), ...rest);
      if (!Array.isArray(bindings)) return bindings;
      const ids = idsOf(options);
      if (Object.values(ids).some(isMetered)) state.applied = true;
      return (bindings as KvBinding[]).map((binding) => redirected(binding, ids[binding.name]));
    };
    plugin.getServices = async (input) => getServices.call(plugin, { ...input, options: unmetered(input.options) });
  }
  return { isPossible: true, isApplied: () => state.applied };
}

/**
 * The name by which a Worker binds a namespace through the meter.
 *
 * @param meter - the meter's name inside the runtime
 */
export function metered(meter: string, storageName: string): string {
  return `${METERED}${meter}/${storageName}`;
}

/** The opposite of {@link metered}. */
function partsOf(id: string): { readonly meter: string; readonly namespace: string } {
  const slash = id.indexOf("/");
  return { meter: id.slice(METERED.length, slash), namespace: id.slice(slash + 1) };
}

/** The meter's own bindings. */
export function rawBindings(storageNames: readonly string[]): Record<string, string> {
  return Object.fromEntries(storageNames.map((name) => [RAW + name, name]));
}

function redirected(binding: KvBinding, id: unknown): unknown {
  if (isMetered(id)) {
    const { meter, namespace } = partsOf(id);
    const props = { json: JSON.stringify({ namespace }) };
    return { name: binding.name, kvNamespace: { name: `core:user:${meter}`, props } };
  }
  if (binding.name.startsWith(RAW)) return { name: binding.name, service: binding.kvNamespace };
  return binding;
}

function unmetered(options: KvOptions): KvOptions {
  const ids = idsOf(options);
  if (!Object.values(ids).some(isMetered)) return options;
  const kvNamespaces = Object.entries(ids).map(([name, id]) => [name, isMetered(id) ? partsOf(id).namespace : id]);
  return { ...options, kvNamespaces: Object.fromEntries(kvNamespaces) as unknown };
}

function idsOf({ kvNamespaces }: KvOptions): Readonly<Record<string, unknown>> {
  const isMap = typeof kvNamespaces === "object" && kvNamespaces !== null && !Array.isArray(kvNamespaces);
  return isMap ? (kvNamespaces as Readonly<Record<string, unknown>>) : {};
}

function isMetered(id: unknown): id is string {
  return typeof id === "string" && id.startsWith(METERED);
}
