import { createHash } from "node:crypto";
import type { JsonObject } from "../../../../values/json.js";
import { currentVersion } from "../../active-code.js";
import type { ModuleRecord, WorkerRecord } from "../../records.js";

export interface ScriptFacts {
  readonly etag: string;
  readonly created_on: string;
  readonly modified_on: string;
  readonly handlers: readonly string[];
  readonly has_assets: boolean;
  readonly has_modules: boolean;
  readonly last_deployed_from: string;
  readonly migration_tag?: string;
  readonly startup_time_ms: number;
  readonly usage_model: unknown;
}

/** The fields about a script that several answers share. */
export function scriptFacts(worker: WorkerRecord): ScriptFacts {
  const fields = currentVersion(worker)?.fields ?? {};
  const { tag } = worker.durableObjects ?? {};
  return {
    etag: etagOf(currentVersion(worker)?.modules ?? []),
    created_on: worker.createdOn,
    modified_on: worker.upload?.modifiedOn ?? worker.updatedOn,
    handlers: ["fetch"],
    has_assets: currentVersion(worker)?.assets !== undefined || metadataOf(worker).assets != null,
    has_modules: typeof fields.main_module === "string",
    last_deployed_from: "api",
    ...(tag === undefined ? {} : { migration_tag: tag }),
    startup_time_ms: 1,
    usage_model: fields.usage_model ?? "standard",
  };
}

/** The settings of a Worker that belong to no version, and those of an upload. */
export function metadataOf(worker: WorkerRecord): JsonObject {
  return worker.upload?.metadata ?? {};
}

export function etagOf(modules: readonly ModuleRecord[]): string {
  const hash = createHash("sha256");
  for (const { name, digest } of modules) hash.update(`${name}\0${digest}\0`);
  return hash.digest("hex");
}
