import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { BindingRecord, ModuleRecord, VersionRecord } from "../../records.js";
import { changed, find, saved, without } from "../answers.js";
import { ok, page } from "../envelope.js";
import { ApiError } from "../errors.js";
import { objectBody, param, sentFields } from "../http.js";
import { sentAssets } from "../scripts/assets.js";
import { checkReferences, sentBindings, shownBinding } from "../scripts/bindings.js";
import { migrated } from "../scripts/migrations.js";
import { secretChanges, withSecrets } from "../scripts/secrets.js";
import { addVersion, changeOrRollBack, deployVersion, withoutJwt, workerOf } from "../scripts/worker-records.js";

/**
 * The fields of a version that the server sets or returns in another form. All others are returned as sent, known here
 * or not. Fields that were not sent are left out: a default would be a change in every plan.
 */
const OWN = [
  "annotations",
  "bindings",
  "created_on",
  "id",
  "main_script_base64",
  "modules",
  "number",
  "source",
  "startup_time_ms",
  "urls",
];

/**
 * @see
 * https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/create/
 */
export const createVersion: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = workerOf(request, emulation);
    const body = objectBody(request);
    const bindings = sentBindings(body.bindings);
    checkReferences(bindings, worker.account, emulation);
    // Applied when the version is deployed; refused now if they can never apply.
    const durableObjects = migrated(worker, body, bindings, emulation);
    const modules = await storedModules(body, emulation);
    const assets = sentAssets(body, emulation);
    let added: VersionRecord | undefined;
    const add = (): VersionRecord =>
      addVersion(worker, {
        createdOn: emulation.now().toISOString(),
        fields: {
          ...withoutJwt(sentFields(body, OWN)),
          usage_model: body.usage_model ?? "standard",
          annotations: sentAnnotations(body),
        },
        bindings,
        modules,
        ...(assets === undefined ? {} : { assets }),
      });
    if (request.query.get("deploy") === "true") {
      await changeOrRollBack(emulation, worker, () => {
        added = add();
        deployVersion(worker, added, TRIGGERED);
        worker.durableObjects = durableObjects;
      });
    } else added = add();
    return saved(emulation, added && (await shown(added, emulation, false)));
  });

/**
 * Sets secrets and annotations of the newest version, as a new version that is not deployed. `env` is a merge patch:
 * a secret that is `null` is removed.
 */
export const patchLatestVersion: Handler = async (request, emulation) => {
  const worker = workerOf(request, emulation);
  const latest = worker.versions.at(-1);
  if (latest === undefined) throw new ApiError("NO_VERSIONS");
  const body = objectBody(request);
  const bindings = withSecrets(worker, isObject(body.env) ? secretChanges(body.env) : {});
  const version = addVersion(worker, {
    ...latest,
    createdOn: emulation.now().toISOString(),
    fields: { ...latest.fields, annotations: sentAnnotations(body) },
    bindings,
  });
  return saved(emulation, await shown(version, emulation, false));
};

export const listVersions: Handler = async (request, emulation) => {
  const versions = [...workerOf(request, emulation).versions].reverse();
  return page(await Promise.all(versions.map((version) => shown(version, emulation, false))), request);
};

export const getVersion: Handler = async (request, emulation) => {
  const { versions } = workerOf(request, emulation);
  const wanted = param(request, "version");
  const id = wanted === "latest" ? (versions.at(-1)?.id ?? "") : wanted;
  const found = find(versions, { id }, "VERSION_NOT_FOUND");
  return ok(await shown(found, emulation, request.query.get("include") === "modules"));
};

/**
 * @see
 * https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/delete/
 */
export const deleteVersion: Handler = (request, emulation) => {
  const worker = workerOf(request, emulation);
  const found = find(worker.versions, { id: param(request, "version") }, "VERSION_NOT_FOUND");
  worker.versions = without(worker.versions, found);
  return changed(emulation, null);
};

const TRIGGERED = { "workers/triggered_by": "create_version_api" };

function sentAnnotations({ annotations }: JsonObject): JsonObject {
  return { ...(isObject(annotations) ? annotations : {}), ...TRIGGERED };
}

async function storedModules(
  { modules, main_module: main }: JsonObject,
  { blobs }: Emulation,
): Promise<ModuleRecord[]> {
  if (modules == null) return [];
  if (!Array.isArray(modules)) throw new ApiError("SCRIPT_INVALID", "modules must be an array");
  const records = await Promise.all(
    modules.map(async (module: unknown) => {
      const { name, content_type: type, content_base64: content } = isObject(module) ? module : {};
      if (typeof name !== "string" || typeof type !== "string" || typeof content !== "string") {
        throw new ApiError("SCRIPT_INVALID", "each module must have a name, a content_type and a content_base64");
      }
      return { name, contentType: type, digest: await blobs.put(Buffer.from(content, "base64")) };
    }),
  );
  if (records.length > 0 && !records.some(({ name }) => name === main)) {
    throw new ApiError("SCRIPT_INVALID", "main_module must be the name of one of the modules");
  }
  return records;
}

async function shown(version: VersionRecord, { blobs }: Emulation, withModules: boolean): Promise<object> {
  const { annotations, ...fields } = version.fields;
  const modules = withModules
    ? await Promise.all(
        version.modules.map(async ({ name, contentType, digest }) => ({
          content_base64: Buffer.from(await blobs.get(digest)).toString("base64"),
          content_type: contentType,
          name,
        })),
      )
    : [];
  return {
    usage_model: "standard",
    ...fields,
    id: version.id,
    number: version.number,
    created_on: version.createdOn,
    source: "api",
    annotations: annotations ?? { "workers/triggered_by": "upload" },
    // Without bindings the field is missing: an empty list would be a change in every plan.
    ...(version.bindings.length === 0 ? {} : { bindings: byName(version.bindings).map(shownBinding) }),
    ...(modules.length === 0 ? {} : { modules }),
  };
}

/** Terraform's provider matches bindings by position, after sorting its own by name. */
function byName(bindings: readonly BindingRecord[]): BindingRecord[] {
  return [...bindings].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}
