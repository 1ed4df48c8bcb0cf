import { KvError } from "./errors.js";
import { copyOf, isPlain } from "./merge.js";

/** A JSON text of the value. Throws `INVALID_VALUE` for anything that would come back different. */
export function encodeJson(value: unknown, key?: string): string {
  let problem = value === undefined ? "undefined" : undefined;
  try {
    const text = JSON.stringify(value, function (this: unknown, _key, part: unknown) {
      problem ??= problemOf(part, this);
      return part;
    });
    if (problem === undefined) return text;
  } catch {
    problem ??= "a circular structure or a BigInt";
  }
  throw new KvError("INVALID_VALUE", "put", `value must be plain JSON data, got ${problem}`, { key });
}

/** The value as it is now, for a call that reads before it writes. Throws `INVALID_VALUE` as {@link encodeJson} does. */
export function ownCopy<T>(value: T): T {
  if (typeof value !== "function") encodeJson({ value });
  return copyOf(value);
}

/** What JSON does not carry. A field that is undefined is left out, and `toJSON` has been called by now. */
function problemOf(value: unknown, parent: unknown): string | undefined {
  const type = typeof value;
  if (type === "number" && !Number.isFinite(value)) return String(value);
  if (type === "function" || type === "symbol") return `a ${type}`;
  if (value === undefined && Array.isArray(parent)) return "undefined in an array";
  if (type !== "object" || value === null || Array.isArray(value) || isPlain(value)) return undefined;
  return `an object of class ${(value as object).constructor.name}`;
}
