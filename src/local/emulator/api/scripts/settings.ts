import { isObject, type JsonObject } from "../../../../values/json.js";
import { currentVersion } from "../../active-code.js";
import type { Handler } from "../../emulation.js";
import type { WorkerRecord } from "../../records.js";
import { saved } from "../answers.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, jsonText, objectBody, picked } from "../http.js";
import { parseMultipart } from "../multipart.js";
import { checkReferences, keptBindings, sentBindings, shownBinding } from "./bindings.js";
import { metadataOf } from "./facts.js";
import { deployBindings, scriptOf } from "./worker-records.js";

/** Settings that belong to the Worker and apply at once, whichever version runs. */
const OF_WORKER = ["logpush", "observability", "tags", "tail_consumers"];
/** Settings that belong to a version. */
const OF_VERSION = ["cache_options", "compatibility_date", "compatibility_flags", "limits", "usage_model"];

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/settings/ */
export const getSettings: Handler = (request, emulation) => ok(shown(scriptOf(request, emulation)));

/** Changes bindings or settings of the code that runs, as a new version of it. The body is a form or JSON. */
export const patchSettings: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const sent = sentSettings(request);
    const former = currentVersion(worker)?.bindings ?? [];
    const bindings =
      sent.bindings === undefined ? former : keptBindings(sentBindings(inherited(sent.bindings)), { keep_bindings: [] }, former, true);
    checkReferences(bindings, worker.account, emulation);
    await deployBindings(worker, bindings, picked(sent, [...OF_VERSION, "placement"]), emulation);
    applyToWorker(worker, sent, emulation.now());
    return saved(emulation, shown(worker));
  });

/**
 * @see
 * https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/script_and_version_settings/
 */
export const getScriptSettings: Handler = (request, emulation) =>
  ok({ logpush: false, tail_consumers: null, ...picked(metadataOf(scriptOf(request, emulation)), OF_WORKER) });

export const patchScriptSettings: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  applyToWorker(worker, objectBody(request), emulation.now());
  return saved(emulation, picked(metadataOf(worker), OF_WORKER));
};

function applyToWorker(worker: WorkerRecord, sent: JsonObject, now: Date): void {
  const settings = Object.fromEntries(OF_WORKER.filter((name) => name in sent).map((name) => [name, sent[name]]));
  const modifiedOn = now.toISOString();
  worker.upload = { modifiedOn, metadata: { ...metadataOf(worker), ...settings } };
  worker.updatedOn = modifiedOn;
}

/** A binding that is sent with only its name and type stays unchanged. */
function inherited(bindings: unknown): unknown {
  if (!Array.isArray(bindings)) return bindings;
  return bindings.map((binding: unknown) => {
    const isBare = isObject(binding) && Object.keys(binding).length === 2 && binding.type !== "assets";
    return isBare ? { ...binding, type: "inherit" } : binding;
  });
}

function sentSettings(request: ApiRequest): JsonObject {
  const parts = parseMultipart(request.headers["content-type"], request.body);
  if (parts === undefined) return objectBody(request);
  const part = parts.find(({ name }) => name === "settings");
  const settings = part === undefined ? undefined : jsonText(part.body, "BODY_INVALID", "settings must be JSON");
  if (isObject(settings)) return settings;
  throw new ApiError("BODY_INVALID", "the form must have a part named 'settings' that is a JSON object");
}

function shown(worker: WorkerRecord): object {
  const { fields = {}, bindings = [] } = currentVersion(worker) ?? {};
  const settings = { ...picked(fields, OF_VERSION), ...picked(metadataOf(worker), OF_WORKER) };
  const { tag } = worker.durableObjects ?? {};
  return {
    bindings: bindings.map(shownBinding),
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== "")),
    ...(tag === undefined ? {} : { migration_tag: tag }),
    // Terraform's provider crashes on a missing placement.
    placement: isObject(fields.placement) ? fields.placement : {},
  };
}
