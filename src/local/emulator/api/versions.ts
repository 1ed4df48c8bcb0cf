import { sentAssets } from "./assets.js";
import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { isObject, type JsonObject, objectBody, param, sentFields } from "./http.js";
import { type BindingRecord, type ModuleRecord, uuid, type VersionRecord, type WorkerRecord } from "../state.js";
import { runOrTakeBack, sentBindings, shownBinding, workerOf } from "./worker-records.js";

/**
 * What the server itself says of a version, or tells in another form. All else is told again as it was sent, known
 * here or not. What was not sent is left out: a default would be a change in every plan.
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

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/create/ */
export const createVersion: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = workerOf(request, emulation);
    const body = objectBody(request);
    const bindings = sentBindings(body.bindings);
    const modules = await storedModules(body, emulation);
    const assets = sentAssets(body, emulation);
    const version: VersionRecord = {
      id: uuid(),
      number: (worker.versions.at(-1)?.number ?? 0) + 1,
      createdOn: emulation.now().toISOString(),
      fields: {
        ...withoutJwt(sentFields(body, OWN)),
        usage_model: body.usage_model ?? "standard",
        annotations: {
          ...(isObject(body.annotations) ? body.annotations : {}),
          "workers/triggered_by": "create_version_api",
        },
      },
      bindings,
      modules,
      ...(assets === undefined ? {} : { assets }),
    };
    worker.versions.push(version);
    if (request.query.get("deploy") === "true") await deployNow(worker, version, emulation);
    await emulation.save();
    return ok(await shown(version, emulation, false));
  });

export const listVersions: Handler = async (request, emulation) => {
  const versions = [...workerOf(request, emulation).versions].reverse();
  return page(await Promise.all(versions.map((version) => shown(version, emulation, false))), request);
};

export const getVersion: Handler = async (request, emulation) => {
  const wanted = param(request, "version");
  const found = workerOf(request, emulation).versions.find(({ id }) => id === wanted);
  if (found === undefined) throw new ApiError("VERSION_NOT_FOUND");
  return ok(await shown(found, emulation, request.query.get("include") === "modules"));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/delete/ */
export const deleteVersion: Handler = async (request, emulation) => {
  const worker = workerOf(request, emulation);
  const wanted = param(request, "version");
  if (!worker.versions.some(({ id }) => id === wanted)) throw new ApiError("VERSION_NOT_FOUND");
  worker.versions = worker.versions.filter(({ id }) => id !== wanted);
  emulation.runtime.outdate(worker.id);
  await emulation.save();
  return ok(null);
};

async function deployNow(worker: WorkerRecord, version: VersionRecord, emulation: Emulation): Promise<void> {
  const { deployedOn } = worker;
  const deployment = {
    id: uuid(),
    createdOn: version.createdOn,
    annotations: { "workers/triggered_by": "create_version_api" },
    versions: [{ version_id: version.id, percentage: 100 }],
  };
  worker.deployments.push(deployment);
  worker.deployedOn = version.createdOn;
  await runOrTakeBack(emulation, worker, () => {
    worker.deployments = worker.deployments.filter((other) => other !== deployment);
    worker.versions = worker.versions.filter((other) => other !== version);
    worker.deployedOn = deployedOn;
  });
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
    // No bindings is no field: an empty list is a change in every plan.
    ...(version.bindings.length === 0 ? {} : { bindings: byName(version.bindings).map(shownBinding) }),
    ...(modules.length === 0 ? {} : { modules }),
  };
}

/** Terraform's provider matches bindings by position, after sorting its own by name. */
function byName(bindings: readonly BindingRecord[]): BindingRecord[] {
  return [...bindings].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function withoutJwt(fields: JsonObject): JsonObject {
  if (!isObject(fields.assets)) return fields;
  const { jwt: _jwt, ...assets } = fields.assets;
  return { ...fields, assets };
}
