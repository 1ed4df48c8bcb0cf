/** What went wrong, by a name that never changes. */
export type KvErrorCode =
  | "BINDING_MISSING"
  | "INVALID_OPTION"
  | "INVALID_KEY"
  | "KEY_TOO_LARGE"
  | "INVALID_VALUE"
  | "VALUE_TOO_LARGE"
  | "METADATA_TOO_LARGE"
  | "INVALID_TTL"
  | "CORRUPT_VALUE"
  | "LOADER_FAILED"
  | "LOADER_TIMEOUT"
  | "RATE_LIMITED"
  | "QUOTA"
  | "OP_BUDGET"
  | "UNAVAILABLE";

/** The operation during which it went wrong; `setup` is the making of an object. */
export type KvOperation = "get" | "put" | "delete" | "list" | "load" | "setup";

/** What a {@link KvError} carries besides its message. */
export interface KvErrorDetails {
  /** The stored key, prefix included. Never part of the message: keys may hold user ids. */
  readonly key?: string | undefined;
  /** The HTTP status Workers KV answered with. */
  readonly status?: number | undefined;
  /** @default false */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Every error the runtime throws on purpose. Its message never holds a value, a token or a key. */
export class KvError extends Error {
  override readonly name = "KvError";
  readonly key: string | undefined;
  readonly status: number | undefined;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;

  constructor(
    readonly code: KvErrorCode,
    readonly op: KvOperation,
    message: string,
    { key, status, retryable = false, cause }: KvErrorDetails = {},
  ) {
    super(message, { cause });
    this.key = key;
    this.status = status;
    this.retryable = retryable;
  }
}

/** Codes of Workers KV's answers, by status. */
const BY_STATUS: Record<number, KvErrorCode> = {
  413: "VALUE_TOO_LARGE",
  414: "KEY_TOO_LARGE",
  429: "RATE_LIMITED",
};

/** Gives whatever a binding threw its code. An error that has one is passed on. */
export function toKvError(op: KvOperation, key: string | undefined, cause: unknown): KvError {
  if (cause instanceof KvError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const status = Number(/failed: (\d{3})/.exec(text)?.[1]) || undefined;
  const code = codeOf(text, status);
  const retryable = code === "RATE_LIMITED" || code === "UNAVAILABLE";
  return new KvError(code, op, `${op} failed: ${REASONS[code] ?? "Workers KV refused it"}`, {
    key,
    status,
    retryable,
    cause,
  });
}

function codeOf(text: string, status: number | undefined): KvErrorCode {
  if (/limit exceeded for the day|daily .*limit/i.test(text)) return "QUOTA";
  if (/too many (api |sub)requests/i.test(text)) return "OP_BUDGET";
  if (status === undefined || status >= 500) return "UNAVAILABLE";
  return BY_STATUS[status] ?? "INVALID_VALUE";
}

const REASONS: Partial<Record<KvErrorCode, string>> = {
  QUOTA: "the account's daily limit is used up, it resets at 00:00 UTC",
  OP_BUDGET: "too many operations in one invocation",
  RATE_LIMITED: "more than one write a second to one key",
  UNAVAILABLE: "Workers KV is not reachable",
};
