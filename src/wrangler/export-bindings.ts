import { resolve } from "node:path";
import type { Binding, OtherBinding } from "../assembly/index.js";
import { isObject, type JsonObject } from "../values/json.js";
import { bindingKind } from "./binding-kinds.js";
import { type ExportFolders, pathFrom } from "./paths.js";
import type { ResourceIds } from "./resource-ids.js";
import { isKnown, type Member } from "./worker-family.js";

/** The bindings of one Worker by the fields of wrangler's configuration; what none of them can say is noted. */
export async function exportBindings(
  member: Member,
  ids: ResourceIds,
  { project, target }: ExportFolders,
  notes: string[],
): Promise<JsonObject> {
  const vars: JsonObject = {};
  const secrets: string[] = [];
  const withoutId: string[] = [];
  const fields = new Map<string, JsonObject[]>();
  const singles: JsonObject = {};
  const add = (field: string, binding: JsonObject): void => {
    fields.set(field, [...(fields.get(field) ?? []), binding]);
  };
  const { worker, version } = member;
  for (const [at, binding] of version.bindings.entries()) {
    const { name } = binding;
    if (!isKnown(member, at)) {
      notes.push(`'${name}' is left out, as its value is known only after apply`);
      continue;
    }
    switch (binding.kind) {
      case "kv_namespace": {
        const id = await ids.namespace(binding.namespace);
        if (id === undefined) withoutId.push(name);
        add("kv_namespaces", { binding: name, ...(id !== undefined && { id }) });
        break;
      }
      case "d1": {
        const { name: databaseName } = binding.database;
        const id = await ids.database(binding.database, worker.accountId);
        if (id === undefined) withoutId.push(name);
        add("d1_databases", {
          binding: name,
          ...(databaseName !== undefined && { database_name: databaseName }),
          ...(id !== undefined && { database_id: id }),
          ...(binding.migrations !== undefined && {
            migrations_dir: pathFrom(target, resolve(project, binding.migrations.source)),
          }),
        });
        break;
      }
      case "plain_text":
        vars[name] = binding.text;
        break;
      case "json":
        vars[name] = binding.json;
        break;
      case "secret_text":
        secrets.push(name);
        break;
      case "service":
        add("services", { binding: name, service: binding.worker, ...entrypoint(binding) });
        break;
      case "other":
        addOther(binding, { add, singles, notes });
        break;
    }
  }
  if (withoutId.length > 0) {
    const names = withoutId.join(", ");
    notes.push(`no id is known for ${names}: apply the stack or use --live first, as 'wrangler deploy' creates others`);
  }
  const defaults = kvDefaults(member);
  if (defaults !== undefined) vars["KV_DEFAULTS"] ??= defaults;
  return {
    ...(Object.keys(vars).length > 0 && { vars }),
    ...(secrets.length > 0 && { secrets: { required: secrets } }),
    ...nested(fields),
    ...singles,
  };
}

interface Place {
  readonly add: (field: string, binding: JsonObject) => void;
  readonly singles: JsonObject;
  readonly notes: string[];
}

function addOther({ name, type, attributes }: OtherBinding, { add, singles, notes }: Place): void {
  if (type === "assets") return;
  if (type === "durable_object_namespace") {
    const { class_name, script_name } = attributes;
    add("durable_objects.bindings", { name, class_name, ...(typeof script_name === "string" && { script_name }) });
    return;
  }
  const kind = bindingKind(type);
  if (kind === undefined) {
    notes.push(`'${name}' is left out, as wrangler has no field for the type '${type}'`);
    return;
  }
  const given = Object.entries(kind.attributes).flatMap(([attribute, field]) => {
    const value = attributes[attribute];
    return value === undefined || value === null ? [] : [[field, value] as const];
  });
  const binding = { [kind.nameField]: name, ...Object.fromEntries(given) };
  if (kind.isList) add(kind.field, binding);
  else singles[kind.field] = binding;
}

/** `queues.producers` becomes a field of `queues`. */
function nested(fields: ReadonlyMap<string, JsonObject[]>): JsonObject {
  const all: JsonObject = {};
  for (const [path, bindings] of fields) {
    const [field = path, inner] = path.split(".");
    if (inner === undefined) all[field] = bindings;
    else all[field] = { ...(isObject(all[field]) ? all[field] : {}), [inner]: bindings };
  }
  return all;
}

function entrypoint({ entrypoint }: Extract<Binding, { readonly kind: "service" }>): JsonObject {
  return entrypoint === undefined ? {} : { entrypoint };
}

/**
 * TTL and description of each namespace, which the runtime library reads: code that is deployed all at once has them in
 * a binding, code in a gradual rollout has them built in, where a build of wrangler's has not.
 */
function kvDefaults({ version }: Member): string | undefined {
  const said = version.bindings.flatMap((binding) => {
    if (binding.kind !== "kv_namespace") return [];
    const { ttlSeconds, description } = binding.namespace;
    const defaults = { ...(ttlSeconds > 0 && { ttlSeconds }), ...(description !== undefined && { description }) };
    return Object.keys(defaults).length > 0 ? [[binding.name, defaults] as const] : [];
  });
  return said.length === 0 ? undefined : JSON.stringify(Object.fromEntries(said));
}
