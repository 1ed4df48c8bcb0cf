import { isObject, type JsonObject } from "../values/json.js";

/** The value as an object; an empty one for anything else. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value as a list. Terraform's JSON accepts one block for a list of one. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return value === undefined || value === null ? [] : [value];
}

/** The value as a string, converted like Terraform does; undefined for objects, lists and null. */
export function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** The value as a boolean, converted like Terraform does. */
export function asFlag(value: unknown): boolean {
  return value === true || value === "true";
}

/** `{ [name]: value }`, or nothing when there is no value: for optional properties. */
export function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, T>>);
}

/** A number, also one that is written as text, as Terraform takes both. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  const number = Number(value);
  return value === "" || Number.isNaN(number) ? undefined : number;
}
