import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { refused } from "./api/envelope.js";
import { API_ERRORS, ApiError, type ApiErrorName } from "./api/errors.js";
import type { ApiResponse } from "./api/http.js";
import { matchRoute } from "./api/match.js";
import type { ApiRoute } from "./api/table.js";
import { answerControl, type Controls, isControl, MAX_CONTROL_BODY } from "./control.js";
import type { Emulation } from "./emulation.js";
import type { Fault, Faults } from "./faults.js";
import type { ReceivedBody } from "./body.js";

/** What the answers to requests need. */
export interface AnswerParts {
  readonly emulation: Emulation;
  readonly faults: Faults;
  readonly controls: Controls;
}

/** Reads the body when its size limit is known. */
export type ReceiveBody = (max: number) => Promise<ReceivedBody>;

/** Answers a request to the API or to the emulator itself. */
export async function answer(
  request: IncomingMessage,
  path: string,
  receive: ReceiveBody,
  parts: AnswerParts,
): Promise<ApiResponse | "drop"> {
  const { method = "GET", headers } = request;
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  if (isControl(path)) {
    checkToken(headers);
    return withBody(receive, MAX_CONTROL_BODY, (body) => answerControl(method, path, { query, body }, parts.controls));
  }
  const apiPath = path.replace(/^\/client\/v4(?=\/|$)/, "");
  const matched = lookUp(method, apiPath);
  if (!(matched instanceof ApiError) && !matched.route.withoutToken) checkToken(headers);
  if (matched instanceof ApiError) checkToken(headers);
  const fault = parts.faults.strike(method, apiPath);
  if (fault.latency !== undefined) await wait(fault.latency);
  if (fault.drop === true) return "drop";
  if (fault.status !== undefined) return failure(fault, fault.status, apiPath);
  if (matched instanceof ApiError) throw matched;
  const { route, params } = matched;
  const tally = { requests: 1, bytes: 0 };
  const emulation = { ...parts.emulation, tally, partialFailure: () => fault.partial ?? 0 };
  const { counts } = route;
  return withBody(receive, route.maxBody, async (body) => {
    const sent = { method, params, query, headers, body };
    if (counts === undefined) return route.handler(sent, emulation);
    return counted(emulation, counts, params["namespace"] ?? "", async () => route.handler(sent, emulation));
  });
}

function lookUp(method: string, path: string): ReturnType<typeof matchRoute> | ApiError {
  try {
    return matchRoute(method, path);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Counts an operation on entries that Cloudflare would bill: one that succeeds, or reads a missing key. */
async function counted(
  { analytics, tally }: Emulation,
  action: NonNullable<ApiRoute["counts"]>,
  namespace: string,
  work: () => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const started = performance.now();
  const count = (): void => {
    analytics.book.addOperation({ namespace, action, ...tally, ms: performance.now() - started });
  };
  try {
    const response = await work();
    count();
    return response;
  } catch (error) {
    if (error instanceof ApiError && error.code === API_ERRORS.KEY_NOT_FOUND[1]) count();
    throw error;
  }
}

async function withBody<T>(receive: ReceiveBody, max: number, work: (body: Uint8Array) => Promise<T>): Promise<T> {
  const { bytes, release } = await receive(max);
  try {
    return await work(bytes);
  } finally {
    release();
  }
}

/** Any token is accepted, but there must be one, as at Cloudflare. */
function checkToken(headers: IncomingHttpHeaders): void {
  const bearer = /^Bearer\s+\S/i.test(headers.authorization ?? "");
  const key = Boolean(headers["x-auth-email"]) && Boolean(headers["x-auth-key"]);
  if (!bearer && !key && !headers["x-auth-user-service-key"]) throw new ApiError("AUTHENTICATION");
}

function failure({ retryAfter, shouldRetry }: Fault, status: number, path: string): ApiResponse {
  const [, code, message] = API_ERRORS[failureName(status, path)];
  const response = refused({ status, code, message });
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(shouldRetry === false ? { "x-should-retry": "false" } : {}),
    },
  };
}

/** The code that Cloudflare sends with a status, by which clients distinguish errors. */
function failureName(status: number, path: string): ApiErrorName {
  if (status === 401 || status === 403) return "AUTHENTICATION";
  if (status === 404) return notFoundName(path);
  if (status === 405) return "METHOD_NOT_ALLOWED";
  if (status === 413) return "BODY_TOO_LARGE";
  if (status === 429) return "RATE_LIMITED";
  if (status < 500) return "BODY_INVALID";
  return "INTERNAL";
}

function notFoundName(path: string): ApiErrorName {
  if (/\/(values|metadata)\//.test(path)) return "KEY_NOT_FOUND";
  if (path.includes("/storage/kv/")) return "NAMESPACE_NOT_FOUND";
  if (path.includes("/d1/")) return "DATABASE_NOT_FOUND";
  if (/\/workers\/(scripts|services|workers)\//.test(path)) return "SCRIPT_NOT_FOUND";
  return "NO_ROUTE";
}
