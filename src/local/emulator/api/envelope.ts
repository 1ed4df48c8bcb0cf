import type { ApiRequest, ApiResponse } from "./http.js";
import { ApiError } from "./errors.js";

const JSON_TYPE = { "content-type": "application/json" };

/** A success, in the envelope of every answer of the API; also for `DELETE`, or Terraform's provider fails. */
export function ok(result: unknown, info?: unknown, messages: readonly unknown[] = []): ApiResponse {
  const envelope = { success: true, errors: [], messages, result };
  return reply(200, info === undefined ? envelope : { ...envelope, result_info: info });
}

/** An error, in the same envelope. */
export function refused({ status, code, message }: Pick<ApiError, "status" | "code" | "message">): ApiResponse {
  return reply(status, { success: false, errors: [{ code, message }], messages: [], result: null });
}

/** A success without a result. */
export function noContent(): ApiResponse {
  return { status: 204, headers: {}, body: "" };
}

/** Bytes, unchanged. */
export function raw(body: Uint8Array | string, headers: Readonly<Record<string, string>>): ApiResponse {
  return { status: 200, headers, body };
}

/** One page of a list: `page` from 1, `[]` past the end. */
export function page(all: readonly unknown[], request: ApiRequest, defaultSize = 20, maxSize = 1000): ApiResponse {
  const { items, info } = pageOf(all, request, defaultSize, maxSize);
  return ok(items, info);
}

/** The same, for a list inside a result. */
export function pageOf<T>(
  all: readonly T[],
  { query }: Pick<ApiRequest, "query">,
  defaultSize: number,
  maxSize = 1000,
): { readonly items: readonly T[]; readonly info: object } {
  const at = whole(query.get("page"), 1, Number.MAX_SAFE_INTEGER);
  const size = whole(query.get("per_page"), defaultSize, maxSize);
  const items = all.slice((at - 1) * size, at * size);
  return { items, info: { page: at, per_page: size, count: items.length, total_count: all.length } };
}

function whole(text: string | null, otherwise: number, max: number): number {
  if (text === null || text === "") return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new ApiError("PAGE_INVALID");
}

function reply(status: number, body: unknown): ApiResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}
