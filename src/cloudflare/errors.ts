import { ServiceError } from "../errors.js";

/** What this client reports when Cloudflare, or the way to it, failed. */
export type CloudflareErrorCode =
  | "CLOUDFLARE_FORBIDDEN"
  | "CLOUDFLARE_RATE_LIMITED"
  | "CLOUDFLARE_REFUSED"
  | "CLOUDFLARE_UNAVAILABLE"
  | "CLOUDFLARE_UNREACHABLE"
  | "CLOUDFLARE_UNREADABLE"
  | "KEY_NOT_FOUND"
  | "NAMESPACE_BOUND"
  | "NAMESPACE_NAME_TAKEN"
  | "NAMESPACE_NOT_FOUND";

/** A refusal of Cloudflare's API, after every retry that could help. */
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

/** What Cloudflare wraps every JSON answer in. */
export interface Envelope<Result> {
  readonly success: boolean;
  readonly errors?: readonly ApiError[];
  readonly result: Result;
  readonly result_info?: { readonly cursor?: string; readonly per_page?: number; readonly total_count?: number };
}

/**
 * Cloudflare's numbers that mean one thing here.
 *
 * @see https://developers.cloudflare.com/api/resources/kv/
 */
const KNOWN: Readonly<Record<number, { code: CloudflareErrorCode; hint?: string }>> = {
  10009: { code: "KEY_NOT_FOUND" },
  10013: { code: "NAMESPACE_NOT_FOUND", hint: "list what exists with 'cfkv kv namespace list'" },
  10014: {
    code: "NAMESPACE_NAME_TAKEN",
    hint: "choose another name, or find the namespace with 'cfkv kv namespace list'",
  },
  10052: { code: "NAMESPACE_BOUND", hint: "take the binding out of the Worker and deploy it first" },
};

const MAX_MESSAGE = 300;

/**
 * The error behind an answer of 400 or above.
 *
 * @param request - what was asked for, as in `list keys`; whether to leave Cloudflare's own words out, because they may
 *   quote a value that was sent; and the variable that holds the token
 */
export function refusal(
  status: number,
  body: string,
  { doing, quiet = false, tokenName }: { doing: string; quiet?: boolean; tokenName: string },
): CloudflareError {
  const errors = errorsOf(body);
  const known = errors.map(({ code }) => KNOWN[code ?? 0]).find((each) => each !== undefined);
  const { code, hint } = known ?? ofStatus(status, tokenName);
  const numbers = errors.map((each) => each.code).filter((number) => number !== undefined);
  const words = quiet ? "" : errors.map(({ message }) => message ?? "").join("; ");
  const facts = [`http ${status}`, ...numbers.map((number) => `code ${number}`)].join(", ");
  return new CloudflareError(
    code,
    `cloudflare refused to ${doing}: ${plain(words)}${words && " "}(${facts})`,
    hint,
    status,
  );
}

/** The error when no answer came at all. */
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

function ofStatus(status: number, tokenName: string): { code: CloudflareErrorCode; hint?: string } {
  if (status === 401 || status === 403) {
    return {
      code: "CLOUDFLARE_FORBIDDEN",
      hint: `${tokenName} must be valid and allow 'Workers KV Storage: Edit' on the account`,
    };
  }
  if (status === 429) {
    return {
      code: "CLOUDFLARE_RATE_LIMITED",
      hint: "wait five minutes: the limit is shared by all uses of the account",
    };
  }
  if (status >= 500)
    return { code: "CLOUDFLARE_UNAVAILABLE", hint: "see https://www.cloudflarestatus.com and try again" };
  return { code: "CLOUDFLARE_REFUSED" };
}

interface ApiError {
  readonly code?: number;
  readonly message?: string;
}

function errorsOf(body: string): readonly ApiError[] {
  try {
    const { errors } = JSON.parse(body) as { readonly errors?: unknown };
    return Array.isArray(errors)
      ? errors.filter((each): each is ApiError => typeof each === "object" && each !== null)
      : [];
  } catch {
    return [];
  }
}

/** One line without control characters, cut to a length. */
function plain(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

/** `ECONNREFUSED` and the like, which fetch hides in a chain of causes; never a message, which may hold an address with credentials. */
export function reasonOf(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if ("name" in at && at.name === "TimeoutError") return "timed out";
    // What was thrown by another realm, as under Jest, is no error to ky, which wraps it.
    at = "cause" in at ? at.cause : "value" in at ? at.value : undefined;
  }
  return undefined;
}
