import type { AssetSessions } from "./api/assets.js";
import type { BlobFolder } from "./blob-folder.js";
import type { ApiRequest, ApiResponse } from "./api/http.js";
import type { StaleReads } from "./stale-reads.js";
import type { ApiState } from "./state.js";
import type { EmulatorRuntime } from "./running-workers.js";

/** What the routes work on. */
export interface Emulation {
  readonly state: ApiState;
  /** Puts the state on disk. */
  readonly save: () => Promise<void>;
  readonly blobs: BlobFolder;
  readonly runtime: EmulatorRuntime;
  readonly stale: StaleReads;
  readonly assets: AssetSessions;
  /** Share of a bulk operation's entries that fail, 0 to 1; asks the faults that are set. */
  readonly partialFailure: () => number;
  /** Runs uploads one after another: each may be taken back. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => Date;
}

export type Handler = (request: ApiRequest, emulation: Emulation) => ApiResponse | Promise<ApiResponse>;
