import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Handler } from "../../emulation.js";
import type { BindingRecord, WorkerRecord } from "../../records.js";
import { changed, saved, without } from "../answers.js";
import { ok, page } from "../envelope.js";
import { ApiError } from "../errors.js";
import { param, picked } from "../http.js";
import { scriptFacts } from "./facts.js";
import { migrated } from "./migrations.js";
import { receiveUpload } from "./upload.js";
import { addVersion, changeOrRollBack, deployVersion, newWorker, scriptOf, withoutJwt } from "./worker-records.js";

/** More than any account may have. */
const MAX_SCRIPTS = 10_000;

/**
 * Uploads a script, as a version that gets all traffic at once.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/update/
 */
export const putScript: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const account = param(request, "account");
    const name = param(request, "script");
    const existing = emulation.state.workers.find((other) => other.account === account && other.name === name);
    const worker = existing ?? newWorker(account, name, {}, emulation.now());
    const { metadata, version } = await receiveUpload(request, worker, emulation);
    const durableObjects = migrated(worker, metadata, version.bindings, emulation);
    let id = "";
    await changeOrRollBack(emulation, worker, () => {
      const { bindings: _bindings, keep_bindings: _keep, ...settings } = metadata;
      const former = worker.upload?.metadata ?? {};
      worker.upload = {
        modifiedOn: version.createdOn,
        metadata: { ...kept(former, settings), ...withoutJwt(settings) },
      };
      worker.updatedOn = version.createdOn;
      worker.durableObjects = durableObjects;
      const added = addVersion(worker, version);
      deployVersion(worker, added, { "workers/triggered_by": "upload", ...sentAnnotations(metadata) });
      id = added.id;
    });
    const { placement } = metadata;
    return saved(emulation, {
      id: name,
      ...scriptFacts(worker),
      logpush: metadata.logpush ?? false,
      ...(isObject(placement) ? { placement } : {}),
      // The version's id, without hyphens.
      deployment_id: id.replaceAll("-", ""),
    });
  });

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/ */
export const listScripts: Handler = (request, { state }) => {
  const found = state.workers
    .filter(({ account, deployments }) => account === param(request, "account") && deployments.length > 0)
    .map((worker) => ({ id: worker.name, ...scriptFacts(worker) }));
  // Cloudflare returns all at once. A client that asks for a second page gets an empty one.
  return page(found, request, MAX_SCRIPTS, MAX_SCRIPTS);
};

/**
 * Deletes a Worker. One that others are bound to is deleted only with `force`.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/delete/
 */
export const deleteScript: Handler = (request, emulation) => {
  const { state } = emulation;
  const worker = scriptOf(request, emulation);
  const users = bindingsTo(worker, state.workers);
  if (users.length > 0 && request.query.get("force") !== "true") {
    const names = [...new Set(users.map(({ user }) => user.name))].join(", ");
    throw new ApiError("SCRIPT_IN_USE", `this Worker is still referenced by bindings of: ${names}`);
  }
  state.workers = without(state.workers, worker);
  return changed(emulation, null);
};

/** Which Workers use this one; wrangler requests it before a deletion. */
export const getReferences: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const users = bindingsTo(worker, emulation.state.workers);
  return ok({
    services: {
      incoming: users
        .filter(({ binding }) => binding.type === "service")
        .map(({ user, binding }) => ({ service: user.name, environment: "production", name: binding.name })),
      outgoing: [],
    },
    durable_objects: users
      .filter(({ binding }) => binding.type === "durable_object_namespace")
      .map(({ user, binding }) => ({
        service: user.name,
        environment: "production",
        name: binding.name,
        durable_object_namespace_id: "",
        durable_object_namespace_name: `${worker.name}_${String(binding.class_name)}`,
      })),
    dispatch_outbounds: [],
  });
};

/** There are no tails here. */
export const listTailProducers: Handler = () => ok([]);

/** Logs are printed by the emulator: there is no socket to follow them. */
export const startTail: Handler = () => {
  throw new ApiError("TAIL_UNSUPPORTED");
};

interface Use {
  readonly user: WorkerRecord;
  readonly binding: BindingRecord;
}

function bindingsTo({ account, name }: WorkerRecord, workers: readonly WorkerRecord[]): Use[] {
  const points = ({ type, service, script_name: script }: BindingRecord) =>
    type === "service" ? service === name : type === "durable_object_namespace" && script === name;
  return workers
    .filter((user) => user.account === account)
    .flatMap((user) => (user.versions.at(-1)?.bindings ?? []).filter(points).map((binding) => ({ user, binding })));
}

/** What an upload keeps: assets, if it asks for that. */
function kept(former: JsonObject, { keep_assets: keepAssets, assets }: JsonObject): JsonObject {
  return picked(former, keepAssets === true && assets == null ? ["assets"] : []);
}

function sentAnnotations({ annotations }: JsonObject): JsonObject {
  return isObject(annotations) ? picked(annotations, ["workers/message", "workers/tag"]) : {};
}
