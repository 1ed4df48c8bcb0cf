import type { ManifestKind } from "../../src/manifest/index.js";
import { MANIFEST_SCHEMAS } from "../../src/manifest/kinds/kinds.js";
import type { SchemaNode } from "../../src/manifest/schema/schema.js";
import { code, table } from "./page.js";

/** Fields that repeat others of the same kind: the page says so in a sentence. */
const REPEATED = [
  /^spec\.environments\.<name>\.(namespaces|workers?)\./,
  /^spec\.workers\.<name>\./,
  /^spec\.worker\.rollout\.releases\[\]\.code\./,
  /^resources\[\]\(\w+\)\.(id|type|name|provider|config)$/,
];

/** Every field of a kind of manifest. Required ones have a star. */
export function fieldTable(kind: ManifestKind): string {
  const rows = [...fieldsOf(MANIFEST_SCHEMAS[kind], "")]
    .filter(({ path }) => !REPEATED.some((pattern) => pattern.test(path)))
    .map(({ path, node }) => [
      code(path) + (node.required === true ? " *" : ""),
      typeOf(node),
      node.default === undefined ? node.doc : `${node.doc} Default: ${node.default}.`,
    ]);
  return table(["field", "type", "meaning"], rows);
}

interface Field {
  readonly path: string;
  readonly node: SchemaNode;
}

/** The fields below a node, at every depth. */
function* fieldsOf(node: SchemaNode, path: string): Generator<Field> {
  switch (node.type) {
    case "object":
      for (const [name, field] of Object.entries(node.fields)) {
        const below = path === "" ? name : `${path}.${name}`;
        yield { path: below, node: field };
        yield* fieldsOf(field, below);
      }
      return;
    case "list":
      yield* fieldsOf(node.items, `${path}[]`);
      return;
    case "map":
      yield* fieldsOf(node.values, `${path}.<name>`);
      return;
    case "anyOf":
      for (const option of node.options) yield* fieldsOf(option, path);
      return;
    case "variants":
      for (const [name, option] of Object.entries(node.cases)) {
        for (const field of fieldsOf(option, `${path}(${name})`)) if (field.path.includes(").")) yield field;
      }
      return;
    case "text":
    case "number":
    case "boolean":
    case "json":
      return;
  }
}

function typeOf(node: SchemaNode): string {
  switch (node.type) {
    case "text":
      return node.oneOf === undefined ? "string" : node.oneOf.map(code).join(", ");
    case "number":
      return node.fractions ? "number" : "whole number";
    case "boolean":
      return node.only === undefined ? "true or false" : code(String(node.only));
    case "list":
      return `list of ${typeOf(node.items)}`;
    case "map":
      return `mapping of ${typeOf(node.values)}`;
    case "object":
      return "mapping";
    case "anyOf":
      return node.options.map(typeOf).join(" or ");
    case "variants":
      return `one of ${Object.keys(node.cases).map(code).join(", ")}`;
    case "json":
      return "any JSON";
  }
}
