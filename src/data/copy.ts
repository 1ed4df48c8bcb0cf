import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError, ServiceError } from "../errors.js";
import * as KV_LIMITS from "../kv/limits.js";
import { keyProblem } from "../kv/rules.js";
import { type Batch, Batcher } from "./batch.js";
import { mismatch } from "./compare.js";
import { type Entry, quoted } from "./entry.js";
import { entryGroups, replaceFile } from "./export.js";
import { KeySet } from "./key-set.js";
import { mapOrdered } from "./map-ordered.js";
import { type MissingEntry, MissingList } from "./missing.js";
import { listPages, readGroups, readStored, withExpiration } from "./stored.js";
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

/** A prefix of keys that another takes the place of. */
export interface KeyMapping {
  readonly from: string;
  readonly to: string;
}

/** What to copy, and how. */
export interface CopyOptions {
  /** The file that records how far the copy came. Removed when all is done. */
  readonly journal: string;
  /** From where to where, in one line: the record of another copy is not continued. */
  readonly place: string;
  /** @default - every key */
  readonly prefix?: string;
  /** The first whose `from` a key begins with is applied. @default - keys stay as they are */
  readonly mappings?: readonly KeyMapping[];
  /** @default false */
  readonly resume?: boolean;
  /** Reads both sides at the end and compares them. @default false */
  readonly verify?: boolean;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  readonly onProgress?: (progress: Progress) => void;
}

/** What a copy did. */
export interface CopyResult {
  readonly copied: number;
  /** Entries whose expiration was past or less than 60 seconds ahead, which KV does not take. */
  readonly expired: number;
  readonly missing: readonly MissingEntry[];
  readonly missingCount: number;
  readonly missingFile?: string;
  /** What ended the copy before its end. */
  readonly stopped?: ServiceError;
  readonly verified: boolean;
}

interface Checkpoint {
  readonly place: string;
  readonly copied: number;
  readonly expired: number;
  readonly cursor?: string;
  readonly lastKey?: string;
}

/** A key under the mappings. */
export function mappedKey(key: string, mappings: readonly KeyMapping[]): string {
  const mapping = mappings.find(({ from }) => key.startsWith(from));
  return mapping === undefined ? key : mapping.to + key.slice(mapping.from.length);
}

/**
 * Copies entries, with metadata and expiration, from one namespace into another. What the target holds besides stays.
 *
 * @throws InputError `COPY_KEYS_INVALID` when mapped keys meet or break KV's rules, `COPY_RECORD_OTHER`
 * @throws ServiceError when Cloudflare refuses before anything was copied
 */
export async function copyEntries(
  source: EntriesTarget,
  target: EntriesTarget,
  options: CopyOptions,
): Promise<CopyResult> {
  return new Copying(source, target, options).run();
}

class Copying {
  private readonly mappings: readonly KeyMapping[];
  private readonly prefix: string;
  private readonly clock: Clock;
  private readonly place: string;
  private readonly missing: MissingList;
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
  }

  async run(): Promise<CopyResult> {
    const { journal } = this.options;
    await writing(journal, () => mkdir(dirname(journal), { recursive: true }));
    if (this.mappings.length > 0) await this.checkKeys();
    const start = this.options.resume === true ? await this.checkpoint() : undefined;
    this.copied = start?.copied ?? 0;
    this.expired = start?.expired ?? 0;
    let stopped: ServiceError | undefined;
    let verified = false;
    try {
      await this.copyFrom(start);
      if (this.options.verify === true) verified = await this.compare();
    } catch (error) {
      if (!(error instanceof ServiceError) || this.copied === 0) throw error;
      stopped = error;
    }
    const list = await this.missing.finish();
    const complete = stopped === undefined && list.missingCount === 0;
    // What was accepted and is not there was not: a run that goes on must not leave it out.
    if (complete || this.differs) await rm(this.options.journal, { force: true });
    return {
      copied: this.copied,
      expired: this.expired,
      ...list,
      ...(stopped === undefined ? {} : { stopped }),
      verified: verified && list.missingCount === 0,
    };
  }

  /** Two keys that become one would overwrite each other: found before anything is written. */
  private async checkKeys(): Promise<void> {
    const problems: string[] = [];
    const keys = new KeySet();
    for await (const page of listPages(this.source, { prefix: this.prefix })) {
      for (const { name } of page.keys) {
        const key = mappedKey(name, this.mappings);
        const problem = keyProblem(key) ?? (keys.add(key) ? undefined : "another key is mapped to the same");
        if (problem !== undefined && problems.length < 20)
          problems.push(`  ${quoted(name)} to ${quoted(key)}: ${problem}`);
      }
    }
    if (problems.length === 0) return;
    throw new InputError(
      "COPY_KEYS_INVALID",
      ["keys cannot be mapped so", ...problems].join("\n"),
      "change --map or --prefix",
    );
  }

  private async copyFrom(start: Checkpoint | undefined): Promise<void> {
    const { cursor, lastKey } = start ?? {};
    this.options.onProgress?.({ doing: "copied", done: this.copied });
    const after = { ...(cursor === undefined ? {} : { cursor }), ...(lastKey === undefined ? {} : { lastKey }) };
    const batcher = new Batcher();
    let held = new Map<string, Entry>();
    const flush = async (batch: Batch | undefined) => {
      if (batch !== undefined) await this.put(batch, held);
    };
    for await (const { entries, end } of entryGroups(this.source, { prefix: this.prefix, ...after })) {
      for (const stored of entries) {
        if ((stored.expiration ?? Infinity) < this.clock.now() + KV_LIMITS.minExpirationTtl) {
          this.expired++;
          continue;
        }
        const entry = { ...stored, key: mappedKey(stored.key, this.mappings) };
        const full = batcher.add(entry, 0);
        if (full !== undefined) {
          await flush(full);
          held = new Map();
        }
        held.set(entry.key, entry);
      }
      // Where a page ends can be recorded, so a batch that might not take another page ends there too.
      if (end !== undefined && held.size + KV_LIMITS.maxListKeys > KV_LIMITS.maxBulkPairs) {
        await flush(batcher.take());
        held = new Map();
        await this.record(end);
      }
    }
    await flush(batcher.take());
  }

  /** Writes a batch, then what of it Cloudflare could not store, for some rounds. */
  private async put(batch: Batch, held: ReadonlyMap<string, Entry>): Promise<void> {
    let pending: Batch | undefined = batch;
    let missing: readonly string[] = [];
    for (let round = 0; pending !== undefined && round < MAX_ROUNDS; round++) {
      await this.clock.wait(roundDelay(round));
      missing = (await this.target.bulkPut(pending.body)).unsuccessfulKeys;
      this.copied += pending.ordinals.length - missing.length;
      this.options.onProgress?.({ doing: "copied", done: this.copied });
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
    let compared = 0;
    for await (const { entries } of entryGroups(this.source, { prefix: this.prefix })) {
      const wanted = entries.map((entry) => ({ ...entry, key: mappedKey(entry.key, this.mappings) }));
      for await (const missing of mapOrdered(readGroups(wanted), CONCURRENT_REQUESTS, (group) =>
        this.differing(group),
      )) {
        if (missing.length > 0) this.differs = true;
        for (const key of missing) await this.missing.add({ key, reason: "not as in the source when read back" });
      }
      compared += entries.length;
      this.options.onProgress?.({ doing: "read back", done: compared });
    }
    return !this.differs;
  }

  /** The keys of a group that differ, after a write has had time to be seen. */
  private async differing(group: readonly Entry[]): Promise<string[]> {
    let suspects = group.filter(
      ({ expiration = Infinity }) => expiration >= this.clock.now() + KV_LIMITS.minExpirationTtl,
    );
    for (let round = 0; round <= MAX_ROUNDS && suspects.length > 0; round++) {
      await this.clock.wait(roundDelay(round));
      const stored = await readStored(
        this.target,
        suspects.map(({ key }) => key),
      );
      const differing: Entry[] = [];
      for (const entry of suspects) {
        const found = stored.get(entry.key);
        const complete = found && entry.expiration !== undefined ? await withExpiration(this.target, found) : found;
        if (complete === undefined || mismatch(entry, complete, this.clock.now())) differing.push(entry);
      }
      suspects = differing;
    }
    return suspects.map(({ key }) => key);
  }

  /** Records how far everything was accepted: not past an entry that is missing, so that a resumed copy sends it again. */
  private async record(end: { readonly cursor?: string; readonly lastKey?: string }): Promise<void> {
    if (this.missing.size > 0) return;
    const { journal } = this.options;
    const checkpoint = { place: this.place, copied: this.copied, expired: this.expired, ...end };
    await writing(journal, () => replaceFile(journal, JSON.stringify(checkpoint)));
  }

  private async checkpoint(): Promise<Checkpoint | undefined> {
    let found: Checkpoint;
    try {
      found = JSON.parse(await readFile(this.options.journal, "utf8")) as Checkpoint;
    } catch {
      return undefined;
    }
    if (found.place === this.place) return found;
    throw new InputError(
      "COPY_RECORD_OTHER",
      "the interrupted copy was of other namespaces or options",
      "run again without --resume: every entry is copied anew",
    );
  }
}
