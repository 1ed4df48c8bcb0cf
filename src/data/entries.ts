import { InputError } from "../errors.js";
import { type Entry, parseEntry, quoted } from "./entry.js";
import { type Position, positionText } from "./item.js";
import { readItems } from "./items.js";
import { KeySet } from "./key-set.js";

/** One broken rule of one entry. */
export interface EntryProblem {
  readonly position: Position;
  readonly problem: string;
}

/** Problems that are kept; a file of a million wrong lines must not fill the memory. */
const MAX_PROBLEMS = 1000;
const SHOWN_PROBLEMS = 20;

/** Files of entries that break KV's rules. Nothing was sent. */
export class EntriesError extends InputError<"ENTRIES_INVALID"> {
  constructor(
    /** The first thousand, in the order of the files. */
    readonly problems: readonly EntryProblem[],
    /** All of them. */
    readonly problemCount: number,
  ) {
    const shown = problems.slice(0, SHOWN_PROBLEMS).map((each) => `  ${positionText(each.position)}: ${each.problem}`);
    const more = problemCount > shown.length ? [`  and ${problemCount - shown.length} more`] : [];
    super("ENTRIES_INVALID", [`${counted(problemCount, "problem")} in the entries`, ...shown, ...more].join("\n"));
  }
}

/** What a check of files found. */
export interface CheckedEntries {
  /** Entries in all files. */
  readonly count: number;
  readonly keys: KeySet;
}

/** How to read entries. */
export interface ReadOptions {
  /**
   * Seconds since 1970, against which every `expiration` is judged.
   *
   * @default - the time of the call
   */
  readonly now?: number;
}

/** An entry and where it was read. */
export interface PlacedEntry {
  readonly entry: Entry;
  readonly position: Position;
}

/**
 * Reads the entries of files or directories, one after the other, with one chunk of a file in memory. Everything is
 * checked before the first entry is handed out.
 *
 * @param files - `.json` (wrangler's bulk format), `.ndjson`/`.jsonl`, `.csv`, `.yaml`/`.yml`, or directories
 * @throws EntriesError `ENTRIES_INVALID` with every problem: fields, keys, sizes, expiry, duplicates
 */
export async function* readEntries(
  files: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<Entry, void, undefined> {
  const list = typeof files === "string" ? [files] : files;
  const now = options.now ?? Math.floor(Date.now() / 1000);
  await checkEntries(list, { now });
  for await (const placed of placedEntries(list, { now })) {
    for (const { entry } of placed) yield entry;
  }
}

/**
 * Judges every entry of the files by KV's rules.
 *
 * @throws EntriesError `ENTRIES_INVALID` with every problem
 */
export async function checkEntries(files: readonly string[], options: ReadOptions = {}): Promise<CheckedEntries> {
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const keys = new KeySet();
  const repeated = new KeySet();
  const problems: EntryProblem[] = [];
  let problemCount = 0;
  let count = 0;

  for (const file of files) {
    for await (const items of readItems(file)) {
      for (const item of items) {
        const result = "problem" in item ? [item.problem] : parseEntry(item.content, now);
        if (isEntry(result)) {
          count++;
          if (!keys.add(result.key)) repeated.add(result.key);
          continue;
        }
        problemCount += result.length;
        for (const problem of result) {
          if (problems.length < MAX_PROBLEMS) problems.push({ position: item.position, problem });
        }
      }
    }
  }
  if (repeated.size > 0) {
    problemCount += await findDuplicates(files, repeated, now, problems);
  }
  if (problemCount > 0) throw new EntriesError(problems, problemCount);
  return { count, keys };
}

/**
 * The entries of files that were checked before, some at a time, in the order of the files.
 *
 * @throws InputError `SEED_FILE_CHANGED` when an entry breaks a rule now
 */
export async function* placedEntries(
  files: readonly string[],
  { now }: { readonly now: number },
): AsyncGenerator<PlacedEntry[], void, undefined> {
  for (const file of files) {
    for await (const items of readItems(file)) {
      yield items.map((item) => {
        const result = "problem" in item ? [] : parseEntry(item.content, now);
        if (isEntry(result)) return { entry: result, position: item.position };
        throw new InputError("SEED_FILE_CHANGED", `'${file}' was changed while it was read`);
      });
    }
  }
}

/** Adds the second and every later place of a key, each naming the first. Returns how many there are. */
async function findDuplicates(
  files: readonly string[],
  repeated: KeySet,
  now: number,
  problems: EntryProblem[],
): Promise<number> {
  const firsts = new Map<string, Position>();
  let count = 0;
  for (const file of files) {
    for await (const items of readItems(file)) {
      for (const { position, ...item } of items) {
        const result = "problem" in item ? [] : parseEntry(item.content, now);
        if (!isEntry(result) || !repeated.has(result.key)) continue;
        const first = firsts.get(result.key);
        if (first === undefined) {
          firsts.set(result.key, position);
          continue;
        }
        count++;
        if (problems.length >= MAX_PROBLEMS) continue;
        problems.push({ position, problem: `key ${quoted(result.key)} is also at ${positionText(first)}` });
      }
    }
  }
  return count;
}

function isEntry(result: Entry | readonly string[]): result is Entry {
  return !Array.isArray(result);
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
