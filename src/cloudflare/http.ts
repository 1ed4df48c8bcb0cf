import ky, { HTTPError, type KyInstance } from "ky";
import { isObject } from "../values/json.js";
import { RequestBudget } from "./budget.js";
import { CLOUDFLARE_API, type Credentials, TOKEN_VARIABLE } from "./credentials.js";
import {
  ANALYTICS_PERMISSION,
  type Answer,
  readAnswer,
  readQueryAnswer,
  type ReadResult,
  UnreadableAnswer,
} from "./answers.js";
import { CloudflareError, reasonOf, refusal, unreachable, unreadable } from "./errors.js";
import { type Body, nodeTransport, type TransportAnswer, type TransportRequest } from "./transport.js";
import { askedToWait } from "./waiting.js";

/** How fast the client sends and how long it waits. */
export interface HttpOptions {
  /**
   * Limits how many requests may start within a time, retries included.
   *
   * @default - a separate budget of 1,200 requests in five minutes
   */
  readonly budget?: RequestBudget | "unlimited";

  /**
   * How often a request that failed in transit, or with 408, 429 or 5xx, is sent again, and how long to wait: the first
   * wait doubles each time up to the longest, and a random part of it is used. A `Retry-After` header makes it longer,
   * never shorter.
   *
   * @default { limit: 8, firstSeconds: 0.5, longestSeconds: 30 }
   */
  readonly retry?: { readonly limit: number; readonly firstSeconds: number; readonly longestSeconds: number };

  /**
   * Seconds one attempt may take, its body included.
   *
   * @default 300
   */
  readonly timeoutSeconds?: number;

  /**
   * Called when Cloudflare asks everyone to wait.
   *
   * @default - the client waits silently
   */
  readonly onPause?: (seconds: number) => void;

  /**
   * Called when a request failed and is sent again: the reason is, for example, `ECONNRESET` or `http 503`.
   *
   * @default - the client retries silently
   */
  readonly onRetry?: (reason: string) => void;
}

/** One request. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Relative to the base address, with every part escaped. */
  readonly path: string;
  /** What is requested, as in `list keys`: it appears in errors, so it contains no value. */
  readonly doing: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly body?: Exclude<Body, string>;
  /** Whether it is idempotent, so that it may be retried after any failure. By default every method except POST. */
  readonly idempotent?: boolean;
  /** Whether a value is sent, so that Cloudflare's message is left out of errors. */
  readonly quiet?: boolean;
  /** What the token must allow, for the error of a token that does not. @default "Workers KV Storage: Edit" */
  readonly permission?: string;
}

const RETRIED = [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];
/** A connection that was established and broke. */
const DROPPED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "timed out"]);
const FIRST_CONTACT_RETRIES = 2;
/** An unusable answer may be a proxy's temporary failure; a wrong address returns the same one every time. */
const UNREADABLE_RETRIES = 2;

/**
 * Sends HTTP requests to Cloudflare within one budget, retries them, and turns envelopes into results or coded errors.
 */
export class Http {
  readonly baseUrl: string;
  private readonly ky: KyInstance;
  private readonly transport = nodeTransport();
  private readonly budget: RequestBudget | "unlimited";
  /** Whether any answer has come. */
  private reached = false;
  /** Milliseconds since 1970 before which nothing is sent. */
  private pausedUntil = 0;

  constructor(
    private readonly credentials: Credentials,
    private readonly options: HttpOptions = {},
  ) {
    const { limit, firstSeconds, longestSeconds } = options.retry ?? {
      limit: 8,
      firstSeconds: 0.5,
      longestSeconds: 30,
    };
    this.baseUrl = (credentials.baseUrl ?? CLOUDFLARE_API).replace(/\/+$/, "");
    this.budget = options.budget ?? new RequestBudget();
    this.ky = ky.create({
      prefixUrl: this.baseUrl,
      // Each attempt has its own timeout: ky's would include the waiting.
      timeout: false,
      retry: {
        limit,
        methods: ["get", "put", "delete", "post"],
        statusCodes: RETRIED,
        // ky's handling of it replaces the backoff, so that "Retry-After: 0" would send requests without a pause: see
        // pause.
        afterStatusCodes: [],
        delay: (attempt) => firstSeconds * 1000 * 2 ** (attempt - 1),
        backoffLimit: longestSeconds * 1000,
        // At least half of it: a very short wait would use up the retries at once.
        jitter: (delay) => delay * (0.5 + Math.random() / 2),
      },
    });
  }

  /**
   * The `result` of an answer, with its page information.
   *
   * @param read - reads what this route returns, and nothing else
   * @throws CloudflareError for every status of 400 or above, when no answer comes, and `CLOUDFLARE_UNREADABLE` for an
   * answer with a success status and no usable result
   */
  async call<Result>(request: Request, read: ReadResult<Result>): Promise<Answer<Result>> {
    return this.exchange(request, (body) => readAnswer(decoder.decode(body), read, request.quiet ?? false));
  }

  /**
   * The bytes of an answer.
   *
   * @throws CloudflareError for every status of 400 or above, and when no answer comes
   */
  async bytes(request: Request): Promise<Uint8Array> {
    return this.exchange(request, (body) => body);
  }

  /**
   * Asks the analytics API.
   *
   * @throws CloudflareError also for the errors that it sends with status 200
   */
  async query<Result>(json: object, read: ReadResult<Result | "invisible">): Promise<Result> {
    const permission = ANALYTICS_PERMISSION;
    const request: Request = {
      method: "POST",
      path: "graphql",
      doing: "read analytics",
      json,
      idempotent: true,
      permission,
    };
    return this.exchange(request, (body) => readQueryAnswer(decoder.decode(body), read));
  }

  /** Asks the GraphQL API for optional information: undefined when the first attempt fails. */
  async tryQuery<Result>(json: object, read: (data: unknown) => Result | undefined): Promise<Result | undefined> {
    const request: Request = { method: "POST", path: "graphql", doing: "read analytics", json, idempotent: false };
    try {
      const answer = JSON.parse(decoder.decode(await this.bytes(request))) as unknown;
      return isObject(answer) && answer["errors"] == null ? read(answer["data"]) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Sends a request until a successful answer can be read, as often as the retries allow. */
  private async exchange<Result>(request: Request, read: (body: Uint8Array) => Result): Promise<Result> {
    const { method, path, doing, query, json, body, idempotent = method !== "POST" } = request;
    const payload = json === undefined ? body : JSON.stringify(json);
    let result: { readonly read: Result } | undefined;
    try {
      await this.ky(path, {
        method,
        searchParams: query ?? {},
        headers: {
          authorization: `Bearer ${this.credentials.token}`,
          ...(payload === undefined || payload instanceof FormData ? {} : { "content-type": contentType(payload) }),
        },
        // The body bypasses ky, which would keep a second copy of it for retries: a batch has up to 100 MB.
        fetch: async (input) => {
          const { url, headers } = input as globalThis.Request;
          const answer = await this.send(url, { method, headers, ...(payload === undefined ? {} : { body: payload }) });
          const { status, body: content } = answer;
          if (status >= 200 && status < 300) {
            result = { read: read(content) };
            return new Response(null, { status, headers: answer.headers });
          }
          return new Response(content.byteLength === 0 ? null : content, { status, headers: answer.headers });
        },
        retry: {
          shouldRetry: ({ error, retryCount }) => this.mayRetry(unwrapped(error), retryCount, idempotent),
        },
      });
    } catch (error) {
      throw await this.failure(unwrapped(error), request);
    }
    if (result === undefined) throw this.unreadable(doing, "an unexpected status");
    return result.read;
  }

  /** The error for an answer with a success status that does not contain what was requested. */
  unreadable(doing: string, what: string): CloudflareError {
    return unreadable(this.host, doing, what);
  }

  private async failure(error: unknown, { doing, quiet = false, permission }: Request): Promise<CloudflareError> {
    const tokenName = this.credentials.tokenName ?? TOKEN_VARIABLE;
    if (error instanceof HTTPError) {
      return refusal(error.response.status, await error.response.text(), {
        doing,
        quiet,
        tokenName,
        ...(permission !== undefined && { permission }),
      });
    }
    if (!(error instanceof UnreadableAnswer)) return unreachable(this.host, doing, error);
    const { known, what } = error;
    if (known === undefined) return this.unreadable(doing, what);
    return new CloudflareError(known.code, `cloudflare refused to ${doing}: ${what}`, known.hint);
  }

  private get host(): string {
    return new URL(this.baseUrl).host;
  }

  private async send(url: string, request: Omit<TransportRequest, "signal">): Promise<TransportAnswer> {
    if (this.budget !== "unlimited") await this.budget.take();
    await this.pause();
    // AbortSignal.timeout would keep the request, and the batch it carries, in memory until its time is up.
    const giveUp = new AbortController();
    const late = () => giveUp.abort(new DOMException("timed out", "TimeoutError"));
    const timer = setTimeout(late, (this.options.timeoutSeconds ?? 300) * 1000);
    let answer: TransportAnswer;
    try {
      answer = await this.transport(url, { ...request, signal: giveUp.signal });
    } finally {
      clearTimeout(timer);
    }
    this.reached = true;
    this.heed(answer);
    return answer;
  }

  /** False ends the retries; otherwise ky's rules and limit apply. */
  private mayRetry(error: Error, retries: number, idempotent: boolean): false | undefined {
    const status = error instanceof HTTPError ? error.response.status : undefined;
    // 429 means that nothing was done.
    if (!idempotent && status !== 429) return false;
    if (error instanceof UnreadableAnswer) {
      if (error.known !== undefined || retries > UNREADABLE_RETRIES) return false;
      this.options.onRetry?.("an answer that cannot be read");
      return undefined;
    }
    const reason = status === undefined ? (reasonOf(error) ?? "no answer") : `http ${status}`;
    // A host that was never reached usually means a wrong address or no network: do not retry for a minute.
    if (status === undefined && !this.reached && !DROPPED.has(reason) && retries > FIRST_CONTACT_RETRIES) return false;
    if (status === undefined || (RETRIED.includes(status) && status !== 429)) this.options.onRetry?.(reason);
    return undefined;
  }

  private async pause(): Promise<void> {
    for (let wait = this.pausedUntil - Date.now(); wait > 0; wait = this.pausedUntil - Date.now()) {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /**
   * Holds back all requests when Cloudflare asks for it: during a block with 429, any further request prolongs it.
   */
  private heed({ status, headers }: TransportAnswer): void {
    const seconds = askedToWait(status, headers);
    if (seconds === undefined) return;
    const until = Date.now() + seconds * 1000;
    if (until <= this.pausedUntil) return;
    this.pausedUntil = until;
    this.options.onPause?.(seconds);
  }
}

const decoder = new TextDecoder();

/** An error from another realm, as under Jest, is not an Error to ky, which wraps it. */
function unwrapped(error: unknown): Error {
  if (error instanceof Error && "value" in error && error.value instanceof Error) return error.value;
  return error instanceof Error ? error : new Error("unknown failure", { cause: error });
}

function contentType(payload: Exclude<Body, FormData>): string {
  return payload instanceof Blob && payload.type !== "" ? payload.type : "application/json";
}
