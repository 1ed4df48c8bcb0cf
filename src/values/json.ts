/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A JSON object of which nothing is known yet. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object, as JSON has them: neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON text with every number written in full: JavaScript writes `1e+21` and `1e-7`, which Terraform takes for a
 * different string from the one it reads back.
 */
export function plainJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replace(STRING_OR_EXPONENT, (part) => (part.startsWith('"') ? part : inFull(part)));
}

const STRING_OR_EXPONENT = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e[+-]\d+/g;

/** `1.5e+21` as `1500000000000000000000`, `1e-7` as `0.0000001`. */
function inFull(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(number) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}
