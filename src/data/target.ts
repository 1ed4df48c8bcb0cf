import type { KvNamespaceClient } from "../cloudflare/kv-namespace-client.js";

/** The namespace that data is read from or written to: the part of the API client that is used here. */
export interface EntriesTarget extends Pick<
  KvNamespaceClient,
  "namespaceId" | "listKeys" | "getValue" | "bulkGet" | "bulkPut" | "bulkDelete"
> {
  /** Pairs in one bulk write. @default - as many as Cloudflare takes */
  readonly pairsAtOnce?: number;
  /** Whether a bulk read includes expirations. @default true */
  readonly readsExpirations?: boolean;
}

/** The clock, which tests advance without waiting. */
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

/** The progress of a run. */
export interface Progress {
  /** The steps of a run, in order. */
  readonly doing: "compared" | "written" | "deleted" | "copied" | "exported" | "read back" | "read back again";
  readonly done: number;
  /** Missing while it is unknown. */
  readonly total?: number;
}

/** Asks for a total only once, whatever the answer was. */
export function once(ask: (() => Promise<number | undefined>) | undefined): () => Promise<number | undefined> {
  let answer: Promise<number | undefined> | undefined;
  return () => (answer ??= ask === undefined ? Promise.resolve(undefined) : ask());
}

/** Concurrent requests: enough to hide the latency to Cloudflare, few compared with its budget. */
export const CONCURRENT_REQUESTS = 4;

/** Rounds in which keys that Cloudflare could not store are sent again. */
export const MAX_ROUNDS = 6;

/** Seconds before a round: 0 before the first, then 1, 2, 4 … */
export function roundDelay(round: number): number {
  return round === 0 ? 0 : 2 ** (round - 1);
}
