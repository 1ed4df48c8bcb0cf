import { createHash } from "node:crypto";
import type { Request as LocalRequest, Response as LocalResponse } from "miniflare";
import { NO_CODE, runtimeAssets, type RuntimeAssets } from "./assets.js";
import { GATEWAY_SOURCE } from "./workers/gateway.js";
import { GATEWAY, ROUTER, ROUTER_SOURCE, SPLITTER_SOURCE } from "./workers/router.js";
import { routeTable } from "./route-table.js";
import type { EngineBinding, EngineConfig, EngineModule, EngineNote, EngineVersion, EngineWorker } from "./types.js";

/** What the router can call in this process. */
export interface RouterServices {
  readonly control?: { readonly prefix: string; readonly service: ServiceFunction };
  readonly requests?: ServiceFunction;
}

export type ServiceFunction = (request: LocalRequest) => Promise<LocalResponse>;

/** A Worker as Miniflare takes it: the part of its options that is used here. */
export interface RuntimeWorker {
  readonly name: string;
  readonly modules?:
    true | readonly { readonly type: string; readonly path: string; readonly contents: string | Uint8Array }[];
  readonly modulesRoot?: string;
  readonly script?: string;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  readonly bindings?: Readonly<Record<string, unknown>>;
  readonly kvNamespaces?: Readonly<Record<string, string>>;
  readonly d1Databases?: Readonly<Record<string, string>>;
  readonly r2Buckets?: Readonly<Record<string, string>>;
  readonly serviceBindings?: Readonly<Record<string, ServiceTarget>>;
  readonly durableObjects?: Readonly<Record<string, DurableObject>>;
  readonly ratelimits?: Readonly<Record<string, RateLimit>>;
  readonly analyticsEngineDatasets?: Readonly<Record<string, { readonly dataset: string }>>;
  readonly assets?: RuntimeAssets;
  readonly unsafeDirectSockets?: readonly { readonly host: string; readonly port: number }[];
}

type ServiceTarget = string | { readonly name: string; readonly entrypoint: string } | ServiceFunction;
type DurableObject = { readonly className: string; readonly useSQLite: boolean; readonly scriptName?: string };
type RateLimit = { readonly simple: { readonly limit: number; readonly period: 10 | 60 } };

export interface Assembled {
  readonly workers: RuntimeWorker[];
  readonly notes: EngineNote[];
}

export interface AssembleInput {
  readonly config: EngineConfig;
  readonly services: RouterServices;
  readonly secret: string;
  /** The newest date the runtime knows. */
  readonly newestDate: string;
}

/** The date of the engine's own Workers; older than any runtime it may meet. */
const OWN_DATE = "2026-01-01";

/** What Miniflare is told for a configuration: the router first, because the first Worker gets what is not routed. */
export function assemble(input: AssembleInput): Assembled {
  const notes: EngineNote[] = [];
  const users = input.config.workers.flatMap((worker) => userWorkers(worker, input, notes));
  return { workers: [router(input), gateway(input), ...users], notes };
}

/** The name of a namespace or database in files and services: short, and safe in every file system. */
export function storageName(id: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 32);
  return `${readable}-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

function router({ config, services }: AssembleInput): RuntimeWorker {
  const bindings = config.workers.map(({ name }, at) => [name, `W${at}`] as const);
  const serviceBindings: Record<string, ServiceTarget> = Object.fromEntries(
    bindings.map(([name, binding]) => [binding, name]),
  );
  if (services.control !== undefined) serviceBindings.CONTROL = services.control.service;
  if (services.requests !== undefined) serviceBindings.REQUESTS = services.requests;
  const [only, ...others] = config.workers;
  return {
    ...ownWorker(ROUTER, ROUTER_SOURCE),
    serviceBindings,
    bindings: {
      TABLE: json(routeTable(config.workers)),
      WORKERS: json(Object.fromEntries(bindings.map(([name, binding]) => [name.toLowerCase(), binding]))),
      DEFAULT: config.defaultWorker ?? (others.length === 0 ? (only?.name ?? "") : ""),
      CONTROL_PREFIX: services.control?.prefix ?? "",
    },
  };
}

function gateway({ config, secret }: AssembleInput): RuntimeWorker {
  const names = config.namespaces.map(({ id }) => storageName(id));
  const databases = (config.databases ?? []).map(({ id }) => storageName(id));
  return {
    ...ownWorker(GATEWAY, GATEWAY_SOURCE),
    compatibilityFlags: ["nodejs_compat", "service_binding_extra_handlers"],
    kvNamespaces: Object.fromEntries(names.map((name) => [name, name])),
    d1Databases: Object.fromEntries(databases.map((name) => [`d1:${name}`, name])),
    // Calls to the entrypoint by default of a Worker with static assets go to those, which know no crons.
    serviceBindings: Object.fromEntries(
      config.workers.map(({ name, versions }) => [
        `worker:${name}`,
        versions.length === 1 && versions.some(needsEntry) ? { name, entrypoint: ENTRY } : name,
      ]),
    ),
    bindings: { SECRET: secret },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
}

function userWorkers(worker: EngineWorker, input: AssembleInput, notes: EngineNote[]): RuntimeWorker[] {
  const [only, ...others] = worker.versions;
  if (only === undefined) return [];
  if (others.length === 0) return [userWorker(worker.name, worker, only, input, notes)];
  const name = (version: EngineVersion) => `${worker.name}@${version.id}`;
  return [
    splitter(worker, name),
    ...worker.versions.map((version) => userWorker(name(version), worker, version, input, notes)),
  ];
}

function splitter(worker: EngineWorker, nameOf: (version: EngineVersion) => string): RuntimeWorker {
  const versions = worker.versions.map((version, at) => ({ version, binding: `V${at}` }));
  return {
    ...ownWorker(worker.name, SPLITTER_SOURCE),
    compatibilityFlags: ["service_binding_extra_handlers"],
    serviceBindings: Object.fromEntries(versions.map(({ version, binding }) => [binding, nameOf(version)])),
    bindings: {
      SPLIT: json({
        name: worker.name,
        versions: versions.map(({ version, binding }) => ({
          id: version.id,
          binding,
          percentage: version.percentage ?? 100,
        })),
      }),
    },
  };
}

function userWorker(
  name: string,
  worker: EngineWorker,
  version: EngineVersion,
  input: AssembleInput,
  notes: EngineNote[],
): RuntimeWorker {
  const note = (code: EngineNote["code"], message: string) => notes.push({ code, worker: worker.name, message });
  let date = version.compatibilityDate;
  if (date !== undefined && date > input.newestDate) {
    note(
      "COMPATIBILITY_DATE_CLAMPED",
      `compatibility date ${date} is newer than the installed runtime: ${worker.name} runs with ${input.newestDate}`,
    );
    date = input.newestDate;
  }
  return {
    name,
    ...source(version),
    ...(date ? { compatibilityDate: date } : {}),
    compatibilityFlags: [...(version.compatibilityFlags ?? [])],
    ...bindings(version, input.config, note),
    ...servedAssets(version, name, input.config, note),
  };
}

/** Miniflare has one store of assets for all Workers, so that those of one version can be served. */
function servedAssets(
  version: EngineVersion,
  name: string,
  { workers }: EngineConfig,
  note: (code: EngineNote["code"], message: string) => unknown,
): Pick<RuntimeWorker, "assets"> {
  if (version.assets === undefined) return {};
  const first = workers.flatMap(({ versions }) => versions).find(({ assets }) => assets !== undefined);
  if (first === version) return { assets: runtimeAssets(version.assets, version) };
  note("ASSETS_NOT_SERVED", `static assets of ${name} are not served: those of one Worker are, at a time`);
  return {};
}

function source(version: EngineVersion): Pick<RuntimeWorker, "modules" | "modulesRoot" | "script"> {
  const { code } = version;
  if (code === undefined) return { modules: true, script: NO_CODE };
  if ("serviceWorker" in code) return { script: code.serviceWorker };
  const modules = code.modules.map(({ name, content, type = "esm" }) => ({
    type: MODULE_TYPES[type],
    path: modulePath(name),
    contents: typeof content === "string" ? content : new Uint8Array(content),
  }));
  return { modulesRoot: "/", modules: needsEntry(version) ? [entryOf(code.modules), ...modules] : modules };
}

const modulePath = (name: string): string => `/${name.replace(/^\.?\//, "")}`;

/** The name a Worker's code can be called by past its static assets. */
const ENTRY = "cfkvEntry";

function needsEntry({ assets, code }: EngineVersion): boolean {
  return assets !== undefined && code !== undefined && "modules" in code;
}

function entryOf([main]: readonly EngineModule[]): { type: string; path: string; contents: string } {
  const from = JSON.stringify(modulePath(main?.name ?? ""));
  const contents = `export * from ${from};\nexport { default, default as ${ENTRY} } from ${from};\n`;
  return { type: MODULE_TYPES.esm, path: "/cfkv-entry.js", contents };
}

const MODULE_TYPES = {
  esm: "ESModule",
  commonjs: "CommonJS",
  text: "Text",
  data: "Data",
  wasm: "CompiledWasm",
  python: "PythonModule",
} as const satisfies Record<NonNullable<EngineModule["type"]>, string>;

function bindings(
  version: EngineVersion,
  config: EngineConfig,
  note: (code: EngineNote["code"], message: string) => unknown,
): Partial<RuntimeWorker> {
  const texts: Record<string, unknown> = {};
  const kvNamespaces: Record<string, string> = {};
  const d1Databases: Record<string, string> = {};
  const serviceBindings: Record<string, ServiceTarget> = {};
  const r2Buckets: Record<string, string> = {};
  const durableObjects: Record<string, DurableObject> = {};
  const ratelimits: Record<string, RateLimit> = {};
  const analyticsEngineDatasets: Record<string, { dataset: string }> = {};

  for (const binding of version.bindings ?? []) add(binding);
  return {
    bindings: texts,
    kvNamespaces,
    d1Databases,
    serviceBindings,
    r2Buckets,
    durableObjects,
    ratelimits,
    analyticsEngineDatasets,
  };

  function add(binding: EngineBinding): void {
    const { name } = binding;
    switch (binding.type) {
      case "kv_namespace":
        if (config.namespaces.some(({ id }) => id === binding.namespaceId)) {
          kvNamespaces[name] = storageName(binding.namespaceId);
        } else missing(name, "namespace");
        return;
      case "d1":
        d1Databases[name] = storageName(binding.databaseId);
        return;
      case "plain_text":
      case "secret_text":
        texts[name] = binding.text;
        return;
      case "json":
        texts[name] = json(binding.json);
        return;
      case "version_metadata":
        texts[name] = json({ id: version.id, tag: binding.tag ?? "", timestamp: binding.timestamp ?? "" });
        return;
      case "service":
        if (config.workers.some((worker) => worker.name === binding.service && worker.versions.length > 0)) {
          const { service, entrypoint } = binding;
          serviceBindings[name] = entrypoint === undefined ? service : { name: service, entrypoint };
        } else missing(name, `Worker '${binding.service}'`);
        return;
      case "ratelimit":
        ratelimits[name] = { simple: { limit: binding.limit, period: binding.period } };
        return;
      case "r2_bucket":
        r2Buckets[name] = binding.bucketName;
        return;
      case "durable_object_namespace":
        durableObjects[name] = {
          className: binding.className,
          useSQLite: true,
          ...(binding.scriptName === undefined ? {} : { scriptName: binding.scriptName }),
        };
        return;
      case "analytics_engine":
        analyticsEngineDatasets[name] = { dataset: binding.dataset };
        note("BINDING_NOT_EMULATED", `binding ${name} (analytics_engine) takes data points and keeps none`);
        return;
      case "assets":
        // Comes with the assets themselves.
        if (version.assets === undefined) missing(name, "folder of static assets");
        return;
      case "unsupported":
        note("BINDING_NOT_EMULATED", `binding ${name} (${binding.kind}) is not emulated and is left out`);
    }
  }

  function missing(name: string, what: string): void {
    note("BINDING_TARGET_MISSING", `binding ${name} is left out: its ${what} is not here`);
  }
}

function ownWorker(
  name: string,
  script: string,
): { name: string; modules: true; script: string; compatibilityDate: string } {
  return { name, modules: true, script, compatibilityDate: OWN_DATE };
}

/** What has come from JSON, or goes to it, is JSON. */
function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
