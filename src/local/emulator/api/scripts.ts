import { createHash } from "node:crypto";
import { type AssetsRecord, sentAssets } from "./assets.js";
import type { Handler } from "../emulation.js";
import { noContent, ok, page, raw } from "./envelope.js";
import { ApiError } from "./errors.js";
import { isObject, type JsonObject, param, picked } from "./http.js";
import { buildMultipart, type Part, parseMultipart } from "./multipart.js";
import { type BindingRecord, type ModuleRecord, type UploadRecord, uuid, type WorkerRecord } from "../state.js";
import { newWorker, runOrTakeBack, scriptOf, sentBindings, shownBinding } from "./worker-records.js";
import type { BlobFolder } from "../blob-folder.js";
import type { ApiRequest, ApiResponse } from "./http.js";
import type { Emulation } from "../emulation.js";

/** More than any account may have. */
const MAX_SCRIPTS = 10_000;

/** What of an upload's metadata `settings` tells again, when it was sent. */
const SETTINGS = [
  "cache_options",
  "compatibility_date",
  "compatibility_flags",
  "limits",
  "logpush",
  "observability",
  "tags",
  "tail_consumers",
  "usage_model",
];

/** What of it makes a version. */
const VERSION_FIELDS = ["main_module", "body_part", "compatibility_date", "compatibility_flags", "annotations"];

/**
 * Uploads a script, as a version that gets all traffic at once.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/update/
 */
export const putScript: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const account = param(request, "account");
    const name = param(request, "script");
    const { metadata, files } = sentScript(request);
    const modules = await stored(files, emulation.blobs);
    const now = emulation.now();
    const { state } = emulation;
    const existing = state.workers.find((other) => other.account === account && other.name === name);
    const worker = existing ?? newWorker(account, name, {}, now);
    const before = structuredClone(worker);

    const former = worker.upload?.bindings ?? worker.versions.at(-1)?.bindings ?? [];
    const bindings = keptBindings(sentBindings(metadata.bindings), metadata, former);
    const assets =
      sentAssets(metadata, emulation) ?? (metadata.keep_assets === true ? worker.upload?.assets : undefined);
    // An upload of assets without code is a Worker without code; one of neither changes settings.
    const code = modules.length > 0 || assets !== undefined ? modules : (worker.upload?.modules ?? []);
    if (existing === undefined) state.workers.push(worker);
    deploy(worker, { metadata, bindings, modules: code, ...(assets === undefined ? {} : { assets }) }, now);
    await runOrTakeBack(emulation, worker, () => {
      state.workers = state.workers.filter((other) => other !== worker);
      if (existing !== undefined) state.workers.push(before);
    });
    await emulation.save();
    const { placement } = metadata;
    return ok({
      id: name,
      ...scriptFacts(worker),
      logpush: metadata.logpush ?? false,
      ...(isObject(placement) ? { placement } : {}),
    });
  });

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/ */
export const listScripts: Handler = (request, { state }) => {
  const found = state.workers
    .filter(({ account, deployments }) => account === param(request, "account") && deployments.length > 0)
    .map((worker) => ({ id: worker.name, ...scriptFacts(worker) }));
  // Cloudflare gives all at once. Whoever asks for a second page all the same gets an empty one.
  return page(found, request, MAX_SCRIPTS, MAX_SCRIPTS);
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/delete/ */
export const deleteScript: Handler = async (request, emulation) => {
  const worker = scriptOf(request, emulation);
  emulation.state.workers = emulation.state.workers.filter((other) => other !== worker);
  emulation.runtime.outdate();
  await emulation.save();
  return ok(null);
};

/** The code; Terraform asks for it at import. */
export const getScript: Handler = async (request, emulation) => content(scriptOf(request, emulation), emulation);

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/content/methods/get/ */
export const getScriptContent: Handler = getScript;

/** What the older services API tells of a script. */
export const getService: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const { created_on, modified_on, ...facts } = scriptFacts(worker);
  const times = { created_on, modified_on };
  return ok({
    id: worker.name,
    ...times,
    default_environment: { environment: "production", ...times, script: { id: worker.name, ...times, ...facts } },
  });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/settings/ */
export const getScriptSettings: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const { upload } = worker;
  const metadata = upload?.metadata ?? worker.versions.at(-1)?.fields ?? {};
  const bindings = upload?.bindings ?? worker.versions.at(-1)?.bindings ?? [];
  const settings = picked(metadata, SETTINGS);
  return ok({
    bindings: bindings.map(shownBinding),
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== "")),
    // Terraform's provider crashes on a missing placement.
    placement: isObject(metadata.placement) ? metadata.placement : {},
  });
};

interface Deployable {
  readonly metadata: JsonObject;
  readonly bindings: readonly BindingRecord[];
  readonly modules: readonly ModuleRecord[];
  readonly assets?: AssetsRecord;
}

function deploy(worker: WorkerRecord, { metadata: sent, ...code }: Deployable, now: Date): void {
  const { bindings: _bindings, keep_bindings: _keep, ...rest } = sent;
  const modifiedOn = now.toISOString();
  const metadata = { ...kept(worker.upload?.metadata ?? {}, rest), ...withoutJwt(rest) };
  worker.upload = { etag: etag(code.modules), modifiedOn, metadata, ...code };
  worker.updatedOn = modifiedOn;
  if (code.modules.length === 0 && code.assets === undefined) return;
  const version = {
    id: uuid(),
    number: (worker.versions.at(-1)?.number ?? 0) + 1,
    createdOn: modifiedOn,
    fields: picked(rest, VERSION_FIELDS),
    ...code,
  };
  worker.versions.push(version);
  worker.deployedOn = modifiedOn;
  worker.deployments.push({
    id: uuid(),
    createdOn: modifiedOn,
    annotations: { "workers/triggered_by": "upload" },
    versions: [{ version_id: version.id, percentage: 100 }],
  });
}

/** What an upload leaves as it was: assets where it says so, and the tag of the last migration. */
function kept(former: JsonObject, { keep_assets: keepAssets, assets, migrations }: JsonObject): JsonObject {
  return picked(former, [
    ...(keepAssets === true && assets == null ? ["assets"] : []),
    ...(migrations == null ? ["migrations"] : []),
  ]);
}

/** The part `metadata`, and the files beside it. */
function sentScript(request: ApiRequest): { metadata: JsonObject; files: Part[] } {
  const type = request.headers["content-type"];
  const parts = parseMultipart(type, request.body);
  if (parts === undefined) {
    // The oldest form of the API: the script is the body.
    const file = { name: "script", filename: "script", contentType: type ?? "application/javascript" };
    return { metadata: { body_part: "script" }, files: [{ ...file, body: request.body }] };
  }
  const metadata = parseMetadata(parts.find(({ name }) => name === "metadata"));
  const files = parts.filter(({ name }) => name !== "metadata");
  const main = metadata.main_module ?? metadata.body_part;
  if (files.length > 0 && !files.some(({ name }) => name === main)) {
    throw new ApiError("SCRIPT_INVALID", "no part has the name that main_module or body_part gives");
  }
  return { metadata, files };
}

function parseMetadata(part: Part | undefined): JsonObject {
  try {
    const metadata = JSON.parse(new TextDecoder().decode(part?.body)) as unknown;
    if (isObject(metadata)) return metadata;
  } catch {
    // Refused below, in the same words as metadata that is no object.
  }
  throw new ApiError("SCRIPT_INVALID", "the form must have a part named 'metadata' that is a JSON object");
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

/** Those that were sent, those of the kinds to keep, and the former ones in place of `inherit`. */
function keptBindings(
  sent: readonly BindingRecord[],
  { keep_bindings: keep }: JsonObject,
  former: readonly BindingRecord[],
): BindingRecord[] {
  const kinds = new Set(Array.isArray(keep) ? keep.map(String) : []);
  const names = new Set(sent.map(({ name }) => name));
  const kept = former.filter(({ name, type }) => kinds.has(type) && !names.has(name));
  const inherited = sent.map((binding) => {
    if (binding.type !== "inherit") return binding;
    const old = former.find(({ name }) => name === (binding.old_name ?? binding.name));
    if (old === undefined) throw new ApiError("SCRIPT_INVALID", `binding '${binding.name}' has nothing to inherit`);
    return { ...old, name: binding.name };
  });
  return [...inherited, ...kept];
}

interface ScriptFacts {
  readonly etag: string;
  readonly created_on: string;
  readonly modified_on: string;
  readonly handlers: readonly string[];
  readonly has_assets: boolean;
  readonly has_modules: boolean;
  readonly last_deployed_from: string;
  readonly migration_tag?: unknown;
  readonly startup_time_ms: number;
  readonly usage_model: unknown;
}

function scriptFacts(worker: WorkerRecord): ScriptFacts {
  const metadata = worker.upload?.metadata ?? worker.versions.at(-1)?.fields ?? {};
  const { migrations } = metadata;
  const migrationTag = isObject(migrations) ? migrations.new_tag : undefined;
  return {
    etag: worker.upload?.etag ?? etag(worker.versions.at(-1)?.modules ?? []),
    created_on: worker.createdOn,
    modified_on: worker.upload?.modifiedOn ?? worker.updatedOn,
    handlers: ["fetch"],
    has_assets: metadata.assets != null,
    has_modules: typeof metadata.main_module === "string",
    last_deployed_from: "api",
    ...(migrationTag === undefined ? {} : { migration_tag: migrationTag }),
    startup_time_ms: 1,
    usage_model: metadata.usage_model ?? "standard",
  };
}

async function content(worker: WorkerRecord, { blobs }: Emulation): Promise<ApiResponse> {
  const last = worker.versions.at(-1);
  const modules: readonly ModuleRecord[] = worker.upload?.modules ?? last?.modules ?? [];
  // A Worker of static assets alone. An empty text would be a change in Terraform's every plan.
  if (modules.length === 0) return noContent();
  const main = (worker.upload?.metadata ?? last?.fields ?? {}).main_module;
  const parts = await Promise.all(
    modules.map(async ({ name, contentType, digest }) => {
      return { name, filename: name, contentType, body: await blobs.get(digest) };
    }),
  );
  if (typeof main !== "string") {
    return raw(parts[0]?.body ?? "", { "content-type": parts[0]?.contentType ?? "application/javascript" });
  }
  // Terraform takes the first part for the content.
  const ordered = [...parts].sort((a, b) => Number(b.name === main) - Number(a.name === main));
  const { contentType, body } = buildMultipart(ordered);
  return raw(body, { "content-type": contentType, "cf-entrypoint": main });
}

function etag(modules: readonly ModuleRecord[]): UploadRecord["etag"] {
  const hash = createHash("sha256");
  for (const { name, digest } of modules) hash.update(`${name}\0${digest}\0`);
  return hash.digest("hex");
}

/** The token of an assets upload is good once, and nothing to keep. */
function withoutJwt(metadata: JsonObject): JsonObject {
  if (!isObject(metadata.assets)) return metadata;
  const { jwt: _jwt, ...assets } = metadata.assets;
  return { ...metadata, assets };
}
