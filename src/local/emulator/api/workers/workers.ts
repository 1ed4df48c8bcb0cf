import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { WorkerRecord } from "../../records.js";
import { changed, saved, without } from "../answers.js";
import { ok, page } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, type ApiResponse, objectBody, param, sentFields } from "../http.js";
import { checkName, newWorker, workerOf } from "../scripts/worker-records.js";

/** The fields of a Worker that the server sets. All others are returned as sent, known here or not. */
const OWN = ["id", "name", "created_on", "deployed_on", "updated_on", "references"];

const DEFAULT_OBSERVABILITY = {
  enabled: false,
  head_sampling_rate: 1,
  logs: { enabled: false, head_sampling_rate: 1, invocation_logs: true },
};

/** What refers to a Worker. Terraform's provider keeps the first answer forever, so it is always empty. */
const NO_REFERENCES = { dispatch_namespace_outbounds: [], domains: [], durable_objects: [], queues: [], workers: [] };

/**
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/create/
 */
export const createWorker: Handler = (request, emulation) => {
  const account = param(request, "account");
  const body = objectBody(request);
  const name = freeName(body, account, emulation.state.workers);
  const worker = newWorker(account, name, sentFields(body, OWN), emulation.now());
  worker.subdomain = subdomainOf(worker);
  emulation.state.workers.push(worker);
  return saved(emulation, shown(worker));
};

export const listWorkers: Handler = (request, { state }) =>
  page(state.workers.filter(({ account }) => account === param(request, "account")).map(shown), request);

export const getWorker: Handler = (request, emulation) => ok(shown(workerOf(request, emulation)));

/**
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/update/
 */
export const putWorker: Handler = (request, emulation) => update(request, emulation, () => ({}));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/edit/ */
export const patchWorker: Handler = (request, emulation) => update(request, emulation, ({ settings }) => settings);

export const deleteWorker: Handler = (request, emulation) => {
  const { state } = emulation;
  state.workers = without(state.workers, workerOf(request, emulation));
  return changed(emulation, null);
};

function update(
  request: ApiRequest,
  emulation: Emulation,
  keptSettings: (worker: WorkerRecord) => JsonObject,
): Promise<ApiResponse> {
  const worker = workerOf(request, emulation);
  const body = objectBody(request);
  const { name = worker.name } = body;
  worker.name = freeName({ name }, worker.account, without(emulation.state.workers, worker));
  worker.settings = { ...keptSettings(worker), ...sentFields(body, OWN) };
  worker.subdomain = subdomainOf(worker);
  worker.updatedOn = emulation.now().toISOString();
  return changed(emulation, shown(worker));
}

function freeName({ name }: JsonObject, account: string, others: readonly WorkerRecord[]): string {
  if (typeof name !== "string") throw new ApiError("SCRIPT_NAME_INVALID", "name must be a string");
  checkName(name);
  if (others.some((other) => other.account === account && other.name === name)) throw new ApiError("WORKER_EXISTS");
  return name;
}

function shown(worker: WorkerRecord): object {
  const { settings } = worker;
  return {
    logpush: false,
    tags: [],
    observability: DEFAULT_OBSERVABILITY,
    tail_consumers: [],
    ...settings,
    id: worker.id,
    name: worker.name,
    subdomain: worker.subdomain,
    created_on: worker.createdOn,
    deployed_on: worker.deployedOn,
    updated_on: worker.updatedOn,
    references: NO_REFERENCES,
  };
}

/** Terraform's provider may leave previews_enabled out, and plans a change forever unless it is filled in. */
function subdomainOf({ settings, subdomain }: WorkerRecord): WorkerRecord["subdomain"] {
  if (!isObject(settings.subdomain)) return subdomain;
  const enabled = settings.subdomain.enabled === true;
  const { previews_enabled: previews } = settings.subdomain;
  return { enabled, previews_enabled: typeof previews === "boolean" ? previews : enabled };
}
