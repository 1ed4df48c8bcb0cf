import { existsSync } from "node:fs";
import {
  databaseLabel,
  migratedDatabases,
  namespaceLabel,
  readModule,
  type Assembly,
  type Binding,
  type MigratedDatabase,
  type Namespace,
  type Stack,
  type Worker,
  type WorkerVersion,
} from "../../assembly/index.js";
import { assetsHandling } from "../engine/assets.js";
import { bindingOf, moduleOf } from "../engine/from-cloudflare.js";
import type {
  EngineAssets,
  EngineBinding,
  EngineCode,
  EngineConfig,
  EngineVersion,
  EngineWorker,
} from "../engine/types.js";
import { frontWorker, runningVersions, withCalledWorkers } from "./running-workers.js";

/** What a stack needs to run here, and how it differs from Cloudflare. */
export interface DevConfig {
  readonly engine: EngineConfig;
  /** The stack's Workers, then those of other stacks that they call. */
  readonly workers: readonly Worker[];
  /** Every namespace, each once. */
  readonly namespaces: readonly Namespace[];
  /** The databases to which migrations are applied. */
  readonly migrated: readonly MigratedDatabase[];
  /** For people to read. */
  readonly notes: readonly string[];
}

/**
 * Translates a stack for the engine.
 *
 * @param vars - the content of `.dev.vars`: values of secrets, and values that replace vars
 * @param code - what to run instead of the assembly's modules
 * @throws InputError `ASSEMBLY_BROKEN` when code that the stack names is missing
 */
export function devConfig(
  assembly: Assembly,
  stack: Stack,
  vars: ReadonlyMap<string, string>,
  code: ReadonlyMap<WorkerVersion, EngineCode> = new Map(),
): DevConfig {
  const notes: string[] = [];
  const workers = withCalledWorkers(assembly, stack);
  const bindings = workers.flatMap((worker) => runningVersions(worker).flatMap((version) => version.bindings));
  const bound = bindings.flatMap((binding) => (binding.kind === "kv_namespace" ? binding.namespace : []));
  const namespaces = [...new Map([...stack.namespaces, ...bound].map((each) => [namespaceLabel(each), each])).values()];
  const databases = bindings.flatMap((binding) => (binding.kind === "d1" ? databaseLabel(binding.database) : []));

  for (const worker of workers) notes.push(...workerNotes(worker, vars));
  notes.push(...queueNotes(workers, bindings), ...stackNotes(stack, bindings, vars));
  const defaultWorker = frontWorker(stack.workers)?.name;
  return {
    engine: {
      namespaces: namespaces.map((namespace) => ({ id: namespaceLabel(namespace) })),
      databases: [...new Set(databases)].map((id) => ({ id })),
      workers: workers.map((worker) => engineWorker(worker, vars, code)),
      ...(defaultWorker === undefined ? {} : { defaultWorker }),
    },
    workers,
    namespaces,
    migrated: migratedDatabases(workers),
    notes,
  };
}

function engineWorker(
  worker: Worker,
  vars: ReadonlyMap<string, string>,
  code: ReadonlyMap<WorkerVersion, EngineCode>,
): EngineWorker {
  return {
    name: worker.name,
    versions: runningVersions(worker).map((version) => engineVersion(version, vars, code.get(version))),
    routes: worker.routes,
    queues: worker.queues,
    customDomains: worker.customDomains,
  };
}

function engineVersion(
  version: WorkerVersion,
  vars: ReadonlyMap<string, string>,
  code: EngineCode | undefined,
): EngineVersion {
  return {
    id: version.logicalId,
    percentage: version.percentage || 100,
    ...(code === undefined && version.modules.length === 0 ? {} : { code: code ?? engineCode(version) }),
    ...engineAssets(version),
    ...(version.compatibilityDate === undefined ? {} : { compatibilityDate: version.compatibilityDate }),
    compatibilityFlags: version.compatibilityFlags,
    bindings: version.bindings.flatMap((binding) => engineBinding(binding, vars)),
  };
}

/** Static assets, if the stack names an existing folder. */
function engineAssets({ assetsDirectory: directory, assetsConfig = {} }: WorkerVersion): {
  readonly assets?: EngineAssets;
} {
  if (directory === undefined || !existsSync(directory)) return {};
  return { assets: { directory, ...assetsHandling(assetsConfig) } };
}

function engineCode({ mainModule, modules }: WorkerVersion): EngineCode {
  const [script] = modules;
  if (mainModule === undefined && script !== undefined) {
    return { serviceWorker: Buffer.from(readModule(script)).toString() };
  }
  const entry = modules.filter(({ name }) => name === mainModule);
  const others = modules.filter(({ name }) => name !== mainModule);
  return {
    modules: [...entry, ...others].map((module) => moduleOf(module.name, module.contentType, readModule(module))),
  };
}

function engineBinding(binding: Binding, vars: ReadonlyMap<string, string>): EngineBinding[] {
  const { name, kind } = binding;
  const own = vars.get(name);
  switch (kind) {
    case "kv_namespace":
      return [{ type: kind, name, namespaceId: namespaceLabel(binding.namespace) }];
    case "plain_text":
      return [{ type: kind, name, text: own ?? binding.text }];
    case "json":
      return [own === undefined ? { type: kind, name, json: binding.json } : { type: "plain_text", name, text: own }];
    case "secret_text": {
      const text = secretValue(binding, vars);
      return text === undefined ? [] : [{ type: kind, name, text }];
    }
    case "d1":
      return [{ type: kind, name, databaseId: databaseLabel(binding.database) }];
    case "service":
      return [
        {
          type: kind,
          name,
          service: binding.worker,
          ...(binding.entrypoint === undefined ? {} : { entrypoint: binding.entrypoint }),
        },
      ];
    case "other":
      return [bindingOf(name, binding.type, binding.attributes)];
  }
}

function secretValue(
  { name, variable, text }: Extract<Binding, { kind: "secret_text" }>,
  vars: ReadonlyMap<string, string>,
): string | undefined {
  return vars.get(name) ?? (variable === undefined ? undefined : vars.get(variable)) ?? text;
}

function workerNotes(worker: Worker, vars: ReadonlyMap<string, string>): string[] {
  const running = runningVersions(worker);
  const secrets = running.flatMap(({ bindings }) =>
    bindings.flatMap((binding) => (binding.kind === "secret_text" ? binding : [])),
  );
  const missing = new Set(secrets.filter((each) => secretValue(each, vars) === undefined).map(({ name }) => name));
  return [
    ...(worker.versions.length === 0 ? [`Worker ${worker.name} has no code in this stack and does not run`] : []),
    ...(running.length > 0 && running.every(({ percentage }) => percentage === 0)
      ? [`Worker ${worker.name}: no deployment gives traffic to a version, so '${running[0]?.logicalId ?? ""}' gets it`]
      : []),
    ...[...missing].map((name) => `secret ${name} of Worker ${worker.name} has no value: add ${name}=… to .dev.vars`),
  ];
}

/** Queues without a consumer. */
function queueNotes(workers: readonly Worker[], bindings: readonly Binding[]): string[] {
  const consumed = new Set(workers.flatMap(({ queues }) => queues.map(({ queue }) => queue)));
  const dead = workers.flatMap(({ queues }) => queues.flatMap(({ deadLetterQueue }) => deadLetterQueue ?? []));
  const fed = bindings.flatMap((each) => {
    const queue = each.kind === "other" && each.type === "queue" ? each.attributes["queue_name"] : undefined;
    return typeof queue === "string" ? queue : [];
  });
  const lost = [...new Set([...fed, ...dead])].filter((queue) => !consumed.has(queue));
  return lost.map((queue) => `no Worker gets the messages of queue ${queue} here: they are dropped`);
}

function stackNotes(stack: Stack, bindings: readonly Binding[], vars: ReadonlyMap<string, string>): string[] {
  const taken = new Set(
    bindings.flatMap((each) => [each.name, ...(each.kind === "secret_text" ? [each.variable] : [])]),
  );
  const unused = [...vars.keys()].filter((name) => !taken.has(name));
  const others = stack.otherResources.filter((address) => address.startsWith("cloudflare_"));
  return [
    ...unused.map((name) => `.dev.vars names ${name}, but no Worker of stack ${stack.name} binds it`),
    ...stack.unresolved.map(
      ({ path, expression }) => `${path} is known only after apply, and appears as '\${${expression}}' here`,
    ),
    ...others.map((address) => `${address} has no counterpart on this machine`),
  ];
}
