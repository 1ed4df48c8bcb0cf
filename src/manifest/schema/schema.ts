import type { ManifestCode } from "../findings/codes.js";
import type { JsonValue } from "../../values/json.js";
import type { Violation } from "../findings/findings.js";

/**
 * What a document may say, as data. One definition gives the decoder its rules, TypeScript its types
 * ({@link Infer}) and editors their JSON schema.
 */
export type Schema<T = unknown> = SchemaNode & Typed<T>;

export type SchemaNode =
  TextNode | NumberNode | BooleanNode | ListNode | MapNode | ObjectNode | VariantsNode | AnyOfNode | JsonNode;

/** Carries the type that decoding gives; there is never a value behind it. */
export interface Typed<out T> {
  readonly decodesTo?: T;
}

interface Documented {
  /** One or two sentences, shown by editors and in docs/manifest.md. */
  readonly doc: string;
  /** What applies when the field is left out. */
  readonly default?: string;
  readonly required?: boolean;
}

export interface TextNode extends Documented {
  readonly type: "text";
  readonly rule?: (text: string, label: string) => Violation | undefined;
  readonly oneOf?: readonly string[];
  /** The code for a value that is not one of those. */
  readonly code?: ManifestCode;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** For editors only: the rule says it in words. */
  readonly pattern?: string;
}

export interface NumberNode extends Documented {
  readonly type: "number";
  /** Whether fractions are allowed. */
  readonly fractions: boolean;
  readonly rule?: (value: number, label: string) => Violation | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanNode extends Documented {
  readonly type: "boolean";
  /** The only one of the two that is allowed. */
  readonly only?: boolean;
}

export interface ListNode extends Documented {
  readonly type: "list";
  readonly items: SchemaNode;
  readonly minItems?: number;
}

export interface MapNode extends Documented {
  readonly type: "map";
  readonly values: SchemaNode;
  readonly keys?: (key: string) => Violation | undefined;
  readonly minEntries?: number;
}

export interface ObjectNode extends Documented {
  readonly type: "object";
  readonly fields: Readonly<Record<string, SchemaNode>>;
  /** The field behind each name that a document may use. */
  readonly names: ReadonlyMap<string, string>;
  /** Fields that other tools know and this package does not, with the way out. */
  readonly unsupported: Readonly<Record<string, string>>;
}

/** An object whose shape depends on the string in one of its fields. */
export interface VariantsNode extends Documented {
  readonly type: "variants";
  readonly on: string;
  readonly cases: Readonly<Record<string, ObjectNode>>;
}

/** One of several shapes, told apart by what kind of YAML value stands there. */
export interface AnyOfNode extends Documented {
  readonly type: "anyOf";
  readonly options: readonly SchemaNode[];
}

/** Any value that JSON can hold. */
export interface JsonNode extends Documented {
  readonly type: "json";
}

/** The type that a schema decodes to. */
export type Infer<S> = S extends Typed<infer T> ? T : never;

type Fields = Readonly<Record<string, Schema>>;
type RequiredOf<F> = { [K in keyof F]: F[K] extends { readonly required: true } ? K : never }[keyof F];
type ObjectOf<F> = { readonly [K in RequiredOf<F>]: Infer<F[K]> } & {
  readonly [K in Exclude<keyof F, RequiredOf<F>>]?: Infer<F[K]>;
};

type Options<N extends SchemaNode, Own extends string> = Omit<N, "type" | "doc" | "required" | Own>;

export function text(doc: string, options: Options<TextNode, "oneOf"> = {}): TextNode & Typed<string> {
  return { type: "text", doc, ...options };
}

export function oneOf<const T extends string>(
  values: readonly T[],
  doc: string,
  options: Options<TextNode, "oneOf"> = {},
): TextNode & Typed<T> {
  return { type: "text", doc, oneOf: values, ...options };
}

export function integer(doc: string, options: Options<NumberNode, "fractions"> = {}): NumberNode & Typed<number> {
  return { type: "number", fractions: false, doc, ...options };
}

export function number(doc: string, options: Options<NumberNode, "fractions"> = {}): NumberNode & Typed<number> {
  return { type: "number", fractions: true, doc, ...options };
}

export function boolean(doc: string, options: Options<BooleanNode, "only"> = {}): BooleanNode & Typed<boolean> {
  return { type: "boolean", doc, ...options };
}

/** A value that can be left out by `false`, but not by `true`. */
export function leftOut(doc: string): BooleanNode & Typed<false> {
  return { type: "boolean", doc, only: false };
}

export function list<S extends Schema>(
  items: S,
  doc: string,
  options: Options<ListNode, "items"> = {},
): ListNode & Typed<readonly Infer<S>[]> {
  return { type: "list", doc, items, ...options };
}

export function map<S extends Schema>(
  values: S,
  doc: string,
  options: Options<MapNode, "values"> = {},
): MapNode & Typed<Readonly<Record<string, Infer<S>>>> {
  return { type: "map", doc, values, ...options };
}

interface ObjectOptions {
  readonly default?: string;
  readonly unsupported?: Readonly<Record<string, string>>;
  /**
   * Which spellings of a field are read: `ttlSeconds` and `ttl_seconds`, or the first only.
   *
   * @default "both"
   */
  readonly spelling?: "both" | "camel";
}

export function object<F extends Fields>(
  fields: F,
  doc: string,
  { spelling = "both", unsupported = {}, ...options }: ObjectOptions = {},
): ObjectNode & Typed<ObjectOf<F>> {
  const names = new Map<string, string>();
  for (const name of Object.keys(fields)) {
    names.set(name, name);
    if (spelling === "both") names.set(snakeCase(name), name);
  }
  return { type: "object", doc, fields, names, unsupported, ...options };
}

/** An object whose fields have one spelling only, that of TypeScript's props. */
export function camelObject<F extends Fields>(
  fields: F,
  doc: string,
  options: Omit<ObjectOptions, "spelling"> = {},
): ObjectNode & Typed<ObjectOf<F>> {
  return object(fields, doc, { ...options, spelling: "camel" });
}

export function variants<C extends Readonly<Record<string, ObjectNode & Typed<unknown>>>>(
  on: string,
  cases: C,
  doc: string,
): VariantsNode & Typed<Infer<C[keyof C]>> {
  return { type: "variants", doc, on, cases };
}

export function anyOf<const S extends readonly Schema[]>(options: S, doc: string): AnyOfNode & Typed<Infer<S[number]>> {
  return { type: "anyOf", doc, options };
}

export function json(doc: string): JsonNode & Typed<JsonValue> {
  return { type: "json", doc };
}

export function required<S extends Schema>(schema: S): S & { readonly required: true } {
  return { ...schema, required: true };
}

/** `ttlSeconds` as protobuf spells it: `ttl_seconds`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
