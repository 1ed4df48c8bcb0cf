import type { JsonValue } from "../../values/json.js";
import { isObject } from "../../values/json.js";
import { BINDING_KINDS, type BindingKind } from "../binding-kinds.js";
import type { EnvironmentConfig } from "./config-schema.js";
import { decide, leftOut } from "./draft.js";
import { field, written, type WrittenField } from "./written.js";

/** The bindings of an environment that are not namespaces, as fields of a Worker. */
export interface DraftBindings {
  readonly fields: readonly WrittenField[];
  readonly comments: readonly string[];
}

/** How an import turns paths of the configuration into paths of the file that it writes. */
export type Repath = (path: string) => string;

export function draftBindings(config: EnvironmentConfig, repath: Repath, databaseIds: ReadonlyMap<string, string>) {
  const comments: string[] = [];
  const fields = [
    record("d1", databases(config, repath, databaseIds, comments)),
    record("services", services(config, comments)),
    record("durableObjects", durableObjects(config, comments)),
    ...migrations(config),
    record("queues", queues(config, comments)),
    record("rateLimits", rateLimits(config)),
    ...others(config, comments),
  ];
  return { fields: fields.filter((one) => one !== undefined), comments } satisfies DraftBindings;
}

type Entries = readonly (readonly [name: string, value: JsonValue, comments?: readonly string[]])[];

/** A field with a value for each binding. */
function record(name: string, entries: Entries): WrittenField | undefined {
  if (entries.length === 0) return undefined;
  const fields = entries.map(([binding, value, comments]) => field(binding, written(value), comments));
  return field(name, { type: "object", fields, comments: [] });
}

function databases(
  { d1_databases: all = [] }: EnvironmentConfig,
  repath: Repath,
  ids: ReadonlyMap<string, string>,
  comments: string[],
): Entries {
  return all.map(({ binding, database_name: name, database_id, migrations_dir: folder, ...rest }) => {
    noteRest(`d1_databases '${binding}'`, omit(rest, "preview_database_id", "database_internal_env"), comments);
    const id = database_id || (name === undefined ? undefined : ids.get(name));
    const migrations = folder === undefined ? {} : { migrations: repath(folder) };
    if (id !== undefined) return [binding, { databaseId: id, ...migrations }] as const;
    const created = { ...(name !== undefined && { databaseName: name }), ...migrations };
    return [binding, created, [decide("wrangler has no id of this database, so the first apply creates it")]] as const;
  });
}

function services({ services: all = [] }: EnvironmentConfig, comments: string[]): Entries {
  return all.map(({ binding, service, entrypoint, ...rest }) => {
    noteRest(`services '${binding}'`, rest, comments);
    return [binding, entrypoint === undefined ? service : { service, entrypoint }];
  });
}

function durableObjects({ durable_objects: all }: EnvironmentConfig, comments: string[]): Entries {
  return (all?.bindings ?? []).map(({ name, class_name: className, script_name: scriptName, ...rest }) => {
    noteRest(`durable_objects '${name}'`, rest, comments);
    return [name, { className, ...(scriptName !== undefined && { scriptName }) }];
  });
}

function migrations({ migrations: all = [] }: EnvironmentConfig): WrittenField[] {
  if (all.length === 0) return [];
  const steps = all.map((step) => ({
    tag: step.tag,
    ...given("newSqliteClasses", step.new_sqlite_classes),
    ...given("newClasses", step.new_classes),
    ...given("renamedClasses", step.renamed_classes),
    ...given("deletedClasses", step.deleted_classes),
    ...given(
      "transferredClasses",
      step.transferred_classes?.map(({ from, from_script: fromScript, to }) => ({ from, fromScript, to })),
    ),
  }));
  return [field("migrations", written(steps))];
}

function given<T>(name: string, list: readonly T[] | undefined): Readonly<Record<string, readonly T[]>> {
  return list === undefined || list.length === 0 ? {} : { [name]: list };
}

function queues({ queues: all }: EnvironmentConfig, comments: string[]): Entries {
  for (const consumer of all?.consumers ?? []) {
    const { queue } = consumer;
    comments.push(
      leftOut(
        `the consumer of queue '${typeof queue === "string" ? queue : "?"}'`,
        "it stays attached as it is; to manage it, add a QueueConsumer in `configure`",
      ),
    );
  }
  return (all?.producers ?? []).map(({ binding, queue, ...rest }) => {
    noteRest(`queues.producers '${binding}'`, rest, comments);
    return [binding, queue];
  });
}

function rateLimits({ ratelimits: all = [] }: EnvironmentConfig): Entries {
  return all.map(({ name, namespace_id: namespaceId, simple }) => [name, { ...simple, namespaceId }]);
}

/** Bindings that are no more than a name and some attributes. */
function others(config: EnvironmentConfig, comments: string[]): WrittenField[] {
  const bindings = BINDING_KINDS.flatMap((kind) => {
    if (kind.field.includes(".") || kind.field === "ratelimits") return [];
    const value: unknown = config[kind.field];
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.flatMap((item) => (isObject(item) ? [plainBinding(kind, item, comments)] : []));
  });
  return bindings.length === 0 ? [] : [field("bindings", written(bindings))];
}

function plainBinding(kind: BindingKind, item: Readonly<Record<string, unknown>>, comments: string[]): JsonValue {
  const name = String(item[kind.nameField]);
  const attributes = Object.entries(kind.attributes).flatMap(([attribute, wranglerName]) => {
    const value = item[wranglerName];
    return value === undefined ? [] : [[camelCase(attribute), value as JsonValue] as const];
  });
  noteRest(`${kind.field} '${name}'`, omit(item, kind.nameField, ...Object.values(kind.attributes)), comments);
  return { name, type: kind.type, ...Object.fromEntries(attributes) };
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Names what an item has beside the fields that are carried over. */
function noteRest(where: string, rest: Readonly<Record<string, unknown>>, comments: string[]): void {
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    const why = ONLY_LOCAL.has(name) ? "only wrangler dev reads it" : "the provider has no such setting";
    comments.push(leftOut(`${name} of ${where}`, why));
  }
}

/** Fields that only `wrangler dev` and commands of wrangler read. */
const ONLY_LOCAL: ReadonlySet<string> = new Set(["remote", "localConnectionString", "preview_bucket_name"]);

function omit(item: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}
