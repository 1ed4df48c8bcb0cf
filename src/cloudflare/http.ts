import ky, { HTTPError, type KyInstance } from "ky";
import { RequestBudget } from "./budget.js";
import { CLOUDFLARE_API, type Credentials, TOKEN_VARIABLE } from "./credentials.js";
import { CloudflareError, type Envelope, reasonOf, refusal, unreachable } from "./errors.js";
import { type Body, nodeTransport, type TransportAnswer, type TransportRequest } from "./transport.js";

/** How patient and how fast the client is. */
export interface HttpOptions {
  /**
   * Requests that may start within a time, retries included.
   *
   * @default - a budget of its own, of 1,200 requests in five minutes
   */
  readonly budget?: RequestBudget | "unlimited";

  /**
   * How often a request that failed on the way, or with 408, 429 or 5xx, is sent again, and how long to wait: the first
   * wait doubles each time up to the longest, and a random part of it is taken. A `Retry-After` header goes before it.
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
   * Called when a request failed and is sent again: the reason is `ECONNRESET`, `http 503` and the like.
   *
   * @default - the client tries again silently
   */
  readonly onRetry?: (reason: string) => void;
}

/** One request. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Relative to the base address; every part of it escaped. */
  readonly path: string;
  /** What is asked for, as in `list keys`: it stands in errors, so it names no value. */
  readonly doing: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly body?: Exclude<Body, string>;
  /** Sending it twice is as good as once, so it may be retried whatever happened. Every method but POST unless told. */
  readonly idempotent?: boolean;
  /** A value is sent along, so Cloudflare's own words are left out of an error. */
  readonly quiet?: boolean;
}

const RETRIED = [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];
/** A connection that stood, and did not last. */
const DROPPED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "timed out"]);
const FIRST_CONTACT_RETRIES = 2;
/** Cloudflare blocks for five minutes; a server that asks for more is asked again after this. */
const MAX_PAUSE_SECONDS = 330;

/** Speaks HTTP with Cloudflare: one budget of requests, retries, envelopes to results or coded errors. */
export class Http {
  readonly baseUrl: string;
  private readonly ky: KyInstance;
  private readonly transport = nodeTransport();
  private readonly budget: RequestBudget | "unlimited";
  /** Whether anything has answered. */
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
      // Each attempt has its own: ky's would count the waiting.
      timeout: false,
      retry: {
        limit,
        methods: ["get", "put", "delete", "post"],
        statusCodes: RETRIED,
        afterStatusCodes: [429, 503],
        maxRetryAfter: MAX_PAUSE_SECONDS * 1000,
        delay: (attempt) => firstSeconds * 1000 * 2 ** (attempt - 1),
        backoffLimit: longestSeconds * 1000,
        // At least half of it: a wait of nearly nothing would spend the retries at once.
        jitter: (delay) => delay * (0.5 + Math.random() / 2),
      },
    });
  }

  /** The `result` of an answer, with its page information. */
  async call<Result>(request: Request): Promise<Envelope<Result>> {
    const text = await (await this.raw(request)).text();
    try {
      return JSON.parse(text) as Envelope<Result>;
    } catch {
      throw new CloudflareError(
        "CLOUDFLARE_UNREADABLE",
        `${this.host} answered with something other than json when asked to ${request.doing}`,
        "check CLOUDFLARE_BASE_URL",
      );
    }
  }

  /**
   * The answer as it came.
   *
   * @throws CloudflareError for every status of 400 or above, and when no answer comes
   */
  async raw({
    method,
    path,
    doing,
    query,
    json,
    body,
    idempotent = method !== "POST",
    quiet = false,
  }: Request): Promise<Response> {
    const payload = json === undefined ? body : JSON.stringify(json);
    try {
      return await this.ky(path, {
        method,
        searchParams: query ?? {},
        headers: {
          authorization: `Bearer ${this.credentials.token}`,
          ...(payload === undefined || payload instanceof FormData ? {} : { "content-type": contentType(payload) }),
        },
        // The body goes past ky, which would keep a second copy of it for retries: a batch has up to 100 MB.
        fetch: (input) => {
          const { url, headers } = input as globalThis.Request;
          return this.send(url, { method, headers, ...(payload === undefined ? {} : { body: payload }) });
        },
        retry: {
          shouldRetry: ({ error, retryCount }) => this.mayRetry(error, retryCount, idempotent),
        },
      });
    } catch (error) {
      if (!(error instanceof HTTPError)) throw unreachable(this.host, doing, error);
      const tokenName = this.credentials.tokenName ?? TOKEN_VARIABLE;
      throw refusal(error.response.status, await error.response.text(), { doing, quiet, tokenName });
    }
  }

  private get host(): string {
    return new URL(this.baseUrl).host;
  }

  private async send(url: string, request: Omit<TransportRequest, "signal">): Promise<Response> {
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
    const { status, headers, body } = answer;
    this.heed(status, headers);
    return new Response(body.byteLength === 0 ? null : body, { status, headers });
  }

  /** False ends the retries; otherwise ky's rules and number of them hold. */
  private mayRetry(error: Error, retries: number, idempotent: boolean): false | undefined {
    const status = error instanceof HTTPError ? error.response.status : undefined;
    // 429 says that nothing was done.
    if (!idempotent && status !== 429) return false;
    const reason = status === undefined ? (reasonOf(error) ?? "no answer") : `http ${status}`;
    // Who was never reached is a wrong address or no network more often than bad luck: not a minute of it.
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
   * Holds every request back when Cloudflare says so: while it answers 429, any further request only prolongs the block.
   *
   * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
   */
  private heed(status: number, headers: Headers): void {
    const seconds = status === 429 ? retryAfter(headers.get("retry-after")) : exhaustedFor(headers.get("ratelimit"));
    if (seconds === undefined) return;
    const until = Date.now() + Math.min(seconds, MAX_PAUSE_SECONDS) * 1000;
    if (until <= this.pausedUntil) return;
    this.pausedUntil = until;
    this.options.onPause?.(seconds);
  }
}

function contentType(payload: Exclude<Body, FormData>): string {
  return payload instanceof Blob && payload.type !== "" ? payload.type : "application/json";
}

/** Seconds of a `Retry-After`, which may also be a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** Seconds until there is budget again, of `Ratelimit: "default";r=0;t=30`; nothing while some is left. */
function exhaustedFor(header: string | null): number | undefined {
  const [, remaining, seconds] = /;\s*r=(\d+);\s*t=(\d+)/.exec(header ?? "") ?? [];
  return Number(remaining) === 0 ? Number(seconds) : undefined;
}
