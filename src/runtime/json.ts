import { KvError } from "./errors.js";
import { isPlain } from "./merge.js";

/** A JSON text of the value. Throws `INVALID_VALUE` for anything that would come back different. */
export function encodeJson(value: unknown, key?: string): string {
  try {
    if (value === undefined) refuse("undefined");
    return JSON.stringify(value, carried);
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw unfit("a circular structure or a BigInt", key);
    throw unfit(cause.message, key);
  }
}

class Unfit extends Error {}

function refuse(what: string): never {
  throw new Unfit(what);
}

function unfit(what: string, key: string | undefined): KvError {
  return new KvError("INVALID_VALUE", "put", `value must be plain JSON data, got ${what}`, { key });
}

/** Lets through what JSON carries. A field that is undefined is left out, and `toJSON` has been called by now. */
function carried(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) refuse(String(value));
  if (typeof value === "function" || typeof value === "symbol") refuse(`a ${typeof value}`);
  if (value === undefined && Array.isArray(this)) refuse("undefined in an array");
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isPlain(value)) {
    refuse(`an object of class ${value.constructor.name}`);
  }
  return value;
}
