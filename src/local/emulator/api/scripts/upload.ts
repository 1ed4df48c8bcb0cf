import { isObject, type JsonObject } from "../../../../values/json.js";
import type { BlobFolder } from "../../blob-folder.js";
import { currentVersion } from "../../active-code.js";
import type { Emulation } from "../../emulation.js";
import type { ModuleRecord, VersionRecord, WorkerRecord } from "../../records.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, jsonText, picked } from "../http.js";
import { type Part, parseMultipart } from "../multipart.js";
import { sentAssets } from "./assets.js";
import { checkReferences, keptBindings, sentBindings } from "./bindings.js";

/** The fields of an upload's metadata that belong to the version. The rest are settings of the Worker. */
const VERSION_FIELDS = [
  "main_module",
  "body_part",
  "compatibility_date",
  "compatibility_flags",
  "annotations",
  "usage_model",
  "limits",
  "placement",
  "cache_options",
];

const SOURCE_MAP = "application/source-map";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/update/ */
const MODULE_TYPES: ReadonlySet<string> = new Set([
  "application/javascript+module",
  "text/javascript+module",
  "application/javascript",
  "text/javascript",
  "text/x-python",
  "text/x-python-requirement",
  "application/wasm",
  "text/plain",
  "application/octet-stream",
  SOURCE_MAP,
]);

export interface Upload {
  readonly metadata: JsonObject;
  /** The new version, which the Worker does not have yet. */
  readonly version: Omit<VersionRecord, "id" | "number">;
}

/**
 * Reads an uploaded script, stores its modules, and refuses what Cloudflare refuses.
 *
 * @param worker - the Worker of the upload: its bindings and assets may be kept
 */
export async function receiveUpload(request: ApiRequest, worker: WorkerRecord, emulation: Emulation): Promise<Upload> {
  const { metadata, files } = sentScript(request);
  const former = currentVersion(worker);
  const assets = sentAssets(metadata, emulation) ?? (metadata.keep_assets === true ? former?.assets : undefined);
  checkContent(metadata, files, assets !== undefined);
  checkDate(metadata, emulation.now());
  const strict = request.query.get("bindings_inherit") === "strict";
  const latest = worker.versions.at(-1)?.bindings ?? [];
  const bindings = keptBindings(sentBindings(metadata.bindings), metadata, latest, strict);
  checkReferences(bindings, worker.account, emulation);
  return {
    metadata,
    version: {
      createdOn: emulation.now().toISOString(),
      fields: picked(metadata, VERSION_FIELDS),
      bindings,
      modules: await stored(files, emulation.blobs),
      ...(assets === undefined ? {} : { assets }),
    },
  };
}

/** The part `metadata`, and the modules beside it. */
function sentScript(request: ApiRequest): { metadata: JsonObject; files: Part[] } {
  const type = request.headers["content-type"];
  const parts = parseMultipart(type, request.body);
  if (parts === undefined) {
    // The oldest form of the API: the script is the body.
    if (!/^(application|text)\/javascript\b/i.test(type ?? "")) throw new ApiError("SCRIPT_TYPE");
    const file = { name: "script", filename: "script", contentType: mediaType(type ?? "") };
    return { metadata: { body_part: "script" }, files: [{ ...file, body: request.body }] };
  }
  const metadata = parseMetadata(parts.find(({ name }) => name === "metadata"));
  const files = parts.filter(({ name }) => name !== "metadata").map(named);
  for (const { name, contentType } of files) checkType(name, contentType);
  return { metadata, files: files.filter(({ contentType }) => mediaType(contentType ?? "") !== SOURCE_MAP) };
}

/**
 * A module's name is its part's file name: the official SDKs call every part `files`, and a part appended as a `Blob`
 * without a name of its own is called `blob` whatever its field is.
 */
function named(part: Part): Part {
  return { ...part, name: part.filename ?? part.name };
}

function checkType(name: string, contentType: string | undefined): void {
  if (contentType === undefined || MODULE_TYPES.has(mediaType(contentType))) return;
  throw new ApiError("SCRIPT_INVALID", `module ${name} has unsupported Content-Type ${JSON.stringify(contentType)}`);
}

/** Without parameters such as the charset. */
function mediaType(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

function parseMetadata(part: Part | undefined): JsonObject {
  if (part === undefined) throw new ApiError("SCRIPT_INVALID", "could not read content for part metadata");
  const metadata = jsonText(part.body, "SCRIPT_INVALID", "the part 'metadata' must be JSON");
  if (isObject(metadata)) return metadata;
  throw new ApiError("SCRIPT_INVALID", "the part 'metadata' must be a JSON object");
}

function checkContent(
  { main_module: module, body_part: script }: JsonObject,
  files: readonly Part[],
  hasAssets: boolean,
): void {
  const main = module ?? script;
  if (main == null && hasAssets && files.length === 0) return;
  if (main == null) throw new ApiError("SCRIPT_INVALID", "metadata must name the main_module or the body_part");
  if (files.some(({ name }) => name === main)) return;
  throw new ApiError("SCRIPT_INVALID", `No such module ${JSON.stringify(main)}: no part of the form has that name`);
}

function checkDate({ compatibility_date: date }: JsonObject, now: Date): void {
  if (date == null || date === "") return;
  if (typeof date !== "string" || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    throw new ApiError("SCRIPT_INVALID", `Invalid compatibility date: ${JSON.stringify(date)}`);
  }
  if (date > now.toISOString().slice(0, 10)) {
    throw new ApiError("SCRIPT_INVALID", `Can't set compatibility date in the future: ${date}`);
  }
}

async function stored(files: readonly Part[], blobs: BlobFolder): Promise<ModuleRecord[]> {
  return Promise.all(
    files.map(async ({ name, contentType = "application/javascript+module", body }) => ({
      name,
      contentType,
      digest: await blobs.put(body),
    })),
  );
}
