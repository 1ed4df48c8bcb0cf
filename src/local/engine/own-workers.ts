import { embedded } from "../embedded.js";
import type { EngineConfig, EngineVersion, EngineWorker } from "./types.js";
import type { MiniflareWorker, ServiceFunction, ServiceTarget } from "./miniflare-worker.js";
import { METER } from "./metering.js";
import { routeTable } from "./route-table.js";
import { storageName } from "./storage-name.js";
import { ENTRY, needsEntry } from "./worker-source.js";

/** Names of the engine's own Workers; a user's Worker cannot have them, because of the colon. */
const ROUTER = "cfkv:router";
export const GATEWAY = "cfkv:gateway";
/** The Worker that counts the KV operations of others. */
export const OPERATIONS = "cfkv:operations";

/** The compatibility date of the engine's own Workers; older than any supported workerd. */
const OWN_DATE = "2026-01-01";

export interface RouterOptions {
  /**
   * Proves to this process that a request comes from the router, and to the gateway that it comes from this process.
   */
  readonly secret: string;
  /** Host names beside `localhost`. */
  readonly hosts: readonly string[];
  /** Receives what the router and the counter of operations report. */
  readonly requests?: ServiceFunction;
}

/** The Worker that gets every request first. */
export function router(config: EngineConfig, { secret, hosts, requests }: RouterOptions): MiniflareWorker {
  const bindings = config.workers.map(({ name }, at) => [name, `W${at}`] as const);
  const serviceBindings: Record<string, ServiceTarget> = Object.fromEntries(
    bindings.map(([name, binding]) => [binding, name]),
  );
  if (requests !== undefined) serviceBindings["REQUESTS"] = requests;
  const [only, ...others] = config.workers;
  return {
    ...ownWorker(ROUTER, "router"),
    serviceBindings,
    bindings: {
      TABLE: asJson(routeTable(config.workers)),
      WORKERS: asJson(Object.fromEntries(bindings.map(([name, binding]) => [name.toLowerCase(), binding]))),
      DEFAULT: config.defaultWorker ?? (others.length === 0 ? (only?.name ?? "") : ""),
      HOSTS: asJson(hosts),
      SECRET: secret,
    },
  };
}

/** The Worker through which this process reads and writes namespaces. */
export function gateway(config: EngineConfig, secret: string, hasMeter: boolean): MiniflareWorker {
  const names = config.namespaces.map(({ id }) => storageName(id));
  const databases = (config.databases ?? []).map(({ id }) => storageName(id));
  return {
    ...ownWorker(GATEWAY, "gateway"),
    compatibilityFlags: ["nodejs_compat", "service_binding_extra_handlers"],
    kvNamespaces: Object.fromEntries(names.map((name) => [name, name])),
    d1Databases: Object.fromEntries(databases.map((name) => [`d1:${name}`, name])),
    // Calls to the default entrypoint of a Worker with static assets go to the assets, which have no crons.
    serviceBindings: {
      ...(hasMeter ? { METER } : {}),
      ...Object.fromEntries(
        config.workers.map(({ name, versions }) => [
          `worker:${name}`,
          versions.length === 1 && versions.some(needsEntry) ? { name, entrypoint: ENTRY } : name,
        ]),
      ),
    },
    bindings: { SECRET: secret },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
}

/** The Worker that counts the KV operations of requests. */
export function operations(requests: ServiceFunction, secret: string): MiniflareWorker {
  return {
    ...ownWorker(OPERATIONS, "operations"),
    serviceBindings: { REQUESTS: requests },
    bindings: { SECRET: secret },
  };
}

/** Replaces a Worker with several versions, and splits its requests between them. */
export function splitter(worker: EngineWorker, nameOf: (version: EngineVersion) => string): MiniflareWorker {
  const versions = worker.versions.map((version, at) => ({ version, binding: `V${at}` }));
  return {
    ...ownWorker(worker.name, "splitter"),
    compatibilityFlags: ["service_binding_extra_handlers"],
    serviceBindings: Object.fromEntries(versions.map(({ version, binding }) => [binding, nameOf(version)])),
    bindings: {
      SPLIT: asJson({
        name: worker.name,
        versions: versions.map(({ version: { id, percentage = 100 }, binding }) => ({ id, binding, percentage })),
      }),
    },
  };
}

/** The Worker that counts what the others do with namespaces. */
export function meter(bindings: Readonly<Record<string, string>>): MiniflareWorker {
  return { ...ownWorker(METER, "meter"), kvNamespaces: bindings };
}

function ownWorker(name: string, file: "router" | "gateway" | "operations" | "splitter" | "meter"): MiniflareWorker {
  const script = embedded(`engine/workers/${file}.worker.ts`);
  return { name, modules: true, script, compatibilityDate: OWN_DATE };
}

/** Values that come from JSON or become JSON. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
