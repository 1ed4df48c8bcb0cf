import type { IncomingHttpHeaders } from "node:http";
import { isObject, type JsonObject } from "../../../values/json.js";
import { ApiError, type ApiErrorName } from "./errors.js";

/** A request to the API, with its path split as it was sent. */
export interface ApiRequest {
  readonly method: string;
  /** The values of the pattern's parameters, each percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** The value of a parameter of the pattern. */
export function param(request: ApiRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new ApiError("NO_ROUTE");
  return value;
}

/** The body as JSON. */
export function jsonBody(request: ApiRequest): unknown {
  return jsonText(request.body, "BODY_INVALID", "could not parse request body: it must be JSON");
}

/** Levels of nesting. Deeper values cannot be cloned and written as JSON again without overflowing the stack. */
const MAX_DEPTH = 500;

/**
 * Reads JSON from a body or a part of one.
 *
 * @throws ApiError of that name when it is not JSON, or is nested too deeply
 */
export function jsonText(bytes: Uint8Array, error: ApiErrorName, message: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new ApiError(error, message);
  }
  if (isDeep(value)) throw new ApiError(error, `JSON must not be nested deeper than ${MAX_DEPTH} levels`);
  return value;
}

/** Level by level, because recursion would overflow the stack. */
function isDeep(value: unknown): boolean {
  const isNested = (item: unknown): item is object => typeof item === "object" && item !== null;
  let level: object[] = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) => Object.values(item) as unknown[]).filter(isNested);
  }
  return false;
}

export function objectBody(request: ApiRequest): JsonObject {
  const body = jsonBody(request);
  if (isObject(body)) return body;
  throw new ApiError("BODY_INVALID", "could not parse request body: it must be a JSON object");
}

/** The fields of `names` that are present and not null: a field that was not sent is not returned. */
export function picked(source: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter((name) => source[name] != null).map((name) => [name, source[name]]));
}

/** All fields except `own` that are present and not null. */
export function sentFields(source: JsonObject, own: readonly string[]): JsonObject {
  return picked(
    source,
    Object.keys(source).filter((name) => !own.includes(name)),
  );
}
