import { miniflareAssets } from "./assets.js";
import type { MiniflareWorker } from "./miniflare-worker.js";
import { METER, metered, rawBindings } from "./metering.js";
import { gateway, meter, operations, OPERATIONS, router, type RouterOptions, splitter } from "./own-workers.js";
import { PrivateNames } from "./private-names.js";
import { queueConsumers } from "./queue-consumers.js";
import { hasNamespaces } from "./request-log.js";
import { storageName } from "./storage-name.js";
import type { EngineConfig, EngineNote, EngineVersion, EngineWorker } from "./types.js";
import { type Note, workerBindings } from "./worker-bindings.js";
import { workerSource } from "./worker-source.js";

export interface Assembled {
  readonly workers: MiniflareWorker[];
  readonly notes: EngineNote[];
}

export interface AssembleInput {
  readonly config: EngineConfig;
  readonly router: RouterOptions;
  /** The newest date that workerd supports. */
  readonly newestDate: string;
  /** Whether the Workers' operations on namespaces are counted. */
  readonly hasMeter: boolean;
}

/** A configuration in Miniflare's form: the router first, because the first Worker gets unrouted requests. */
export function assemble(input: AssembleInput): Assembled {
  const { config, hasMeter } = input;
  const notes: EngineNote[] = [];
  const users = config.workers.flatMap((worker) => userWorkers(worker, input, notes));
  const { secret, requests } = input.router;
  const own = [
    router(config, input.router),
    gateway(config, secret, hasMeter),
    ...(hasMeter ? [meter(rawBindings(config.namespaces.map(({ id }) => storageName(id))))] : []),
  ];
  const counting = requests === undefined ? [] : [operations(requests, secret)];
  return { workers: [...own, ...users, ...counting], notes };
}

function userWorkers(worker: EngineWorker, input: AssembleInput, notes: EngineNote[]): MiniflareWorker[] {
  const note: Note = (code, message) => notes.push({ code, worker: worker.name, message });
  const [only, ...others] = worker.versions;
  if (only === undefined) return [];
  const queues = queueConsumers(worker, input.config, note);
  if (others.length === 0) return [{ ...userWorker(worker.name, only, input, note), ...queues }];
  const nameOf = (version: EngineVersion): string => `${worker.name}@${version.id}`;
  return [
    splitter(worker, nameOf),
    ...worker.versions.map((version) => ({
      ...userWorker(nameOf(version), version, input, note),
      ...(version === only ? queues : {}),
    })),
  ];
}

function userWorker(
  name: string,
  version: EngineVersion,
  { config, newestDate, hasMeter, router: { requests, secret } }: AssembleInput,
  note: Note,
): MiniflareWorker {
  const { compatibilityDate: wanted } = version;
  const meterName = new PrivateNames(secret).of(METER);
  const date = wanted !== undefined && wanted > newestDate ? newestDate : wanted;
  if (wanted !== undefined && date !== wanted) {
    const worker = name.split("@")[0] ?? name;
    note(
      "COMPATIBILITY_DATE_CLAMPED",
      `compatibility date ${wanted} is newer than the installed workerd: ${worker} runs with ${newestDate}`,
    );
  }
  return {
    name,
    ...workerSource(version),
    ...(date === undefined ? {} : { compatibilityDate: date }),
    compatibilityFlags: [...(version.compatibilityFlags ?? [])],
    ...workerBindings(version, config, note, hasMeter ? (name) => metered(meterName, name) : (name) => name),
    ...servedAssets(version, name, config, note),
    ...(requests !== undefined && hasNamespaces(version) ? { streamingTails: [OPERATIONS] } : {}),
  };
}

/** Miniflare has one store of assets for all Workers, so only those of one version are served. */
function servedAssets(
  version: EngineVersion,
  name: string,
  { workers }: EngineConfig,
  note: Note,
): Pick<MiniflareWorker, "assets"> {
  if (version.assets === undefined) return {};
  const first = workers.flatMap(({ versions }) => versions).find(({ assets }) => assets !== undefined);
  if (first === version) return { assets: miniflareAssets(version.assets, version) };
  note(
    "ASSETS_NOT_SERVED",
    `static assets of ${name} are not served: only one Worker's assets can be served at a time`,
  );
  return {};
}
