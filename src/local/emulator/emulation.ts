import type { ApiRequest, ApiResponse } from "./api/http.js";
import type { Analytics } from "./analytics.js";
import type { BlobFolder } from "./blob-folder.js";
import type { ApiState, AssetsRecord } from "./records.js";
import type { EmulatorRuntime } from "./running-workers.js";
import type { StaleReads } from "./stale-reads.js";

/** The context of the routes' handlers. */
export interface Emulation {
  readonly state: ApiState;
  /** Writes the state to disk. */
  readonly save: () => Promise<void>;
  readonly blobs: BlobFolder;
  readonly workerd: EmulatorRuntime;
  readonly stale: StaleReads;
  readonly analytics: Analytics;
  /** What the request is billed as, where it is an operation on entries: handlers correct it. */
  readonly tally: Tally;
  readonly assets: AssetSessions;
  /** Share of a bulk operation's entries that fail, 0 to 1, from the faults of this request. */
  readonly partialFailure: () => number;
  /** Runs uploads one after another, because each may be rolled back. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => Date;
}

/** How many operations a request is, and how many bytes of values it carries. */
export interface Tally {
  requests: number;
  bytes: number;
}

export type Handler = (request: ApiRequest, emulation: Emulation) => ApiResponse | Promise<ApiResponse>;

/** An upload of static assets: its files, and the hashes that have not arrived yet. */
export interface AssetSession {
  readonly files: AssetsRecord["files"];
  readonly missing: Set<string>;
}

/** By token: uploads under way, and complete ones waiting for the upload of their Worker. */
export type AssetSessions = Map<string, AssetSession>;
