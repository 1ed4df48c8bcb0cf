import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isExpression, referenceProblems } from "./terraform-references.js";

/** The oldest and the newest provider the package supports. */
export const PROVIDER_VERSIONS = ["5.16.0", "5.22.0"] as const;
export type ProviderVersion = (typeof PROVIDER_VERSIONS)[number];

/** A `cdk.tf.json`, as far as it is looked at here. */
export interface StackJson {
  readonly "//"?: Record<string, unknown>;
  readonly resource?: Record<string, Record<string, Json>>;
  readonly data?: Record<string, Record<string, Json>>;
  readonly provider?: Record<string, Json | readonly Json[]>;
  readonly output?: Record<string, Json>;
  readonly variable?: Record<string, Json>;
  readonly terraform?: Json;
  readonly import?: readonly Json[];
}
export type Json = Record<string, unknown>;

type Primitive = "string" | "number" | "bool" | "dynamic";
type AttributeType = Primitive | readonly ["list" | "set" | "map", Primitive];

interface Attribute {
  readonly type?: AttributeType;
  readonly nested_type?: { readonly nesting_mode: "single" | "list" | "set" | "map"; readonly attributes: Attributes };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}
type Attributes = Record<string, Attribute>;
interface Block {
  readonly block: { readonly attributes: Attributes };
}
export interface ProviderSchema {
  readonly provider_config: Block;
  readonly resources: Record<string, Block>;
  readonly data_sources: Record<string, Block>;
}

const RESOURCE_META = ["//", "lifecycle", "depends_on", "provider", "count", "for_each", "connection", "provisioner"];
const PROVIDER_META = ["//", "alias", "version"];
const LIFECYCLE = ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];
const LIFECYCLE_CHECKS = ["precondition", "postcondition"];

const FIXTURES = "test/fixtures/wire/schema";
const loaded = new Map<ProviderVersion, ProviderSchema>();

function providerSchema(version: ProviderVersion): ProviderSchema {
  const known = loaded.get(version);
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(join(FIXTURES, `cloudflare-${version}.json`), "utf8")) as ProviderSchema;
  loaded.set(version, schema);
  return schema;
}

/**
 * What the real provider would refuse in a synthesized stack: one line for each
 * problem, none when it fits. Blocks of other providers are not looked at.
 */
export function schemaProblems(stack: StackJson, version: ProviderVersion): string[] {
  const schema = providerSchema(version);
  return [
    ...blockProblems(stack.resource, schema.resources, ""),
    ...blockProblems(stack.data, schema.data_sources, "data."),
    ...providerProblems(stack, schema),
    ...referenceProblems(stack, schema),
  ];
}

function blockProblems(blocks: StackJson["resource"], schemas: Record<string, Block>, prefix: string): string[] {
  return Object.entries(blocks ?? {})
    .filter(([type]) => type.startsWith("cloudflare_"))
    .flatMap(([type, byId]) =>
      Object.entries(byId).flatMap(([id, body]) => {
        const address = `${prefix}${type}.${id}`;
        const schema = schemas[type];
        if (schema === undefined)
          return [`${address}: the provider has no such ${prefix === "" ? "resource" : "data source"}`];
        return [
          ...lifecycleProblems(body.lifecycle, address),
          ...objectProblems(body, schema.block.attributes, address, "", RESOURCE_META),
        ];
      }),
    );
}

function lifecycleProblems(lifecycle: unknown, address: string): string[] {
  if (lifecycle === undefined) return [];
  if (!isObject(lifecycle)) return [`${address}: lifecycle must be an object`];
  return Object.keys(lifecycle)
    .filter((name) => ![...LIFECYCLE, ...LIFECYCLE_CHECKS].includes(name))
    .map((name) => `${address}: lifecycle.${name} does not exist`);
}

function providerProblems(stack: StackJson, { provider_config }: ProviderSchema): string[] {
  const configured = stack.provider?.cloudflare ?? [];
  const blocks = Array.isArray(configured) ? (configured as Json[]) : [configured as Json];
  return blocks.flatMap((block) =>
    objectProblems(block, provider_config.block.attributes, "provider.cloudflare", "", PROVIDER_META),
  );
}

function objectProblems(
  value: Json,
  attributes: Attributes,
  address: string,
  path: string,
  meta: string[] = [],
): string[] {
  const given = Object.entries(value).filter(([name]) => !meta.includes(name));
  const missing = Object.entries(attributes)
    .filter(([name, { required = false }]) => required && value[name] == null)
    .map(([name]) => `${address}: ${path}${name} is required`);
  const wrong = given.flatMap(([name, member]) => {
    const at = `${address}: ${path}${name}`;
    // By own name only: `constructor` is no attribute.
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (attribute === undefined) return [`${at} does not exist`];
    if (member == null) return [];
    if (attribute.required !== true && attribute.optional !== true) return [`${at} is computed, it cannot be set`];
    return attributeProblems(member, attribute, address, `${path}${name}`);
  });
  return [...missing, ...wrong];
}

function attributeProblems(value: unknown, attribute: Attribute, address: string, path: string): string[] {
  if (isExpression(value)) return [];
  const { nested_type: nested, type = "dynamic" } = attribute;
  if (nested === undefined) return typeProblems(value, type, address, path);
  const member = (body: unknown, at: string) => {
    if (isExpression(body)) return [];
    if (!isObject(body)) return [`${address}: ${at} must be an object, got ${JSON.stringify(body)}`];
    return objectProblems(body, nested.attributes, address, `${at}.`);
  };
  if (nested.nesting_mode === "single") return member(value, path);
  return collectionProblems(value, nested.nesting_mode, address, path, member);
}

function typeProblems(value: unknown, type: AttributeType, address: string, path: string): string[] {
  if (typeof type !== "string") {
    const [kind, element] = type;
    return collectionProblems(value, kind, address, path, (item, at) => typeProblems(item, element, address, at));
  }
  if (isExpression(value) || converts(value, type)) return [];
  return [`${address}: ${path} must be a ${type}, got ${JSON.stringify(value)}`];
}

function collectionProblems(
  value: unknown,
  kind: "list" | "set" | "map",
  address: string,
  path: string,
  memberProblems: (member: unknown, path: string) => string[],
): string[] {
  if (kind === "map") {
    if (!isObject(value)) return [`${address}: ${path} must be a map, got ${JSON.stringify(value)}`];
    return Object.entries(value).flatMap(([key, member]) => memberProblems(member, `${path}[${JSON.stringify(key)}]`));
  }
  if (!Array.isArray(value)) return [`${address}: ${path} must be a ${kind}, got ${JSON.stringify(value)}`];
  return value.flatMap((member, index) => memberProblems(member, `${path}[${index}]`));
}

/** Terraform's own conversions: any primitive is a string, and a string that reads like a number or a truth is one. */
function converts(value: unknown, type: Primitive): boolean {
  switch (type) {
    case "dynamic":
      return true;
    case "string":
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    case "number":
      return (
        typeof value === "number" || (typeof value === "string" && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value))
      );
    case "bool":
      return typeof value === "boolean" || ["true", "false", "1", "0"].includes(value as string);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
