import type { KvNamespaceClient } from "../cloudflare/kv-namespace-client.js";

/** The namespace that data is read from or written to: what of the API's client is used here. */
export interface EntriesTarget extends Pick<
  KvNamespaceClient,
  "namespaceId" | "listKeys" | "getValue" | "bulkGet" | "bulkPut" | "bulkDelete"
> {
  /** Pairs in one bulk write. @default - as many as Cloudflare takes */
  readonly pairsAtOnce?: number;
  /** Whether a bulk read includes expirations. @default true */
  readonly readsExpirations?: boolean;
  /** Seconds since 1970: entries that expire later are stored without an expiration. @default Infinity */
  readonly latestExpiration?: number;
}

/** Time, which tests make pass at once. */
export interface Clock {
  /** Whole seconds since 1970. */
  now(): number;
  wait(seconds: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
  wait: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};

/** How far a run has come. */
export interface Progress {
  /** What is done with entries, one step after the other. */
  readonly doing: "compared" | "written" | "deleted" | "copied" | "exported" | "read back" | "read back again";
  readonly done: number;
  /** Missing while it is not known. */
  readonly total?: number;
}

/** Asks for a total the first time only, whatever the answer was. */
export function once(ask: (() => Promise<number | undefined>) | undefined): () => Promise<number | undefined> {
  let answer: Promise<number | undefined> | undefined;
  return () => (answer ??= ask === undefined ? Promise.resolve(undefined) : ask());
}

/** Requests that are under way at once: enough to hide the way to Cloudflare, few against its budget. */
export const CONCURRENT_REQUESTS = 4;

/** Rounds in which keys that Cloudflare could not store are sent again. */
export const MAX_ROUNDS = 6;

/** Seconds before a round: 0 before the first, then 1, 2, 4 … */
export function roundDelay(round: number): number {
  return round === 0 ? 0 : 2 ** (round - 1);
}
