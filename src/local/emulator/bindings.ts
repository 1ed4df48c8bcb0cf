import { isObject, type JsonObject } from "../../values/json.js";
import type { BindingRecord, VersionRecord } from "./records.js";
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
    case "r2_bucket":
      return { type: "r2_bucket", name, bucketName: storage.bucket(text(binding.bucket_name)) };
    case "analytics_engine":
      return { type: "analytics_engine", name, dataset: text(binding.dataset) || name };
    case "assets":
      return { type: "assets", name };
    case "version_metadata":
      return { type: "version_metadata", name, tag: tag(version.fields), timestamp: version.createdOn };
    case "durable_object_namespace": {
      const script = binding.script_name;
      const className = text(binding.class_name);
      const id = storage.objects(className, script ? text(script) : undefined);
      return {
        type: "durable_object_namespace",
        name,
        className,
        ...(script ? { scriptName: text(script) } : {}),
        ...(id === undefined ? {} : { storage: id }),
      };
    }
    case "ratelimit": {
      const simple = isObject(binding.simple) ? binding.simple : {};
      return { type: "ratelimit", name, limit: Number(simple.limit), period: Number(simple.period) === 10 ? 10 : 60 };
    }
    default:
      return { type: "unsupported", name, kind: type };
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function entrypoint({ entrypoint: name }: JsonObject): { readonly entrypoint?: string } {
  return typeof name === "string" && name !== "" ? { entrypoint: name } : {};
}

function tag({ annotations }: JsonObject): string {
  return isObject(annotations) ? text(annotations["workers/tag"]) : "";
}
