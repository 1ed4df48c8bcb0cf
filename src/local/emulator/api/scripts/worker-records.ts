import { isObject, type JsonObject } from "../../../../values/json.js";
import { currentVersion } from "../../active-code.js";
import type { Emulation } from "../../emulation.js";
import { type BindingRecord, hexId, uuid, type VersionRecord, type WorkerRecord } from "../../records.js";
import { find, without } from "../answers.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, param } from "../http.js";

/** The Worker in a path of the scripts API. */
export function scriptOf(request: ApiRequest, { state }: Emulation): WorkerRecord {
  const fields = { account: param(request, "account"), name: param(request, "script") };
  return find(state.workers, fields, "SCRIPT_NOT_FOUND");
}

/** The Worker in a path of the Workers API, by id or by name. */
export function workerOf(request: ApiRequest, { state }: Emulation): WorkerRecord {
  const wanted = param(request, "worker");
  const mine = state.workers.filter(({ account }) => account === param(request, "account"));
  return mine.find(({ id }) => id === wanted) ?? find(mine, { name: wanted }, "SCRIPT_NOT_FOUND");
}

/** A Worker without code. */
export function newWorker(account: string, name: string, settings: JsonObject, now: Date): WorkerRecord {
  checkName(name);
  return {
    account,
    id: hexId(),
    name,
    createdOn: now.toISOString(),
    updatedOn: now.toISOString(),
    deployedOn: null,
    settings,
    versions: [],
    deployments: [],
    subdomain: { enabled: false, previews_enabled: false },
    schedules: [],
  };
}

export function checkName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$/.test(name)) return;
  throw new ApiError(
    "SCRIPT_NAME_INVALID",
    `a Worker's name must have 1 to 255 letters, digits, '-' and '_', got '${name}'`,
  );
}

/** Adds a version, without giving it traffic. */
export function addVersion(worker: WorkerRecord, version: Omit<VersionRecord, "id" | "number">): VersionRecord {
  // Last, because a version made from an earlier one still has its id.
  const added = { ...version, id: uuid(), number: (worker.versions.at(-1)?.number ?? 0) + 1 };
  worker.versions.push(added);
  return added;
}

/** Gives all traffic to a version. */
export function deployVersion(worker: WorkerRecord, { id, createdOn }: VersionRecord, annotations: JsonObject): void {
  worker.deployments.push({ id: uuid(), createdOn, annotations, versions: [{ version_id: id, percentage: 100 }] });
  worker.deployedOn = createdOn;
}

/** A new version with other bindings, deployed at once, for a changed secret or setting. */
export async function deployBindings(
  worker: WorkerRecord,
  bindings: readonly BindingRecord[],
  fields: JsonObject,
  emulation: Emulation,
): Promise<void> {
  const latest = worker.versions.at(-1);
  if (latest === undefined) throw new ApiError("NO_VERSIONS");
  if (currentVersion(worker) !== latest) throw new ApiError("VERSION_NOT_DEPLOYED");
  await changeOrRollBack(emulation, worker, () => {
    const createdOn = emulation.now().toISOString();
    const version = addVersion(worker, {
      ...latest,
      ...{ createdOn, fields: { ...latest.fields, ...fields }, bindings },
    });
    deployVersion(worker, version, { "workers/triggered_by": "secret" });
  });
}

/**
 * Runs a change of a Worker. If the Worker's own code fails to load, the change is rolled back and refused, as at
 * Cloudflare. Code that only this machine cannot run stays, with a note.
 */
export async function changeOrRollBack(emulation: Emulation, worker: WorkerRecord, change: () => void): Promise<void> {
  const { workerd, state } = emulation;
  const isNew = !state.workers.includes(worker);
  const before = structuredClone(worker);
  change();
  if (isNew) state.workers.push(worker);
  workerd.outdate(worker.id);
  await workerd.upToDate();
  const failure = workerd.failures.get(worker.id);
  if (failure === undefined || !/Uncaught/.test(failure)) return;
  if (isNew) state.workers = without(state.workers, worker);
  else restore(worker, before);
  workerd.outdate();
  await workerd.upToDate();
  throw new ApiError("SCRIPT_INVALID", failure.replace(/^Worker '[^']*': /, ""));
}

function restore(worker: WorkerRecord, before: WorkerRecord): void {
  for (const name of Object.keys(worker)) Reflect.deleteProperty(worker, name);
  Object.assign(worker, before);
}

/** The token of an upload of assets is valid once and not kept. */
export function withoutJwt(metadata: JsonObject): JsonObject {
  if (!isObject(metadata.assets)) return metadata;
  const { jwt: _jwt, ...assets } = metadata.assets;
  return { ...metadata, assets };
}
