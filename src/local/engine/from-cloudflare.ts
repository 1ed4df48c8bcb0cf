import type { JsonObject } from "../../values/json.js";
import { isObject } from "../../values/json.js";
import type { EngineBinding, EngineModule } from "./types.js";

/** A module's type by its content type, as Cloudflare reads it; unknown ones are data. */
export function moduleOf(name: string, contentType: string, bytes: Uint8Array): EngineModule {
  const mediaType = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  const type = MODULE_TYPES.find(([pattern]) => pattern.test(mediaType))?.[1] ?? "data";
  const isText = type !== "data" && type !== "wasm";
  return { name, type, content: isText ? new TextDecoder().decode(bytes) : bytes };
}

const MODULE_TYPES = [
  [/^(application|text)\/javascript\+module$/, "esm"],
  [/^(application|text)\/javascript$/, "commonjs"],
  [/^application\/wasm$/, "wasm"],
  [/^text\/x-python$/, "python"],
  [/^text\//, "text"],
] as const;

/** A binding of the kinds that Cloudflare's API and the provider describe in the same words. */
export function bindingOf(name: string, type: string, attributes: JsonObject): EngineBinding {
  const { bucket_name: bucket, class_name: className, script_name: script, queue_name: queue, dataset } = attributes;
  switch (type.toLowerCase()) {
    case "assets":
      return { type: "assets", name };
    case "version_metadata":
      return { type: "version_metadata", name };
    case "analytics_engine":
      return { type: "analytics_engine", name, dataset: isText(dataset) ? dataset : name };
    case "r2_bucket":
      if (isText(bucket)) return { type: "r2_bucket", name, bucketName: bucket };
      break;
    case "queue":
      if (isText(queue)) return { type: "queue", name, queueName: queue };
      break;
    case "durable_object_namespace": {
      const other = isText(script) ? { scriptName: script } : {};
      if (isText(className)) return { type: "durable_object_namespace", name, className, ...other };
      break;
    }
    case "ratelimit": {
      const { limit, period } = isObject(attributes["simple"]) ? attributes["simple"] : {};
      if (typeof limit === "number" && (period === 10 || period === 60))
        return { type: "ratelimit", name, limit, period };
    }
  }
  return { type: "unsupported", name, kind: type };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
