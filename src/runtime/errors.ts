import type { KV_ERROR_CODES } from "./error-codes.js";

/** What went wrong, by a name that never changes. */
export type KvErrorCode = keyof typeof KV_ERROR_CODES;

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

/** What Workers KV and the Workers runtime answer, and what it means. The first that matches counts. */
const ANSWERS: readonly (readonly [answer: RegExp, code: KvErrorCode, reason?: string])[] = [
  [
    /limit exceeded for the day|daily .*limit/i,
    "QUOTA",
    "the account's daily limit is used up, it resets at 00:00 UTC",
  ],
  [/too many (api |sub)requests/i, "OP_BUDGET", "too many operations in one invocation"],
  [/failed: 429/, "RATE_LIMITED", "more than one write a second to one key"],
  [/failed: 413/, "VALUE_TOO_LARGE"],
  [/failed: 414/, "KEY_TOO_LARGE"],
  [/failed: [1-4]\d\d/, "INVALID_VALUE"],
];

/** Gives whatever a binding threw its code. An error that has one is passed on. */
export function toKvError(op: KvOperation, key: string | undefined, cause: unknown): KvError {
  if (cause instanceof KvError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const status = Number(/failed: (\d{3})/.exec(text)?.[1]) || undefined;
  const known = ANSWERS.find(([answer]) => answer.test(text)) ?? ["", "UNAVAILABLE", "Workers KV is not reachable"];
  const [, code, reason = "Workers KV refused it"] = known;
  const retryable = code === "RATE_LIMITED" || code === "UNAVAILABLE";
  return new KvError(code, op, `${op} failed: ${reason}`, { key, status, retryable, cause });
}
