import { isObject, type JsonObject } from "../../values/json.js";
import type { BindingRecord, VersionRecord } from "./records.js";
import { bindingOf } from "../engine/from-cloudflare.js";
import type { EngineBinding } from "../engine/types.js";
import type { StorageNames } from "./stored-data.js";

/** The bindings of a version, from the API's form to the engine's. */
export function engineBindings(version: VersionRecord, storage: StorageNames): EngineBinding[] {
  return version.bindings.map((binding) => engineBinding(binding, version, storage));
}

function engineBinding(binding: BindingRecord, version: VersionRecord, storage: StorageNames): EngineBinding {
  const { name, type } = binding;
  switch (type.toLowerCase()) {
    case "kv_namespace":
      return { type: "kv_namespace", name, namespaceId: text(binding.namespace_id) };
    case "plain_text":
      return { type: "plain_text", name, text: text(binding.text) };
    case "secret_text":
      return { type: "secret_text", name, text: text(binding.text) };
    case "json":
      // As it was sent: providers before 5.18 send the JSON as a string, and Cloudflare hands the Worker that string.
      return { type: "json", name, json: binding.json };
    case "d1":
      return { type: "d1", name, databaseId: text(binding.id ?? binding.database_id) };
    case "service":
      return { type: "service", name, service: text(binding.service), ...entrypoint(binding) };
    case "queue":
      // The emulator has no routes for consumers: what a Worker sent would be lost without a word.
      return { type: "unsupported", name, kind: type };
    default:
      return located(bindingOf(name, type, binding), version, storage);
  }
}

/** Adds what the API's state knows: where a Worker's data is stored, and which version it is. */
function located(binding: EngineBinding, version: VersionRecord, storage: StorageNames): EngineBinding {
  switch (binding.type) {
    case "r2_bucket":
      return { ...binding, bucketName: storage.bucket(binding.bucketName) };
    case "version_metadata":
      return { ...binding, tag: tag(version.fields), timestamp: version.createdOn };
    case "durable_object_namespace": {
      const id = storage.objects(binding.className, binding.scriptName);
      return id === undefined ? binding : { ...binding, storage: id };
    }
    default:
      return binding;
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function entrypoint({ entrypoint: name }: JsonObject): { readonly entrypoint?: string } {
  return typeof name === "string" && name !== "" ? { entrypoint: name } : {};
}

function tag({ annotations }: JsonObject): string {
  return isObject(annotations) ? text(annotations["workers/tag"]) : "";
}
