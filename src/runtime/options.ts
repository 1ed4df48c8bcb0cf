import type { KvError, KvErrorCode, KvOperation } from "./errors.js";

/** Keeps work alive after the response: `ctx.waitUntil.bind(ctx)`, or `waitUntil` of `cloudflare:workers`. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** Called with each failure the class recovered from: log it. */
export type Hook = (error: KvError) => void;

/** One operation on a namespace, as {@link RuntimeOptions.onOperation} gets it when it has ended. */
export interface KvCall {
  readonly op: KvOperation;
  /** The binding's name, when the object was made by `fromEnv`. */
  readonly binding: string | undefined;
  /** The prefix of the object that called, such as `session:`. Never a whole key. */
  readonly prefix: string;
  /** How many keys were asked for. A list reports how many it returned. */
  readonly keys: number;
  /** Bytes of the values read or written. */
  readonly bytes: number;
  /** When it started, in milliseconds since 1970. */
  readonly start: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** `missing` when a single key has no value; the error's code when it failed. */
  readonly outcome: "ok" | "missing" | KvErrorCode;
}

/** Options of every class. */
export interface RuntimeOptions {
  /**
   * The time in milliseconds since 1970.
   *
   * @default Date.now
   */
  now?: () => number;

  /**
   * Takes work that must outlive the response.
   *
   * @default - such work is awaited in the request, because work that is not awaited is lost
   */
  waitUntil?: WaitUntil;

  /**
   * Called with each failure the class recovered from. It must not throw.
   *
   * @default - the first failure of each code in an isolate is logged as a warning
   */
  onError?: Hook;

  /**
   * Called after each operation on the namespace, for traces and metrics. It must not throw.
   *
   * @default - nothing is called
   */
  onOperation?: (call: KvCall) => void;

  /**
   * Seconds after which a read that has not been answered counts as failed, with `UNAVAILABLE`.
   *
   * @default 5
   */
  readTimeout?: number;
}
