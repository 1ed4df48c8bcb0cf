import type { Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { isObject, type JsonObject, objectBody, param, sentFields } from "./http.js";
import type { WorkerRecord } from "../state.js";
import { checkName, newWorker, workerOf } from "./worker-records.js";

/** What the server itself says of a Worker. All else that is sent is told again as it was sent, known here or not. */
const OWN = ["id", "name", "created_on", "deployed_on", "updated_on", "references"];

const DEFAULT_OBSERVABILITY = {
  enabled: false,
  head_sampling_rate: 1,
  logs: { enabled: false, head_sampling_rate: 1, invocation_logs: true },
};

/** Others that refer to a Worker. Terraform's provider keeps what it was told first, so they are never told. */
const NO_REFERENCES = { dispatch_namespace_outbounds: [], domains: [], durable_objects: [], queues: [], workers: [] };

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/create/ */
export const createWorker: Handler = async (request, emulation) => {
  const account = param(request, "account");
  const body = objectBody(request);
  const name = freeName(body, account, emulation.state.workers);
  const worker = newWorker(account, name, sentFields(body, OWN), emulation.now());
  worker.subdomain = subdomainOf(worker);
  emulation.state.workers.push(worker);
  await emulation.save();
  return ok(shown(worker));
};

export const listWorkers: Handler = (request, { state }) =>
  page(state.workers.filter(({ account }) => account === param(request, "account")).map(shown), request);

export const getWorker: Handler = (request, emulation) => ok(shown(workerOf(request, emulation)));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/update/ */
export const putWorker: Handler = async (request, emulation) => {
  const worker = workerOf(request, emulation);
  return update(worker, request, emulation, sentFields(objectBody(request), OWN));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/edit/ */
export const patchWorker: Handler = async (request, emulation) => {
  const worker = workerOf(request, emulation);
  return update(worker, request, emulation, { ...worker.settings, ...sentFields(objectBody(request), OWN) });
};

export const deleteWorker: Handler = async (request, emulation) => {
  const worker = workerOf(request, emulation);
  emulation.state.workers = emulation.state.workers.filter((other) => other !== worker);
  emulation.runtime.outdate();
  await emulation.save();
  return ok(null);
};

async function update(
  worker: WorkerRecord,
  request: Parameters<Handler>[0],
  { state, save, runtime, now }: Parameters<Handler>[1],
  settings: JsonObject,
): Promise<ReturnType<typeof ok>> {
  const { name = worker.name } = objectBody(request);
  const others = state.workers.filter((other) => other !== worker);
  worker.name = freeName({ name }, worker.account, others);
  worker.settings = settings;
  worker.subdomain = subdomainOf(worker);
  worker.updatedOn = now().toISOString();
  runtime.outdate();
  await save();
  return ok(shown(worker));
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

/** Terraform's provider may leave previews_enabled out, and plans a change for ever unless it is filled in. */
function subdomainOf({ settings, subdomain }: WorkerRecord): WorkerRecord["subdomain"] {
  if (!isObject(settings.subdomain)) return subdomain;
  const enabled = settings.subdomain.enabled === true;
  const { previews_enabled: previews } = settings.subdomain;
  return { enabled, previews_enabled: typeof previews === "boolean" ? previews : enabled };
}
