import type { Context } from "hono";
import { KvError } from "../errors.js";
import type { WaitUntil } from "../options.js";

/** Something, or how to make it for a request: bindings and `waitUntil` exist only there. */
export type PerRequest<T> = T | ((c: Context) => T);

/** Decides whether a request is allowed. A Response is sent instead of 403. */
export type Authorize = (c: Context) => boolean | Response | Promise<boolean | Response>;

/** The object itself, or the one that its factory makes for this request. */
export function forRequest<T extends object>(source: PerRequest<T>, c: Context): T {
  return typeof source === "function" ? (source as (c: Context) => T)(c) : source;
}

/** The request's own `waitUntil`; undefined outside Workers, where Hono throws. */
export function waitUntilOf(c: Context): WaitUntil | undefined {
  try {
    const context = c.executionCtx;
    return (work) => context.waitUntil(work);
  } catch {
    return undefined;
  }
}

/** An error as JSON: `{ error, code }`. */
export function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404 | 413 | 422 | 429 | 503,
  code: string,
  error: string,
): Response {
  return c.json({ error, code }, status);
}

/** Mistakes of the Worker itself: its log must show them. */
const OURS = new Set(["BINDING_MISSING", "INVALID_OPTION", "INVALID_TTL"]);

/**
 * What a {@link KvError} means to a caller: 422 for their mistake, 503 for an outage. Any other error is thrown again.
 *
 * @example
 * app.onError(answerError);
 */
export function answerError(error: unknown, c: Context): Response {
  if (!(error instanceof KvError) || OURS.has(error.code)) throw error;
  const { code, message } = error;
  if (/^(INVALID_|KEY_|VALUE_|METADATA_)/.test(code)) return refuse(c, 422, code, message);
  c.header("Retry-After", "5");
  // KV's limit on writes is not the caller's: RATE_LIMITED in an answer is 429 of rateLimit and nothing else.
  return refuse(c, 503, code === "RATE_LIMITED" ? "UNAVAILABLE" : code, "storage is out of reach");
}

/** Undefined when the request is allowed, else the answer. */
export async function denied(c: Context, authorize: Authorize): Promise<Response | undefined> {
  const decision = await authorize(c);
  if (decision instanceof Response) return decision;
  return decision ? undefined : refuse(c, 403, "FORBIDDEN", "not allowed");
}

const MAX_BODY = 64 * 1024;

/** The body as a JSON object, or the answer: 413 above 64 KB, 400 for anything else. */
export async function jsonBody(c: Context): Promise<Record<string, unknown> | Response> {
  const large = () => refuse(c, 413, "BODY_TOO_LARGE", `the body must have at most ${MAX_BODY} bytes`);
  if (Number(c.req.header("Content-Length") ?? 0) > MAX_BODY) return large();
  const bytes = await readUpTo(c.req.raw.body, MAX_BODY);
  if (bytes === undefined) return large();
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // The answer is the same, and says nothing about the body.
  }
  return refuse(c, 400, "BAD_BODY", "the body must be a JSON object");
}

/** The whole body, unless it is larger: the announced length may be wrong. */
async function readUpTo(body: ReadableStream<Uint8Array> | null, max: number): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(max);
  let size = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    if (size + part.value.byteLength > max) {
      await reader?.cancel();
      return undefined;
    }
    buffer.set(part.value, size);
    size += part.value.byteLength;
  }
  return buffer.subarray(0, size);
}
