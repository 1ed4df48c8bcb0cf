import type { JsonValue } from "../../values/json.js";

/** A value as it will be written into a file, in TypeScript or YAML, with comments. */
export type Written = WrittenScalar | WrittenList | WrittenObject | WrittenCall;

export interface WrittenScalar {
  readonly type: "scalar";
  readonly value: string | number | boolean | null;
}

export interface WrittenList {
  readonly type: "list";
  readonly items: readonly Written[];
}

export interface WrittenObject {
  readonly type: "object";
  readonly fields: readonly WrittenField[];
  /** Comments after the fields. */
  readonly comments: readonly string[];
}

/** What only TypeScript can call; YAML writes something else for it. */
export interface WrittenCall {
  readonly type: "call";
  readonly callee: string;
  readonly arguments: readonly Written[];
  readonly yaml: Written;
}

export interface WrittenField {
  readonly name: string;
  readonly value: Written;
  /** Comments above the field. */
  readonly comments: readonly string[];
}

export function written(value: JsonValue): Written {
  if (typeof value !== "object" || value === null) return { type: "scalar", value };
  if (isList(value)) return { type: "list", items: value.map(written) };
  return object(Object.entries(value).map(([name, each]) => field(name, written(each))));
}

// Array.isArray does not narrow read-only lists.
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function field(name: string, value: Written, comments: readonly string[] = []): WrittenField {
  return { name, value, comments };
}

export function object(fields: readonly WrittenField[], comments: readonly string[] = []): WrittenObject {
  return { type: "object", fields, comments };
}

/** Whether two fields are the same, comments included. */
export function isSame(a: WrittenField | Written | undefined, b: WrittenField | Written | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A comment and the fields that lead to it. */
export interface PlacedComment {
  readonly path: readonly string[];
  readonly text: string;
}

/** Every comment of a value, in the order of the file. */
export function commentsOf(value: Written, path: readonly string[] = []): PlacedComment[] {
  if (value.type === "list") return value.items.flatMap((item) => commentsOf(item, path));
  if (value.type !== "object") return [];
  return [
    ...value.fields.flatMap(({ name, value: inner, comments }) => [
      ...comments.map((text) => ({ path: [...path, name], text })),
      ...commentsOf(inner, [...path, name]),
    ]),
    ...value.comments.map((text) => ({ path, text })),
  ];
}
