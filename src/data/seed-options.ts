import type { ServiceError } from "../errors.js";
import type { KeySet } from "./key-set.js";
import type { MissingEntry } from "./missing.js";
import type { Clock, Progress } from "./target.js";

/** Which keys to delete. */
export interface Prune {
  /** The keys of the files, which stay. */
  readonly wanted: KeySet;
  /** @default - every key */
  readonly prefix?: string;
}

/** Options for filling a namespace. */
export interface SeedOptions {
  /**
   * The file that records what was accepted, so that a killed run can be continued. Removed when the run is complete.
   */
  readonly journal: string;

  /** The place of the namespace, in one line: a journal of another place is not continued. */
  readonly place: string;

  /**
   * Continues the run that the journal records; without a record it starts at the beginning.
   *
   * @default false
   */
  readonly resume?: boolean;

  /**
   * Seconds until an entry expires that has no expiration of its own.
   *
   * @default 0 - it does not expire
   */
  readonly ttlSeconds?: number;

  /**
   * Reads what is stored first, and writes only what differs.
   *
   * @default false - every entry is written, which takes a hundredth of the requests
   */
  readonly onlyChanges?: boolean;

  /**
   * Deletes keys that are not in the files, after all entries of the files have been accepted.
   *
   * @default - nothing is deleted
   */
  readonly prune?: Prune;

  /**
   * Reads everything back at the end and compares it.
   *
   * @default false
   */
  readonly verify?: boolean;

  /** @default - the machine's clock */
  readonly clock?: Clock;

  readonly onProgress?: (progress: Progress) => void;
}

/** What a seed did. */
export interface SeedResult {
  /** Entries in the files. */
  readonly entries: number;
  readonly written: number;
  /** Entries that an earlier, interrupted run had written. */
  readonly resumed: number;
  /** Entries that were stored already and not written again. */
  readonly unchanged: number;
  /** Entries left out because they have expired. */
  readonly expired: number;
  readonly deleted: number;
  /** Everything that is missing or differs: the first thousand; all of them are in {@link missingFile}. */
  readonly missing: readonly MissingEntry[];
  readonly missingCount: number;
  readonly missingFile?: string;
  /** The error that ended the run early. */
  readonly stopped?: ServiceError;
  /** True when everything was read back and found the same. */
  readonly verified: boolean;
}
