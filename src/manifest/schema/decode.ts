import { didYouMean } from "../../suggest.js";
import { count } from "../../values/text.js";
import type { Violation } from "../findings/findings.js";
import type { Place } from "../findings/place.js";
import { quote } from "../findings/quote.js";
import { got, isNull, pointAt, TEXT, unquoteTyped, wrongType } from "./found.js";
import { tokenViolation } from "./rules.js";
import { jsonNumber, scalarValue } from "../yaml/scalar.js";
import type { AnyOfNode, BooleanNode, NumberNode, ListNode, MapNode, ObjectNode, Schema, SchemaNode, TextNode, VariantsNode } from "./schema.js";
import { type Mapping, type Scalar, textOf, type Tree } from "../yaml/tree.js";
import type { JsonValue } from "../../values/json.js";

/**
 * Turns a tree into the value that its schema describes, as strictly and as leniently as protobuf's JSON reader: both
 * spellings of a field but not at once, `"300"` and `300.0` for 300, null for a field that is not set, nothing unknown.
 * Every problem is reported at its place; the value is complete only when there was none.
 */
export function decode<T>(schema: Schema<T>, tree: Tree, place: Place, label: string): T | undefined {
  return decodeNode(schema, tree, place, label) as T | undefined;
}

function decodeNode(schema: SchemaNode, tree: Tree, place: Place, label: string): unknown {
  switch (schema.type) {
    case "text":
      return decodeText(schema, tree, place, label);
    case "number":
      return decodeNumber(schema, tree, place, label);
    case "boolean":
      return decodeBoolean(schema, tree, place, label);
    case "list":
      return decodeList(schema, tree, place, label);
    case "map":
      return decodeMap(schema, tree, place, label);
    case "object":
      return decodeObject(schema, tree, place, label);
    case "variants":
      return decodeVariants(schema, tree, place, label);
    case "anyOf":
      return decodeAnyOf(schema, tree, place, label);
    case "json":
      return decodeJson(tree, place, label);
  }
}

function decodeText(schema: TextNode, tree: Tree, place: Place, label: string): string | undefined {
  if (tree.type !== "scalar") {
    wrongType(TEXT, tree, place, label);
    return;
  }
  const value = scalarValue(tree);
  if (value.type !== "text") {
    wrongType(TEXT, tree, place, label);
    return;
  }
  const { oneOf, rule } = schema;
  if (oneOf !== undefined && !oneOf.includes(value.value)) {
    const choice =
      oneOf.length === 1 ? `'${oneOf[0] ?? ""}'` : `one of ${oneOf.map((known) => `'${known}'`).join(", ")}`;
    const near = place.context.confidential || oneOf.length === 1 ? "" : didYouMean(value.value, oneOf);
    const message = `${label} must be ${choice}${got(tree, place)}${near}`;
    place.report({ code: schema.code ?? "INVALID_VALUE", message });
    return undefined;
  }
  const violation = tokenViolation(value.value, label) ?? rule?.(value.value, label);
  report(violation, place);
  return value.value;
}

function decodeNumber(schema: NumberNode, tree: Tree, place: Place, label: string): number | undefined {
  const value = tree.type === "scalar" ? numberOf(tree) : undefined;
  const fits = value !== undefined && (schema.fractions ? Number.isFinite(value) : Number.isInteger(value));
  if (!fits) {
    wrongType(schema.fractions ? "a number" : "a whole number", tree, place, label);
    return;
  }
  const violation = schema.rule?.(value, label);
  report(violation, place);
  return value;
}

function numberOf(tree: Scalar): number | undefined {
  if (tree.style !== "plain") return jsonNumber(tree.text);
  const value = scalarValue(tree);
  return value.type === "number" ? value.value : undefined;
}

function decodeBoolean({ only }: BooleanNode, tree: Tree, place: Place, label: string): boolean | undefined {
  const value = tree.type === "scalar" ? scalarValue(unquoteTyped(tree)) : undefined;
  if (value?.type !== "boolean") {
    wrongType("true or false", tree, place, label);
    return;
  }
  if (only !== undefined && value.value !== only) {
    place.report({ code: "INVALID_VALUE", message: `${label} can be ${only} here, not ${value.value}` });
  }
  return value.value;
}

function decodeList(schema: ListNode, tree: Tree, place: Place, label: string): readonly unknown[] | undefined {
  if (tree.type !== "sequence") {
    wrongType("a list", tree, place, label);
    return;
  }
  const { minItems = 0, items } = schema;
  if (tree.items.length < minItems) {
    place.report({
      code: "MISSING_FIELD",
      message: `${label} must have at least ${count(minItems, "item")}`,
    });
  }
  return tree.items.map((item, index) => decodeMember(items, item, place.child(index, item), `${label}[${index}]`));
}

function decodeMap(schema: MapNode, tree: Tree, place: Place, label: string): Record<string, unknown> | undefined {
  if (tree.type !== "mapping") {
    wrongType("a mapping", tree, place, label);
    return;
  }
  if (tree.entries.size < (schema.minEntries ?? 0)) {
    place.report({ code: "MISSING_FIELD", message: `${label} must not be empty` });
  }
  const values: [string, unknown][] = [];
  for (const [key, entry] of tree.entries) {
    const violation = tokenViolation(key, "a key") ?? schema.keys?.(key);
    report(violation, place.child(key, entry.key));
    const value = decodeMember(schema.values, entry.value, place.child(key, pointAt(entry)), `${label}.${key}`);
    values.push([key, value]);
  }
  return Object.fromEntries(values);
}

/** An item of a list or a mapping must be there: null unsets fields only. A mapping of objects may leave them empty. */
function decodeMember(schema: SchemaNode, tree: Tree, place: Place, label: string): unknown {
  if (!isNull(tree)) return decodeNode(schema, tree, place, label);
  if (schema.type === "json") return null;
  if (mayBeEmpty(schema)) return {};
  place.report({ code: "WRONG_TYPE", message: `${label} must not be empty` });
  return undefined;
}

function mayBeEmpty(schema: SchemaNode): boolean {
  if (schema.type === "anyOf") return schema.options.some(mayBeEmpty);
  return schema.type === "object" && Object.values(schema.fields).every((field) => field.required !== true);
}

function decodeObject(
  schema: ObjectNode,
  tree: Tree,
  place: Place,
  label: string,
): Record<string, unknown> | undefined {
  if (tree.type !== "mapping") {
    wrongType("a mapping", tree, place, label);
    return;
  }
  const value: Record<string, unknown> = {};
  const given = new Map<string, string>();

  for (const [name, entry] of tree.entries) {
    const field = schema.names.get(name);
    const fieldSchema = field === undefined ? undefined : schema.fields[field];
    if (field === undefined || fieldSchema === undefined) {
      reportUnknown(schema, name, place.child(name, entry.key));
      continue;
    }
    const other = given.get(field);
    if (other !== undefined) {
      const message = `${field} is set twice, as '${other}' and as '${name}'`;
      place.child(name, entry.key).report({ code: "DOUBLED_FIELD", message });
      continue;
    }
    given.set(field, name);
    if (isNull(entry.value)) continue;
    const decoded = decodeNode(fieldSchema, entry.value, place.child(name, pointAt(entry)), field);
    if (decoded !== undefined) value[field] = decoded;
  }
  reportMissing(schema, tree, given, place, label);
  return value;
}

function reportUnknown({ names, unsupported, fields }: ObjectNode, name: string, place: Place): void {
  const wayOut = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
  if (wayOut !== undefined) {
    place.report({ code: "UNSUPPORTED_FIELD", message: `the field ${quote(name)} is not supported: ${wayOut}` });
    return;
  }
  const near = didYouMean(name, names.keys());
  const known = near === "" ? `, known are ${Object.keys(fields).join(", ")}` : near;
  place.report({ code: "UNKNOWN_FIELD", message: `there is no field ${quote(name)} here${known}` });
}

function reportMissing(
  { fields }: ObjectNode,
  tree: Mapping,
  given: ReadonlyMap<string, string>,
  place: Place,
  label: string,
): void {
  for (const [field, { required = false }] of Object.entries(fields)) {
    if (!required) continue;
    const name = given.get(field);
    const entry = name === undefined ? undefined : tree.entries.get(name);
    if (entry !== undefined && !isNull(entry.value)) continue;
    const where = label === "" ? "" : ` in ${label}`;
    const at = entry === undefined || name === undefined ? place : place.child(name, entry.key);
    at.report({ code: "MISSING_FIELD", message: `${field} is required${where}` });
  }
}

function decodeVariants({ on, cases }: VariantsNode, tree: Tree, place: Place, label: string): unknown {
  if (tree.type !== "mapping") {
    wrongType("a mapping", tree, place, label);
    return;
  }
  const entry = tree.entries.get(on);
  const name = textOf(tree, on);
  if (entry === undefined || name === undefined) {
    place.report({ code: "MISSING_FIELD", message: `${on} is required in ${label}` });
    return undefined;
  }
  const schema = Object.hasOwn(cases, name) ? cases[name] : undefined;
  if (schema !== undefined) return decodeObject(schema, tree, place, label);
  const known = Object.keys(cases);
  const near = didYouMean(name, known) || `, known are ${known.join(", ")}`;
  const message = `there is no ${on} ${quote(name)}${near}`;
  place.child(on, pointAt(entry)).report({ code: "INVALID_VALUE", message });
  return undefined;
}

function decodeAnyOf({ options, doc }: AnyOfNode, tree: Tree, place: Place, label: string): unknown {
  const option = options.find((candidate) => fits(candidate, tree));
  if (option !== undefined) return decodeNode(option, tree, place, label);
  wrongType(doc.charAt(0).toLowerCase() + doc.slice(1).replace(/\.$/, ""), tree, place, label);
  return undefined;
}

function fits(schema: SchemaNode, tree: Tree): boolean {
  if (schema.type === "list") return tree.type === "sequence";
  if (schema.type === "object" || schema.type === "map" || schema.type === "variants") return tree.type === "mapping";
  if (tree.type !== "scalar") return schema.type === "json";
  const value = scalarValue(unquoteTyped(tree));
  if (schema.type === "boolean") return value.type === "boolean";
  return schema.type === "number" ? value.type === "number" : true;
}

function decodeJson(tree: Tree, place: Place, label: string): JsonValue | undefined {
  if (tree.type === "sequence") {
    return tree.items.map((item, index) => decodeJson(item, place.child(index, item), `${label}[${index}]`) ?? null);
  }
  if (tree.type === "mapping") {
    for (const [key, entry] of tree.entries) report(tokenViolation(key, "a key"), place.child(key, entry.key));
    const values = [...tree.entries].map(([key, entry]): [string, JsonValue] => [
      key,
      decodeJson(entry.value, place.child(key, pointAt(entry)), `${label}.${key}`) ?? null,
    ]);
    return Object.fromEntries(values);
  }
  const value = scalarValue(tree);
  if (value.type === "null") return null;
  if (value.type === "text") report(tokenViolation(value.value, label), place);
  if (value.type !== "number" || Number.isFinite(value.value)) return value.value;
  wrongType("a value that JSON can hold", tree, place, label);
}

function report(violation: Violation | undefined, place: Place): void {
  if (violation !== undefined) place.report(violation);
}
