import { Token } from "cdktf";
import { didYouMean } from "../suggest.js";
import { isObject } from "../values/json.js";

/** What is wrong with the shape of props. */
export interface FormProblems {
  /** Values of the wrong type: the rules cannot be asked about them. */
  readonly wrong: string[];
  /** Unknown fields. */
  readonly unknown: string[];
}

/** Finds what the types forbid but JavaScript and YAML allow. */
export type Shape = (value: unknown, where: string, found: FormProblems) => void;

/** A shape for each field of `Props`, no more and no less. */
export type ShapesOf<Props> = Record<keyof Props, Shape>;

/** Every problem of props: of their shape, and if that is right, of the rules. */
export function problemsOf(
  props: unknown,
  shape: Shape,
  where: string,
  rules: () => readonly (string | undefined)[],
): (string | undefined)[] {
  const found: FormProblems = { wrong: [], unknown: [] };
  shape(props, where, found);
  return [...found.wrong, ...found.unknown, ...(found.wrong.length === 0 ? rules() : [])];
}

/** A string, or a reference to one. */
export const text = typed("a string", (value) => typeof value === "string");

/** A number, or a reference to one. */
export const number = typed("a number", (value) => typeof value === "number");

export const boolean = typed("true or false", (value) => typeof value === "boolean");

export const method = typed("a function", (value) => typeof value === "function");

/** A string that decides what is synthesized, so no reference can stand for it. */
export const plainText: Shape = (value, where, found) => {
  text(value, where, found);
  if (typeof value === "string" && Token.isUnresolved(value)) found.wrong.push(unknownYet(where));
};

/** A number that decides what is synthesized, so no reference can stand for it. */
export const plainNumber: Shape = (value, where, found) => {
  number(value, where, found);
  if (typeof value === "number" && Token.isUnresolved(value)) found.wrong.push(unknownYet(where));
};

/** Anything that JSON can hold, or a reference to it. */
export const json: Shape = (value, where, found) => {
  if (!Token.isUnresolved(value) && !isJson(value, [])) {
    found.wrong.push(`${where} must be a JSON value, got ${typeName(value)}`);
  }
};

/** A value that a test accepts. */
export function typed(name: string, test: (value: unknown) => boolean): Shape {
  return (value, where, found) => {
    if (!test(value)) found.wrong.push(`${where} must be ${name}, got ${typeName(value)}`);
  };
}

/** One of a few strings. */
export function oneOf(...choices: readonly string[]): Shape {
  const names = choices.map((choice) => `'${choice}'`).join(" or ");
  return (value, where, found) => {
    if (choices.some((choice) => choice === value) || Token.isUnresolved(value)) return;
    found.wrong.push(`${where} must be ${names}, got ${typeof value === "string" ? `'${value}'` : typeName(value)}`);
  };
}

/** A list's member that messages name by one of its fields rather than by its index. */
export function namedBy(field: string, kind: string, shape: Shape): Shape {
  return (value, where, found) => {
    const name = isObject(value) ? value[field] : undefined;
    shape(value, typeof name === "string" ? `${kind} '${name}'` : where, found);
  };
}

/** A value that one of several shapes accepts. Unknown fields are those of the first that does. */
export function either(name: string, ...shapes: readonly Shape[]): Shape {
  return (value, where, found) => {
    for (const shape of shapes) {
      const own: FormProblems = { wrong: [], unknown: [] };
      shape(value, where, own);
      if (own.wrong.length > 0) continue;
      found.unknown.push(...own.unknown);
      return;
    }
    found.wrong.push(`${where} must be ${name}, got ${typeName(value)}`);
  };
}

export function listOf(item: Shape): Shape {
  return (value, where, found) => {
    if (!Array.isArray(value)) found.wrong.push(`${where} must be a list, got ${typeName(value)}`);
    else value.forEach((member: unknown, index) => item(member, `${where}[${index}]`, found));
  };
}

/** An object with arbitrary names. Messages name a member by `kind`, or else by the map's path, and by its own name. */
export function mapOf(member: Shape, kind?: string): Shape {
  return (value, where, found) => {
    if (!isObject(value)) found.wrong.push(`${where} must be an object, got ${typeName(value)}`);
    else for (const [name, one] of Object.entries(value)) member(one, `${kind ?? where} '${name}'`, found);
  };
}

/** A value that `false` may replace. */
export function orFalse(shape: Shape): Shape {
  return (value, where, found) => {
    if (value !== false) shape(value, where, found);
  };
}

/** A field that must be there; all others may be left out, or be undefined. */
export function required(shape: Shape): Shape & { readonly isRequired: true } {
  const check: Shape = (value, where, found) => shape(value, where, found);
  return Object.assign(check, { isRequired: true } as const);
}

/** An object of known fields. Messages name the fields of the props themselves without a path. */
export function fieldsOf(fields: Readonly<Record<string, Shape>>, isNested = true): Shape {
  const known = Object.keys(fields);
  return (value, where, found) => {
    if (!isObject(value)) {
      found.wrong.push(`${where} must be an object, got ${typeName(value)}`);
      return;
    }
    for (const [name, shape] of Object.entries(fields)) {
      const path = isNested ? `${where}: ${name}` : name;
      if (value[name] !== undefined) shape(value[name], path, found);
      else if ("isRequired" in shape) found.wrong.push(`${path} is required`);
    }
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) found.unknown.push(`${where} has no field '${name}'${didYouMean(name, known)}`);
    }
  };
}

function unknownYet(where: string): string {
  return `${where} must be known when synthesizing, got a reference that is resolved only on apply`;
}

function isJson(value: unknown, around: readonly unknown[]): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Token.isUnresolved(value))
    return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || around.includes(value)) return false;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return (
    (Array.isArray(value) || isPlain(value)) &&
    members.every((member) => member === undefined || isJson(member, [...around, value]))
  );
}

/** Neither a date nor any other instance, which JSON would change into something else. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Not the value itself, which may be a secret in the wrong place. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a string" : `a ${typeof value}`;
}
