import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError, ServiceError } from "../errors.js";
import { replaceFile } from "../files/replace-file.js";
import * as KV_LIMITS from "../kv/limits.js";
import { type Batch, Batcher } from "./batch.js";
import { copyDifferences } from "./copy-verify.js";
import type { Entry } from "./entry.js";
import { entryGroups } from "./entry-groups.js";
import { checkMappings, type KeyMapping, mappedKey } from "./key-mapping.js";
import { type MissingEntry, MissingList } from "./missing.js";
import type { ListingPoint } from "./pages.js";
import { isCount, isOptionalText, readRecord } from "./records.js";
import { withRunLock } from "./run-lock.js";
import { type Clock, type EntriesTarget, MAX_ROUNDS, once, type Progress, roundDelay, systemClock } from "./target.js";
import { writing } from "./writing.js";
import { isObject } from "../values/json.js";

/** What to copy, and how. */
export interface CopyOptions {
  /** The file that records the progress of the copy. Removed when it is complete. */
  readonly journal: string;
  /** Source and target in one line: the record of another copy is not continued. */
  readonly place: string;
  /** @default - every key */
  readonly prefix?: string;
  /** The first whose `from` a key begins with is applied. @default - keys stay as they are */
  readonly mappings?: readonly KeyMapping[];
  /** @default false */
  readonly resume?: boolean;
  /** Reads both sides at the end and compares them. @default false */
  readonly verify?: boolean;
  /**
   * Counts the entries, for the progress; called when there is more than one page.
   *
   * @default - known only when the listing shows it
   */
  readonly total?: () => Promise<number | undefined>;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a copy did. */
export interface CopyResult {
  readonly copied: number;
  /** Entries whose expiration was past or less than 60 seconds ahead, which KV does not accept. */
  readonly expired: number;
  readonly missing: readonly MissingEntry[];
  readonly missingCount: number;
  readonly missingFile?: string;
  /** The error that ended the copy early. */
  readonly stopped?: ServiceError;
  readonly verified: boolean;
}

interface Checkpoint {
  readonly version: 2;
  readonly place: string;
  readonly copied: number;
  readonly expired: number;
  readonly next: ListingPoint;
}

const WAY_OUT = "run again without --resume: every entry is copied again";

/**
 * Copies entries, with metadata and expiration, from one namespace into another. Other entries of the target stay.
 *
 * @throws InputError `COPY_KEYS_INVALID` when mapped keys meet or break KV's rules, `COPY_RECORD_OTHER`,
 * `JOURNAL_BROKEN`,   `RUN_IN_PROGRESS`
 * @throws ServiceError when Cloudflare refuses before anything was copied
 */
export async function copyEntries(
  source: EntriesTarget,
  target: EntriesTarget,
  options: CopyOptions,
): Promise<CopyResult> {
  const { journal } = options;
  await writing(journal, () => mkdir(dirname(journal), { recursive: true }));
  return withRunLock(journal, "cfkv copy", () => new Copying(source, target, options).run());
}

class Copying {
  private readonly mappings: readonly KeyMapping[];
  private readonly prefix: string;
  private readonly clock: Clock;
  private readonly place: string;
  private readonly missing: MissingList;
  private total: number | undefined;
  private readonly countOnce: () => Promise<number | undefined>;
  private copied = 0;
  private expired = 0;
  private differs = false;

  constructor(
    private readonly source: EntriesTarget,
    private readonly target: EntriesTarget,
    private readonly options: CopyOptions,
  ) {
    this.mappings = options.mappings ?? [];
    this.prefix = options.prefix ?? "";
    this.clock = options.clock ?? systemClock;
    this.place = JSON.stringify([options.place, this.prefix, this.mappings]);
    this.missing = new MissingList(options.journal);
    this.countOnce = once(options.total);
  }

  async run(): Promise<CopyResult> {
    const { journal, resume = false, verify = false } = this.options;
    if (this.mappings.length > 0) this.total = await checkMappings(this.source, this.prefix, this.mappings);
    const start = resume ? await this.checkpoint() : undefined;
    // The record of an earlier copy must not outlive the start of this one.
    if (start === undefined) await writing(journal, () => rm(journal, { force: true }));
    this.copied = start?.copied ?? 0;
    this.expired = start?.expired ?? 0;
    let stopped: ServiceError | undefined;
    let verified = false;
    try {
      await this.copyFrom(start?.next);
      if (verify) verified = await this.compare();
    } catch (error) {
      if (error instanceof ServiceError && this.copied > 0) stopped = error;
      else {
        await this.missing.abandon();
        throw error;
      }
    }
    const list = await this.missing.finish();
    const complete = stopped === undefined && list.missingCount === 0;
    // An entry that was accepted and is missing has to be sent again: a resumed run must not skip it.
    if (complete || this.differs) await rm(journal, { force: true });
    return {
      copied: this.copied,
      expired: this.expired,
      ...list,
      ...(stopped === undefined ? {} : { stopped }),
      verified: verified && list.missingCount === 0,
    };
  }

  private async copyFrom(start: ListingPoint | undefined): Promise<void> {
    this.report();
    const batcher = new Batcher(this.target.pairsAtOnce ?? KV_LIMITS.maxBulkPairs);
    let held = new Map<string, Entry>();
    // Everything before it is in a batch that was accepted or is pending.
    let point: ListingPoint = start ?? {};
    let expired = 0;
    const flush = async (batch: Batch | undefined): Promise<void> => {
      if (batch === undefined) return;
      await this.put(batch, held);
      held = new Map();
      this.expired += expired;
      expired = 0;
      await this.record(point);
    };
    for await (const { entries, next, total } of entryGroups(this.source, { prefix: this.prefix, ...start })) {
      this.total ??= total ?? (await this.countOnce());
      for (const stored of entries) {
        const before = point;
        if (next !== undefined) point = { ...next, lastKey: stored.key };
        if ((stored.expiration ?? Infinity) < this.clock.now() + KV_LIMITS.minExpirationTtl) {
          expired++;
          continue;
        }
        const entry = { ...stored, key: mappedKey(stored.key, this.mappings) };
        const full = batcher.add(entry, 0);
        if (full !== undefined) {
          const after = point;
          point = before;
          await flush(full);
          point = after;
        }
        held.set(entry.key, entry);
        if (batcher.isFull) await flush(batcher.take());
      }
      if (next === undefined) continue;
      const moved = next.cursor !== point.cursor && held.size === 0;
      point = next;
      if (moved && this.copied > 0) await this.record(point);
    }
    await flush(batcher.take());
    this.expired += expired;
  }

  /** Writes a batch, then retries what Cloudflare could not store, for some rounds. */
  private async put(batch: Batch, held: ReadonlyMap<string, Entry>): Promise<void> {
    let pending: Batch | undefined = batch;
    let missing: readonly string[] = [];
    for (let round = 0; pending !== undefined && round < MAX_ROUNDS; round++) {
      await this.clock.wait(roundDelay(round));
      missing = (await pending.send(this.target)).unsuccessfulKeys;
      this.copied += pending.ordinals.length - missing.length;
      this.report();
      pending.release();
      const again = new Batcher();
      for (const key of missing) {
        const entry = held.get(key);
        if (entry !== undefined) again.add(entry, 0);
      }
      pending = again.take();
    }
    for (const key of missing) await this.missing.add({ key, reason: "not accepted" });
  }

  private async compare(): Promise<boolean> {
    const { source, target, prefix, mappings, clock } = this;
    for await (const { differing, compared } of copyDifferences(source, target, { prefix, mappings, clock })) {
      if (differing.length > 0) this.differs = true;
      for (const key of differing) await this.missing.add({ key, reason: "differs from the source when read back" });
      this.options.onProgress?.({ doing: "read back", done: compared, total: this.copied + this.expired });
    }
    return !this.differs;
  }

  /**
   * Records the point up to which everything was accepted: not past a missing entry, so that a resumed copy sends it
   * again.
   */
  private async record(next: ListingPoint): Promise<void> {
    if (this.missing.size > 0) return;
    const { journal } = this.options;
    const { place, copied, expired } = this;
    const checkpoint: Checkpoint = { version: 2, place, copied, expired, next };
    await writing(journal, () => replaceFile(journal, JSON.stringify(checkpoint)));
  }

  private async checkpoint(): Promise<Checkpoint | undefined> {
    const found = await readRecord<Checkpoint>(this.options.journal, isCheckpoint, WAY_OUT);
    if (found === undefined || found.place === this.place) return found;
    throw new InputError("COPY_RECORD_OTHER", "the interrupted copy had other namespaces or options", WAY_OUT);
  }

  private report(): void {
    const { copied, expired, total } = this;
    this.options.onProgress?.({ doing: "copied", done: copied + expired, ...(total !== undefined && { total }) });
  }
}

function isCheckpoint({ version, place, copied, expired, next }: Readonly<Record<string, unknown>>): boolean {
  return (
    version === 2 &&
    typeof place === "string" &&
    isCount(copied) &&
    isCount(expired) &&
    isObject(next) &&
    isOptionalText(next["cursor"]) &&
    isOptionalText(next["lastKey"])
  );
}
