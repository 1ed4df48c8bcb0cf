import { isObject } from "../../values/json.js";
import { bindingKind } from "../binding-kinds.js";
import type { EnvironmentConfig } from "../import/config-schema.js";
import type { DeployedWorker } from "./snapshot.js";

/** A deployed Worker as wrangler would configure it, and what its configuration cannot say. */
export interface WorkerConfig {
  readonly config: EnvironmentConfig;
  readonly notes: readonly string[];
}

/** Turns what the API says of a Worker into the configuration that an import takes. */
export function workerConfig(worker: DeployedWorker, accountId: string): WorkerConfig {
  const notes: string[] = [];
  const lists = new Map<string, Record<string, unknown>[]>();
  const vars: Record<string, unknown> = {};
  const add = (field: string, item: Record<string, unknown>) => lists.set(field, [...(lists.get(field) ?? []), item]);
  for (const binding of worker.bindings) addBinding(binding, worker.name, { add, vars, notes });

  const { queues: producers, durable_objects: objects, ...others } = Object.fromEntries(lists);
  const singles = Object.fromEntries(
    Object.entries(others).map(([field, items]) => [field, SINGLE.has(field) ? items[0] : items]),
  );
  const config = {
    name: worker.name,
    account_id: accountId,
    ...(worker.file !== undefined && { main: worker.file, no_bundle: true }),
    ...(worker.compatibilityDate !== undefined && { compatibility_date: worker.compatibilityDate }),
    ...(worker.compatibilityFlags.length > 0 && { compatibility_flags: worker.compatibilityFlags }),
    workers_dev: worker.isOnWorkersDev,
    routes: [
      ...worker.routes.map(({ pattern, zoneId }) => ({ pattern, zone_id: zoneId })),
      ...worker.domains.map(({ hostname, zoneId }) => ({ pattern: hostname, zone_id: zoneId, custom_domain: true })),
    ],
    triggers: { crons: worker.crons },
    ...(worker.isLogpush && { logpush: true }),
    ...(isObject(worker.observability) && { observability: worker.observability }),
    vars,
    ...(producers !== undefined && { queues: { producers } }),
    ...(objects !== undefined && { durable_objects: { bindings: objects } }),
    ...singles,
  };
  return { config: config as unknown as EnvironmentConfig, notes };
}

/** Fields that hold one binding instead of a list. */
const SINGLE: ReadonlySet<string> = new Set(["ai", "browser", "images", "media", "version_metadata"]);

interface Place {
  readonly add: (field: string, item: Record<string, unknown>) => void;
  readonly vars: Record<string, unknown>;
  readonly notes: string[];
}

function addBinding(binding: DeployedWorker["bindings"][number], worker: string, { add, vars, notes }: Place): void {
  const { name, type, ...attributes } = binding;
  switch (type) {
    case "kv_namespace": {
      add("kv_namespaces", { binding: name, id: attributes["namespace_id"] });
      return;
    }
    case "d1": {
      add("d1_databases", { binding: name, database_id: attributes["id"] ?? attributes["database_id"] });
      return;
    }
    case "plain_text":
      vars[name] = attributes["text"];
      return;
    case "json":
      vars[name] = attributes["json"];
      return;
    // Their names are listed by themselves.
    case "secret_text":
      return;
    case "service": {
      add("services", { binding: name, service: attributes["service"], ...picked(attributes, "entrypoint") });
      return;
    }
    case "durable_object_namespace": {
      // Which migrations made the class is not known; a class of another Worker needs none.
      add("durable_objects", {
        name,
        class_name: attributes["class_name"],
        script_name: attributes["script_name"] ?? worker,
      });
      return;
    }
    case "queue": {
      add("queues", { binding: name, queue: attributes["queue_name"] });
      return;
    }
    case "ratelimit": {
      add("ratelimits", { name, namespace_id: attributes["namespace_id"], simple: attributes["simple"] });
      return;
    }
    default: {
      const kind = bindingKind(type);
      if (kind === undefined) {
        notes.push(
          `the binding '${name}' of the Worker '${worker}' is left out: there is no prop for the type '${type}'`,
        );
        return;
      }
      const given = Object.entries(kind.attributes).flatMap(([attribute, field]) =>
        attributes[attribute] === undefined ? [] : [[field, attributes[attribute]] as const],
      );
      add(kind.field, { [kind.nameField]: name, ...Object.fromEntries(given) });
    }
  }
}

function picked(attributes: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return attributes[name] === undefined ? {} : { [name]: attributes[name] };
}
