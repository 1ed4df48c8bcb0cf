import { resolve } from "node:path";
import type { Migration, QueueConsumer, Worker } from "../assembly/index.js";
import { isObject, type JsonObject } from "../values/json.js";
import { exportBindings } from "./export-bindings.js";
import { type ExportFolders, pathFrom } from "./paths.js";
import type { ResourceIds } from "./resource-ids.js";
import type { Member } from "./worker-family.js";

/** One environment of wrangler's configuration, and what it cannot say. */
export interface ExportedWorker {
  readonly config: JsonObject;
  readonly notes: readonly string[];
}

/** A Worker of the assembly as wrangler's configuration has it. Every field is in the order of wrangler's documentation. */
export async function exportWorker(member: Member, ids: ResourceIds, folders: ExportFolders): Promise<ExportedWorker> {
  const notes: string[] = [];
  const { worker, version } = member;
  const bindings = await exportBindings(member, ids, folders, notes);
  const config: JsonObject = {
    name: worker.name,
    ...(worker.accountId !== undefined && { account_id: worker.accountId }),
    ...code(member, folders, notes),
    ...(version.compatibilityDate !== undefined && { compatibility_date: version.compatibilityDate }),
    compatibility_flags: [...version.compatibilityFlags],
    workers_dev: worker.workersDev,
    // Preview URLs are on in a gradual rollout with workers.dev, and off elsewhere: see the constructs.
    preview_urls: worker.form === "versions" && worker.workersDev,
    ...addresses(worker),
    ...settings(worker),
    ...assets(member, folders, notes),
    ...bindings,
    ...queues(worker, bindings),
  };
  return { config, notes };
}

function code({ worker, version }: Member, { project, target }: ExportFolders, notes: string[]): JsonObject {
  const { source, sourceFile, mainModule, modules } = version;
  if (source !== undefined) {
    return {
      main: pathFrom(target, resolve(project, source.entry)),
      ...(source.minify && { minify: true }),
      ...(source.sourceMap && { upload_source_maps: true }),
      ...(Object.keys(source.define).length > 0 && { define: source.define }),
    };
  }
  if (sourceFile !== undefined) return { main: pathFrom(target, resolve(project, sourceFile)), no_bundle: true };
  if (worker.deployedBy === "wrangler") {
    notes.push("the entry is not known: name it with WorkerCode.byWrangler, or to wrangler deploy");
    return {};
  }
  const file = modules.find(({ name }) => name === mainModule)?.file ?? modules[0]?.file;
  if (file === undefined) {
    notes.push("the code is in the stack, and wrangler needs it as a file: 'main' is left out");
    return {};
  }
  notes.push("the code is taken from the assembly: export again after each synthesis");
  return { main: pathFrom(target, file), no_bundle: true };
}

/** Where wrangler deploys the script, Terraform keeps its routes, domains and schedules: wrangler leaves alone what it does not know. */
function addresses(worker: Worker): JsonObject {
  if (worker.deployedBy === "wrangler") return {};
  return { routes: routes(worker), ...(worker.hasCrons && { triggers: { crons: [...worker.crons] } }) };
}

function routes({ routes, customDomains, zones, zoneNames }: Worker): JsonObject[] {
  const zone = (address: string): JsonObject => {
    const [id, name] = [zones[address], zoneNames[address]];
    return {
      ...(id !== undefined && { zone_id: id }),
      ...(id === undefined && name !== undefined && { zone_name: name }),
    };
  };
  return [
    ...routes.map((pattern) => ({ pattern, ...zone(pattern) })),
    ...customDomains.map((pattern) => ({ pattern, custom_domain: true, ...zone(pattern) })),
  ];
}

function settings({ settings }: Worker): JsonObject {
  const { observability, limits, placement, logpush, tailConsumers, migrations } = settings;
  return {
    ...(limits !== undefined && { limits }),
    ...(placement !== undefined && { placement }),
    ...(observability !== undefined && { observability }),
    ...(logpush !== undefined && { logpush }),
    ...(tailConsumers.length > 0 && { tail_consumers: tailConsumers.map((service) => ({ service })) }),
    ...(migrations.length > 0 && { migrations: migrations.map(migration) }),
  };
}

/** Both sides of queues are one field of wrangler's; the producers are among the bindings. */
function queues({ queues }: Worker, { queues: producers }: JsonObject): JsonObject {
  if (queues.length === 0) return {};
  return { queues: { ...(isObject(producers) ? producers : {}), consumers: queues.map(consumer) } };
}

function consumer({ queue, batchSize, maxWaitMs, maxRetries, retryDelay, deadLetterQueue }: QueueConsumer): JsonObject {
  return {
    queue,
    ...(batchSize !== undefined && { max_batch_size: batchSize }),
    // wrangler counts in seconds, and Cloudflare in milliseconds.
    ...(maxWaitMs !== undefined && { max_batch_timeout: maxWaitMs / 1000 }),
    ...(maxRetries !== undefined && { max_retries: maxRetries }),
    ...(retryDelay !== undefined && { retry_delay: retryDelay }),
    ...(deadLetterQueue !== undefined && { dead_letter_queue: deadLetterQueue }),
  };
}

function migration({ tag, steps }: Migration): JsonObject {
  return { tag, ...steps };
}

function assets({ version }: Member, { project, target }: ExportFolders, notes: string[]): JsonObject {
  const { assetsSource, assetsDirectory, assetsConfig = {} } = version;
  const folder = assetsSource === undefined ? assetsDirectory : resolve(project, assetsSource);
  if (folder === undefined) return {};
  if (assetsSource === undefined)
    notes.push("the assets are taken from the assembly: export again after each synthesis");
  const binding = version.bindings.find((one) => one.kind === "other" && one.type === "assets")?.name;
  return {
    assets: { directory: pathFrom(target, folder), ...(binding !== undefined && { binding }), ...assetsConfig },
  };
}
