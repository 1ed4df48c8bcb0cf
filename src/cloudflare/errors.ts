import { ServiceError } from "../errors.js";
import { TOKEN_VARIABLE } from "./credentials.js";

/** What this client reports when Cloudflare or the connection failed. */
export type CloudflareErrorCode =
  | "CLOUDFLARE_FORBIDDEN"
  | "CLOUDFLARE_RATE_LIMITED"
  | "CLOUDFLARE_REFUSED"
  | "CLOUDFLARE_UNAVAILABLE"
  | "CLOUDFLARE_UNREACHABLE"
  | "CLOUDFLARE_UNREADABLE"
  | "DATABASE_NOT_FOUND"
  | "KEY_NOT_FOUND"
  | "NAMESPACE_BOUND"
  | "NAMESPACE_NAME_TAKEN"
  | "NAMESPACE_NOT_FOUND"
  | "QUERY_FAILED";

/** A failure of Cloudflare's API, after every retry that could help. */
export class CloudflareError extends ServiceError<CloudflareErrorCode> {
  constructor(
    code: CloudflareErrorCode,
    message: string,
    hint?: string,
    /** The HTTP status, when there was an answer. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(code, message, hint, options);
  }
}

/**
 * Cloudflare's error codes that have a code of their own here.
 *
 * @see https://developers.cloudflare.com/api/resources/kv/
 */
const KNOWN: Readonly<Record<number, { code: CloudflareErrorCode; hint?: string }>> = {
  7404: { code: "DATABASE_NOT_FOUND", hint: "deploy the stack that creates it" },
  7500: { code: "QUERY_FAILED" },
  10009: { code: "KEY_NOT_FOUND" },
  10013: { code: "NAMESPACE_NOT_FOUND", hint: "list what exists with 'cfkv kv namespace list'" },
  10014: {
    code: "NAMESPACE_NAME_TAKEN",
    hint: "choose another name, or find the namespace with 'cfkv kv namespace list'",
  },
  10052: { code: "NAMESPACE_BOUND", hint: "remove the binding from the Worker and deploy it first" },
};

const MAX_MESSAGE = 300;

/** One error of Cloudflare's envelope. */
export interface ReportedError {
  readonly code?: number;
  readonly message?: string;
}

/** The errors that an envelope lists. */
export function reportedErrors(envelope: unknown): readonly ReportedError[] {
  const errors: unknown = typeof envelope === "object" && envelope !== null && "errors" in envelope && envelope.errors;
  if (!Array.isArray(errors)) return [];
  return (errors as unknown[]).flatMap((each) => {
    if (typeof each !== "object" || each === null) return [];
    const { code, message } = each as Record<string, unknown>;
    return [{ ...(typeof code === "number" && { code }), ...(typeof message === "string" && { message }) }];
  });
}

/** The meaning of the first error whose Cloudflare code is known, if there is one. */
export function knownError(errors: readonly ReportedError[]): { code: CloudflareErrorCode; hint?: string } | undefined {
  return errors.map(({ code }) => KNOWN[code ?? 0]).find((each) => each !== undefined);
}

/** Cloudflare's messages, unless they may quote a value, with their codes: `key not found (code 10009)`. */
export function facts(errors: readonly ReportedError[], quiet: boolean, ...before: readonly string[]): string {
  const words = quiet ? "" : plain(errors.map(({ message }) => message ?? "").join("; "));
  const codes = errors.flatMap(({ code }) => (code === undefined ? [] : [`code ${code}`]));
  const numbers = [...before, ...codes].join(", ");
  return [words, numbers === "" ? "" : `(${numbers})`].filter((part) => part !== "").join(" ");
}

/** What a refused request was. */
interface RefusedRequest {
  /** What was asked for, as in `list keys`. */
  readonly doing: string;
  /** Leaves Cloudflare's own words out, because they may quote a value that was sent. */
  readonly quiet?: boolean;
  /** The variable that holds the token. */
  readonly tokenName: string;
  /** What the token must allow. @default "Workers KV Storage: Edit" */
  readonly permission?: string;
}

const KV_PERMISSION = "Workers KV Storage: Edit";

/** The error for an answer of 400 or above. */
export function refusal(
  status: number,
  body: string,
  { doing, quiet = false, tokenName, permission = KV_PERMISSION }: RefusedRequest,
): CloudflareError {
  const errors = errorsOf(body);
  const { code, hint } = knownError(errors) ?? ofStatus(status, tokenName, permission);
  const reason = facts(errors, quiet, `http ${status}`);
  return new CloudflareError(code, `cloudflare refused to ${doing}: ${reason}`, hint, status);
}

/** The error for an answer with a success status that is not a success. */
export function unreadable(host: string, doing: string, what: string): CloudflareError {
  return new CloudflareError(
    "CLOUDFLARE_UNREADABLE",
    `${host} answered with ${what} when asked to ${doing}`,
    "try again; if it persists, check CLOUDFLARE_BASE_URL and any proxy in between",
  );
}

/** The error when no answer came. */
export function unreachable(host: string, doing: string, cause: unknown): CloudflareError {
  const reason = reasonOf(cause);
  return new CloudflareError(
    "CLOUDFLARE_UNREACHABLE",
    `no answer from ${host} when asked to ${doing}${reason === undefined ? "" : ` (${reason})`}`,
    "check the network and CLOUDFLARE_BASE_URL",
    undefined,
    { cause },
  );
}

function ofStatus(status: number, tokenName: string, permission: string): { code: CloudflareErrorCode; hint?: string } {
  if (status === 401 || status === 403) {
    return {
      code: "CLOUDFLARE_FORBIDDEN",
      hint: permissionHint(permission, tokenName),
    };
  }
  if (status === 429) {
    return {
      code: "CLOUDFLARE_RATE_LIMITED",
      hint: "wait five minutes: everything that uses the account shares the limit",
    };
  }
  if (status >= 500)
    return { code: "CLOUDFLARE_UNAVAILABLE", hint: "see https://www.cloudflarestatus.com and try again" };
  return { code: "CLOUDFLARE_REFUSED" };
}

/** What to do about a token that lacks a permission. */
export function permissionHint(permission: string, tokenName: string = TOKEN_VARIABLE): string {
  return `${tokenName} must be valid and allow '${permission}' on the account`;
}

function errorsOf(body: string): readonly ReportedError[] {
  try {
    return reportedErrors(JSON.parse(body));
  } catch {
    return [];
  }
}

/** One line without control characters, cut to a length. */
function plain(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

/**
 * `ECONNREFUSED` and the like, which fetch hides in a chain of causes; never a message, which may hold an address with
 * credentials.
 */
export function reasonOf(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if ("name" in at && at.name === "TimeoutError") return "timed out";
    // An error from another realm, as under Jest, is not an Error to ky, which wraps it.
    at = "cause" in at ? at.cause : "value" in at ? at.value : undefined;
  }
  return undefined;
}
