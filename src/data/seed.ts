import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { CloudflareError } from "../cloudflare/errors.js";
import { InputError, ServiceError } from "../errors.js";
import * as KV_LIMITS from "../kv/limits.js";
import { type Batch, Batcher } from "./batch.js";
import { differences } from "./differences.js";
import { type CheckedEntries, placedEntries } from "./entries.js";
import { ACCEPTED, DIFFERENT, EntryStates, PENDING, REFUSED, RESUMED, TOO_LATE, UNCHANGED } from "./entry-states.js";
import { Journal } from "./journal.js";
import { withLifetime } from "./lifetime.js";
import { MissingList } from "./missing.js";
import { Pool } from "./pool.js";
import { deleteKeys, strayKeys } from "./prune.js";
import { withRunLock } from "./run-lock.js";
import type { SeedOptions, SeedResult } from "./seed-options.js";
import {
  type Clock,
  CONCURRENT_REQUESTS,
  type EntriesTarget,
  MAX_ROUNDS,
  type Progress,
  roundDelay,
  systemClock,
} from "./target.js";
import { writing } from "./writing.js";

/**
 * Writes the entries of files to a namespace, and reports as written only what was accepted.
 *
 * @throws ServiceError when Cloudflare refuses before anything was accepted
 * @throws InputError `SEED_PRUNE_EMPTY` when there is nothing to keep, `SEED_JOURNAL_OTHER`, `JOURNAL_BROKEN`,
 *   `RUN_IN_PROGRESS`, `SEED_FILE_CHANGED`
 */
export async function seed(target: EntriesTarget, checked: CheckedEntries, options: SeedOptions): Promise<SeedResult> {
  if (options.prune !== undefined && checked.count === 0) {
    throw new InputError("SEED_PRUNE_EMPTY", "the files hold no entries, so pruning would delete every key");
  }
  const { journal } = options;
  await writing(journal, () => mkdir(dirname(journal), { recursive: true }));
  return withRunLock(journal, "cfkv seed", () => new Seeding(target, checked, options).run());
}

class Seeding {
  private readonly states: EntryStates;
  private readonly clock: Clock;
  private readonly ttlSeconds: number;
  private journal: Journal | undefined;
  private deleted = 0;

  constructor(
    private readonly target: EntriesTarget,
    private readonly checked: CheckedEntries,
    private readonly options: SeedOptions,
  ) {
    this.states = new EntryStates(checked.count);
    this.clock = options.clock ?? systemClock;
    this.ttlSeconds = options.ttlSeconds ?? 0;
  }

  async run(): Promise<SeedResult> {
    const { checked, options } = this;
    const decisive = [checked.digest, checked.options, checked.skipExpired, this.ttlSeconds];
    const source = createHash("sha256").update(JSON.stringify(decisive)).digest("hex");
    const header = { version: 2 as const, target: options.place, source, entries: checked.count };
    this.journal = await Journal.open(options.journal, header, options.resume ?? false, (ordinal) =>
      this.states.mark(ordinal, RESUMED),
    );
    try {
      const outcome = await this.work();
      const complete = outcome.missingCount === 0 && outcome.stopped === undefined;
      // An entry that was accepted and is missing has to be sent again: a resumed run must not skip it.
      if (complete || this.states.count(DIFFERENT) > 0) await this.journal.remove();
      return outcome;
    } finally {
      await this.journal.close();
    }
  }

  private async work(): Promise<SeedResult> {
    const missing = new MissingList(this.options.journal);
    let stopped: ServiceError | undefined;
    let verified = false;
    try {
      if (this.options.onlyChanges === true) await this.findUnchanged();
      await this.sendAll();
      if (!this.states.isIncomplete) await this.prune(missing);
      if (this.options.verify === true && !this.states.isIncomplete) verified = await this.readBack(missing);
    } catch (error) {
      if (error instanceof ServiceError && this.states.count(ACCEPTED) > 0) stopped = error;
      else {
        await missing.abandon();
        throw error;
      }
    }
    if (this.states.isIncomplete) await this.collectMissing(missing);
    const list = await missing.finish();
    return {
      entries: this.checked.count,
      written: this.states.count(ACCEPTED) + this.states.count(DIFFERENT),
      resumed: this.states.count(RESUMED),
      unchanged: this.states.count(UNCHANGED),
      expired: this.checked.expired,
      deleted: this.deleted,
      ...list,
      ...(stopped === undefined ? {} : { stopped }),
      verified: verified && list.missingCount === 0,
    };
  }

  private async findUnchanged(): Promise<void> {
    for await (const { kind, ordinal } of differences(this.target, this.checked, this.compared)) {
      this.report("compared", ordinal + 1);
      if (kind === "unchanged" && this.states.is(ordinal, PENDING)) this.states.mark(ordinal, UNCHANGED);
    }
  }

  /**
   * Sends pending entries until all are accepted or another attempt would not help. Keys that could not be stored are
   * sent again later; when a whole batch is refused, the next round's batches are a tenth of the size, so that a bad
   * entry is isolated.
   */
  private async sendAll(): Promise<void> {
    let size = 1;
    this.report("written", this.states.done);
    for (let round = 0; round < MAX_ROUNDS && this.states.count(PENDING) > 0;) {
      await this.clock.wait(roundDelay(round));
      const refused = await this.sendRound(size);
      if (refused) size /= 10;
      else round++;
    }
  }

  /** Sends every pending entry once, in batches of a part of the full size. Returns whether a batch was refused. */
  private async sendRound(size: number): Promise<boolean> {
    const pool = new Pool(CONCURRENT_REQUESTS, KV_LIMITS.maxBulkBytes);
    const { pairsAtOnce = KV_LIMITS.maxBulkPairs } = this.target;
    const batcher = new Batcher(Math.ceil(pairsAtOnce * size), Math.ceil(KV_LIMITS.maxBulkBytes * size));
    let refused = false;
    const send = async (batch: Batch | undefined) => {
      if (batch === undefined) return;
      await pool.start(batch.bytes, async () => {
        if (!(await this.sendBatch(batch))) refused = true;
        batch.release();
      });
    };
    try {
      let ordinal = 0;
      for await (const placed of placedEntries(this.checked)) {
        for (const { entry } of placed) {
          const number = ordinal++;
          if (!this.states.is(number, PENDING)) continue;
          if (entry.expiration !== undefined && entry.expiration < this.clock.now() + KV_LIMITS.minExpirationTtl) {
            this.states.mark(number, TOO_LATE);
            continue;
          }
          const full = batcher.add(withLifetime(entry, this.ttlSeconds), number);
          if (full !== undefined) await send(full);
        }
      }
      await send(batcher.take());
      await pool.finish();
    } finally {
      // Answers to sent batches are awaited and recorded before the run ends.
      await pool.settle();
    }
    return refused;
  }

  /** Returns false when Cloudflare refused the batch as a whole, and a smaller one may succeed. */
  private async sendBatch(batch: Batch): Promise<boolean> {
    let accepted: Uint32Array;
    try {
      ({ accepted } = await batch.send(this.target));
    } catch (error) {
      if (!(error instanceof CloudflareError) || (error.status !== 400 && error.status !== 413)) throw error;
      const [only, ...others] = batch.ordinals;
      if (only === undefined || others.length > 0) return false;
      this.states.mark(only, REFUSED);
      return true;
    }
    await this.journal?.accept(accepted);
    for (const ordinal of accepted) this.states.mark(ordinal, ACCEPTED);
    this.report("written", this.states.done);
    return true;
  }

  private async prune(missing: MissingList): Promise<void> {
    if (this.options.prune === undefined) return;
    const { wanted, prefix } = this.options.prune;
    const strays = strayKeys(this.target, wanted, prefix);
    const left = await deleteKeys(this.target, strays, this.clock, (count) => {
      this.deleted += count;
      this.options.onProgress?.({ doing: "deleted", done: this.deleted });
    });
    for (const key of left) await missing.add({ key, reason: "not deleted" });
  }

  /**
   * Reads everything back, and differing entries again, for as long as a write may take to become visible everywhere.
   */
  private async readBack(missing: MissingList): Promise<boolean> {
    let suspects: Set<number> | undefined;
    for (let round = 0; round <= MAX_ROUNDS && suspects?.size !== 0; round++) {
      await this.clock.wait(roundDelay(round));
      const before: ReadonlySet<number> | undefined = suspects;
      const include = (ordinal: number) => before?.has(ordinal) ?? true;
      let done = 0;
      suspects = new Set();
      for await (const { kind, ordinal } of differences(this.target, this.checked, { ...this.compared, include })) {
        if (before === undefined) this.report("read back", ++done);
        else this.report("read back again", ++done, before.size);
        if (kind !== "unchanged") suspects.add(ordinal);
      }
    }
    for (const ordinal of suspects ?? []) this.states.mark(ordinal, DIFFERENT);
    if (this.options.prune !== undefined) {
      const { wanted, prefix } = this.options.prune;
      for await (const strays of strayKeys(this.target, wanted, prefix)) {
        for (const key of strays) await missing.add({ key, reason: "still there when read back" });
      }
    }
    return suspects?.size === 0;
  }

  private async collectMissing(missing: MissingList): Promise<void> {
    let ordinal = 0;
    for await (const placed of placedEntries(this.checked)) {
      for (const { entry, position } of placed) {
        const reason = this.states.reason(ordinal++);
        if (reason !== undefined) await missing.add({ key: entry.key, ...position, reason });
      }
    }
  }

  private get compared(): { ttlSeconds: number; clock: Clock } {
    return { ttlSeconds: this.ttlSeconds, clock: this.clock };
  }

  private report(doing: Progress["doing"], done: number, total = this.checked.count): void {
    this.options.onProgress?.({ doing, done, total });
  }
}
