import { MANIFEST_SCHEMAS, type ManifestKind } from "../kinds/kinds.js";
import { type ObjectNode, type SchemaNode, snakeCase } from "./schema.js";

/** A JSON schema, as editors read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const TITLES: Readonly<Record<ManifestKind, string>> = {
  CloudflareKvNamespace: "CloudflareKvNamespace",
  CloudflareCredential: "CloudflareCredential",
  EnvironmentSet: "EnvironmentSet",
  Kustomization: "Kustomization",
  workers_kv: "workers_kv template",
};

/** The JSON schema of one kind, for `# yaml-language-server: $schema=…`. */
export function jsonSchema(kind: ManifestKind): JsonSchema {
  const { description, ...body } = toJsonSchema(MANIFEST_SCHEMAS[kind]);
  return { $schema: "http://json-schema.org/draft-07/schema#", title: TITLES[kind], description, ...body };
}

/** One JSON schema for a document of any kind. */
export function anyJsonSchema(): JsonSchema {
  const kinds = Object.keys(MANIFEST_SCHEMAS) as ManifestKind[];
  const anyOf = kinds.map((kind) => ({ title: TITLES[kind], ...toJsonSchema(MANIFEST_SCHEMAS[kind]) }));
  return { $schema: "http://json-schema.org/draft-07/schema#", title: "cfkv manifest", anyOf };
}

function toJsonSchema(node: SchemaNode): JsonSchema & { readonly description: string } {
  const description = node.default === undefined ? node.doc : `${node.doc} Default: ${node.default}.`;
  return { description, ...bodyOf(node) };
}

function bodyOf(node: SchemaNode): JsonSchema {
  switch (node.type) {
    case "text": {
      const { oneOf, minLength, maxLength } = node;
      if (oneOf?.length === 1) return { const: oneOf[0] };
      if (oneOf !== undefined) return { enum: oneOf };
      return {
        type: "string",
        ...(minLength !== undefined && { minLength }),
        ...(maxLength !== undefined && { maxLength }),
      };
    }
    case "number": {
      const { fractions, minimum, maximum } = node;
      const range = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
      // As in protobuf's JSON, a number may stand in quotes.
      return { type: [fractions ? "number" : "integer", "string"], pattern: "^-?[0-9.eE+-]+$", ...range };
    }
    case "boolean":
      return node.only === undefined ? { type: "boolean" } : { const: node.only };
    case "list":
      return {
        type: "array",
        items: toJsonSchema(node.items),
        ...(node.minItems !== undefined && { minItems: node.minItems }),
      };
    case "map":
      return {
        type: "object",
        additionalProperties: toJsonSchema(node.values),
        ...(node.minEntries !== undefined && { minProperties: node.minEntries }),
      };
    case "object":
      return objectSchema(node);
    case "variants":
      return { anyOf: Object.values(node.cases).map(toJsonSchema) };
    case "anyOf":
      return { anyOf: node.options.map(toJsonSchema) };
    case "json":
      return {};
  }
}

function objectSchema({ fields, names }: ObjectNode): JsonSchema {
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  const eitherSpelling: JsonSchema[] = [];

  for (const [field, node] of Object.entries(fields)) {
    const spellings = [...new Set([field, snakeCase(field)])].filter((name) => names.has(name));
    for (const name of spellings)
      properties[name] = node.required === true ? toJsonSchema(node) : orNull(toJsonSchema(node));
    if (node.required !== true) continue;
    if (spellings.length === 1) required.push(field);
    else eitherSpelling.push({ anyOf: spellings.map((name) => ({ required: [name] })) });
  }
  return {
    type: "object",
    properties,
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(eitherSpelling.length > 0 && { allOf: eitherSpelling }),
  };
}

/** Null unsets a field; a constant has no type to add it to. */
function orNull(schema: JsonSchema & { readonly description: string }): JsonSchema {
  const { type, description, ...rest } = schema;
  if (type !== undefined)
    return { type: [...(Array.isArray(type) ? (type as string[]) : [type]), "null"], description, ...rest };
  if (!("const" in rest) && !("enum" in rest)) return schema;
  return { anyOf: [rest, { type: "null" }], description };
}
