import type { MiniflareBindings } from "./miniflare-worker.js";
import { asJson } from "./own-workers.js";
import { storageName } from "./storage-name.js";
import type { EngineBinding, EngineConfig, EngineNote, EngineVersion } from "./types.js";

/** Receives notes about the Worker being translated. */
export type Note = (code: EngineNote["code"], message: string) => unknown;

/** Notes that the target of a binding is missing. */
type Missing = (binding: EngineBinding, what: string) => void;

/**
 * The bindings of a version in Miniflare's form. Those without a target here are left out, with a note.
 *
 * @param kvName - the name by which a namespace of that storage name is bound
 */
export function workerBindings(
  version: EngineVersion,
  config: EngineConfig,
  note: Note,
  kvName: (storageName: string) => string,
): Partial<MiniflareBindings> {
  const bindings = version.bindings ?? [];
  /** The bindings of one kind, by name, as `value` translates them; those without a value are left out. */
  const ofKind = <K extends EngineBinding["type"], V>(
    kinds: readonly K[],
    value: (binding: Extract<EngineBinding, { type: K }>) => V | undefined,
  ): Record<string, V> => {
    const found = bindings.filter((binding) => (kinds as readonly string[]).includes(binding.type));
    const pairs = found.map((binding) => [binding.name, value(binding as never)] as const);
    return Object.fromEntries(pairs.filter((pair): pair is [string, V] => pair[1] !== undefined));
  };
  const missing: Missing = ({ name }, what) => {
    note("BINDING_TARGET_MISSING", `binding ${name} is left out: its ${what} does not run here`);
  };

  for (const binding of bindings) noteDifferences(binding, version, note, missing);
  return {
    bindings: {
      ...ofKind(["plain_text", "secret_text"], ({ text }) => text),
      ...ofKind(["json"], ({ json }) => asJson(json)),
      ...ofKind(["version_metadata"], ({ tag = "", timestamp = "" }) => ({ id: version.id, tag, timestamp })),
    },
    kvNamespaces: ofKind(["kv_namespace"], (binding) => {
      const known = config.namespaces.some(({ id }) => id === binding.namespaceId);
      if (!known) missing(binding, "namespace");
      return known ? kvName(storageName(binding.namespaceId)) : undefined;
    }),
    d1Databases: ofKind(["d1"], ({ databaseId }) => storageName(databaseId)),
    serviceBindings: ofKind(["service"], (binding) => {
      const { service, entrypoint } = binding;
      const known = config.workers.some(({ name, versions }) => name === service && versions.length > 0);
      if (!known) missing(binding, `Worker '${service}'`);
      if (!known) return undefined;
      return entrypoint === undefined ? service : { name: service, entrypoint };
    }),
    r2Buckets: ofKind(["r2_bucket"], ({ bucketName }) => bucketName),
    durableObjects: ofKind(["durable_object_namespace"], ({ className, scriptName, storage }) => ({
      className,
      useSQLite: true,
      ...(storage === undefined ? {} : { unsafeUniqueKey: storage }),
      ...(scriptName === undefined ? {} : { scriptName }),
    })),
    ratelimits: ofKind(["ratelimit"], ({ limit, period }) => ({ simple: { limit, period } })),
    queueProducers: ofKind(["queue"], ({ queueName }) => ({ queueName })),
    analyticsEngineDatasets: ofKind(["analytics_engine"], ({ dataset }) => ({ dataset })),
  };
}

function noteDifferences(binding: EngineBinding, version: EngineVersion, note: Note, missing: Missing): void {
  const { name, type } = binding;
  if (type === "analytics_engine") {
    note("BINDING_NOT_EMULATED", `binding ${name} (analytics_engine) accepts data points and discards them`);
  }
  if (type === "unsupported") {
    note("BINDING_NOT_EMULATED", `binding ${name} (${binding.kind}) is not emulated and is left out`);
  }
  // The assets provide the binding itself.
  if (type === "assets" && version.assets === undefined) missing(binding, "folder of static assets");
}
