import { didYouMean } from "../../suggest.js";
import type { SchemaNode } from "./schema.js";
import type { Mapping } from "../yaml/tree.js";

/** The schema of a member; undefined where no such member can be. */
export function childSchema(schema: SchemaNode | undefined, segment: string | number): SchemaNode | undefined {
  switch (schema?.type) {
    case "object": {
      const field = schema.names.get(String(segment));
      return field === undefined ? undefined : schema.fields[field];
    }
    case "map":
      return typeof segment === "string" ? schema.values : undefined;
    case "list":
      return typeof segment === "number" ? schema.items : undefined;
    case "anyOf":
      return firstDefined(schema.options.map((option) => childSchema(option, segment)));
    case "variants":
      return firstDefined(Object.values(schema.cases).map((option) => childSchema(option, segment)));
    case "json":
      return schema;
    case "text":
    case "number":
    case "boolean":
    case undefined:
      return undefined;
  }
}

/** The field of a schema at a path, or the first segment that it does not have and the nearest name. */
export function findPath(schema: SchemaNode, segments: readonly (string | number)[]): { unknown?: string } {
  let node: SchemaNode = schema;
  for (const segment of segments) {
    const next = childSchema(node, segment);
    if (next === undefined) return { unknown: `'${segment}'${didYouMean(String(segment), namesOf(node))}` };
    node = next;
  }
  return {};
}

/** The key under which a mapping has a field already, in either spelling; the name itself when it has none. */
export function existingKey(tree: Mapping, schema: SchemaNode | undefined, name: string): string {
  if (tree.entries.has(name) || schema?.type !== "object") return name;
  const field = schema.names.get(name);
  for (const key of tree.entries.keys()) {
    if (field !== undefined && schema.names.get(key) === field) return key;
  }
  return name;
}

function namesOf(schema: SchemaNode): Iterable<string> {
  return schema.type === "object" ? schema.names.keys() : [];
}

function firstDefined<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}
