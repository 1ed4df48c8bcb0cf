import * as KV_LIMITS from "../kv/limits.js";
import { keyProblem, metadataProblem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { ENTRY_FIELDS } from "./item.js";

/** A key with its value, metadata and expiration, as in a file of entries and in KV. */
export interface Entry {
  readonly key: string;
  /** Text, or base64 of the bytes when {@link base64} is true. */
  readonly value: string;
  readonly base64?: boolean;
  /** Seconds since 1970 at which the key expires. */
  readonly expiration?: number;
  /** Seconds from the write until the key expires. */
  readonly expirationTtl?: number;
  /** Any JSON value. */
  readonly metadata?: unknown;
}

/** The bytes that KV stores for an entry. */
export function entryBytes(entry: Entry): Uint8Array {
  return Buffer.from(entry.value, entry.base64 === true ? "base64" : "utf8");
}

/**
 * Reads one item of a file. Returns the entry, or everything that is wrong with it.
 *
 * @param now - seconds since 1970; an `expiration` must lie at least 60 seconds after it
 * @param jsonValues - stores a value that is not a string as JSON
 */
export function parseEntry(item: unknown, now: number, jsonValues = false): Entry | readonly string[] {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return [`an entry must be an object with key and value, got ${kindOf(item)}`];
  }
  const { key, base64, expiration, expiration_ttl: expirationTtl, metadata } = item as Record<string, unknown>;
  let { value } = item as Record<string, unknown>;
  if (jsonValues && value !== undefined && typeof value !== "string") value = jsonText(value);
  const problems = [
    ...unknownFields(item),
    keyFieldProblem(key),
    base64 === undefined || typeof base64 === "boolean"
      ? undefined
      : `base64 must be true or false, got ${kindOf(base64)}`,
    valueProblem(value, base64 === true),
    expirationProblem(expiration, now),
    expirationTtlProblem(expirationTtl),
    expiration != null && expirationTtl != null ? "set either expiration or expiration_ttl, not both" : undefined,
    metadata == null ? undefined : metadataFieldProblem(metadata),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) return problems;

  // The checks above leave only these types.
  const entry: { -readonly [Field in keyof Entry]: Entry[Field] } = { key: key as string, value: value as string };
  if (base64 === true) entry.base64 = true;
  if (expiration != null) entry.expiration = expiration as number;
  if (expirationTtl != null) entry.expirationTtl = expirationTtl as number;
  if (metadata != null) entry.metadata = metadata;
  return entry;
}

/** The kind of a value, for a message that must not show the value itself. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A key or a name for a message: without control characters, and shortened. */
export function quoted(text: string): string {
  const safe = text.replace(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return safe.length <= MAX_QUOTED ? `'${safe}'` : `'${safe.slice(0, MAX_QUOTED)}…'`;
}

const MAX_QUOTED = 120;

const FIELDS: ReadonlySet<string> = new Set(ENTRY_FIELDS);

function unknownFields(item: object): string[] {
  const problems: string[] = [];
  for (const field of Object.keys(item)) {
    if (!FIELDS.has(field)) problems.push(`unknown field ${quoted(field)}: an entry has ${ENTRY_FIELDS.join(", ")}`);
  }
  return problems;
}

function keyFieldProblem(key: unknown): string | undefined {
  return typeof key === "string" ? keyProblem(key) : `key must be a string, got ${kindOf(key)}`;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

function valueProblem(value: unknown, base64: boolean): string | undefined {
  if (value === TOO_DEEP) return "value is nested too deeply";
  if (typeof value !== "string")
    return `value must be a string, got ${kindOf(value)}${value === undefined ? "" : ": --json-values stores it as JSON"}`;
  if (base64) {
    if (value.length % 4 !== 0 || !BASE64.test(value))
      return "value must be base64 with padding, because base64 is true";
    const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
    return valueSizeProblem((value.length / 4) * 3 - padding);
  }
  if (LONE_SURROGATE.test(value))
    return "value must be well-formed Unicode, got a lone surrogate: write the bytes as base64";
  // A UTF-16 unit takes at most three bytes of UTF-8, so nearly every value needs no counting.
  return value.length * 3 <= KV_LIMITS.maxValueBytes ? undefined : valueSizeProblem(utf8Length(value));
}

const TOO_DEEP = Symbol("too deep");

/** A value as JSON; the stack runs out at fewer levels than a parser accepts. */
function jsonText(value: unknown): string | typeof TOO_DEEP {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

function metadataFieldProblem(metadata: unknown): string | undefined {
  return jsonText(metadata) === TOO_DEEP ? "metadata is nested too deeply" : metadataProblem(metadata);
}

/** The year 5138 in seconds; in milliseconds it was passed in 1973. */
const MILLISECONDS = 100_000_000_000;

function expirationProblem(expiration: unknown, now: number): string | undefined {
  if (expiration == null) return undefined;
  if (typeof expiration !== "number" || !Number.isInteger(expiration)) {
    return `expiration must be whole seconds since 1970, got ${kindOf(expiration)}`;
  }
  if (expiration >= MILLISECONDS) return `expiration must be seconds since 1970, got ${expiration}: milliseconds?`;
  const earliest = now + KV_LIMITS.minExpirationTtl;
  if (expiration >= earliest) return undefined;
  return `expiration must be at least ${KV_LIMITS.minExpirationTtl} seconds ahead (${earliest}), got ${expiration}`;
}

function expirationTtlProblem(ttl: unknown): string | undefined {
  if (ttl == null) return undefined;
  const { minExpirationTtl: min, maxExpirationTtl: max } = KV_LIMITS;
  if (typeof ttl !== "number" || !Number.isInteger(ttl)) {
    return `expiration_ttl must be a whole number of seconds, got ${typeof ttl === "number" ? ttl : kindOf(ttl)}`;
  }
  return ttl >= min && ttl <= max ? undefined : `expiration_ttl must be ${min} to ${max} seconds, got ${ttl}`;
}
