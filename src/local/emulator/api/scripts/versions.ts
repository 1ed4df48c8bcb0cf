import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Handler } from "../../emulation.js";
import type { VersionRecord } from "../../records.js";
import { find, saved } from "../answers.js";
import { ok, pageOf } from "../envelope.js";
import { ApiError } from "../errors.js";
import { param } from "../http.js";
import { shownBinding } from "./bindings.js";
import { etagOf } from "./facts.js";
import { migrated } from "./migrations.js";
import { receiveUpload } from "./upload.js";
import { addVersion, scriptOf } from "./worker-records.js";

/** How many of the newest versions can be deployed. */
const DEPLOYABLE = 100;

/**
 * Uploads a version of a script without giving it traffic.
 *
 * @see
 * https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/methods/create/
 */
export const createScriptVersion: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const { metadata, version } = await receiveUpload(request, worker, emulation);
    if (metadata.migrations != null) throw new ApiError("VERSION_WITH_MIGRATION");
    migrated(worker, metadata, version.bindings, emulation);
    return saved(emulation, shown(addVersion(worker, version)));
  });

export const listScriptVersions: Handler = (request, emulation) => {
  const newest = [...scriptOf(request, emulation).versions].reverse();
  const found = request.query.get("deployable") === "true" ? newest.slice(0, DEPLOYABLE) : newest;
  const { items, info } = pageOf(found, request, DEPLOYABLE);
  return ok({ items: items.map(shown) }, info);
};

export const getScriptVersion: Handler = (request, emulation) => {
  const { versions } = scriptOf(request, emulation);
  return ok(shown(find(versions, { id: param(request, "version") }, "VERSION_NOT_FOUND")));
};

function shown(version: VersionRecord): object {
  const {
    annotations,
    compatibility_date: date,
    compatibility_flags: flags,
    usage_model: model,
    limits,
  } = version.fields;
  return {
    id: version.id,
    number: version.number,
    metadata: {
      created_on: version.createdOn,
      modified_on: version.createdOn,
      source: "api",
      author_id: "",
      author_email: "author@example.com",
    },
    annotations: { "workers/triggered_by": "upload", ...sentObject(annotations) },
    resources: {
      bindings: version.bindings.map(shownBinding),
      script: { etag: etagOf(version.modules), handlers: ["fetch"], last_deployed_from: "api" },
      script_runtime: {
        ...(date == null ? {} : { compatibility_date: date }),
        ...(flags == null ? {} : { compatibility_flags: flags }),
        usage_model: model ?? "standard",
        limits: sentObject(limits),
      },
    },
    startup_time_ms: 1,
  };
}

const sentObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
