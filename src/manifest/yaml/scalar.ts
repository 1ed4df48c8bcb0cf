import type { Scalar } from "./tree.js";

/** What a scalar stands for. */
export type ScalarValue =
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "text"; readonly value: string };

const NULL = new Set(["", "~", "null", "Null", "NULL"]);
const TRUE = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);
const FALSE = new Set(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]);
const INTEGER = /^([-+]?)(0x[0-9a-fA-F]+|0b[01]+|0o[0-7]+|0[0-7]+|[0-9]+)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const SPECIAL_FLOAT = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/;
const JSON_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

/**
 * Reads a scalar as Kubernetes' tools do (and Planton with them), which is YAML 1.1 for booleans and numbers:
 * `yes` and `on` are true, `010` is eight, `1_000` a thousand. Dates stay text.
 */
export function scalarValue({ text, style }: Scalar): ScalarValue {
  if (style !== "plain") return { type: "text", value: text };
  if (NULL.has(text)) return { type: "null" };
  if (TRUE.has(text)) return { type: "boolean", value: true };
  if (FALSE.has(text)) return { type: "boolean", value: false };
  const value = plainNumber(text);
  return value === undefined ? { type: "text", value: text } : { type: "number", value };
}

/** The number that a string holds in JSON notation, as in `"300"`; undefined if it holds none. */
export function jsonNumber(text: string): number | undefined {
  return JSON_NUMBER.test(text) ? Number(text) : undefined;
}

function plainNumber(text: string): number | undefined {
  // The first character settles almost every scalar of a manifest: most are words.
  if (!/^[-+.0-9]/.test(text)) return undefined;
  const digits = text.replaceAll("_", "");
  const integer = INTEGER.exec(digits);
  if (integer?.[2] !== undefined) {
    const value = wholeNumber(integer[2]);
    return integer[1] === "-" ? -value : value;
  }
  if (FLOAT.test(digits)) return Number(digits);
  if (SPECIAL_FLOAT.test(digits))
    return digits.toLowerCase().endsWith("nan") ? NaN : digits.startsWith("-") ? -Infinity : Infinity;
  return undefined;
}

function wholeNumber(digits: string): number {
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  return Number(digits);
}
