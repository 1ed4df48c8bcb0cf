import { InputError } from "../errors.js";
import * as KV_LIMITS from "../kv/limits.js";
import { count } from "../values/text.js";
import { type Entry, parseEntry, quoted } from "./entry.js";
import { type Item, type ItemPosition, positionText } from "./item.js";
import { readItems } from "./items.js";
import { KeySet } from "./key-set.js";

/** One broken rule of one entry. */
export interface EntryProblem {
  readonly position: ItemPosition;
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
    super("ENTRIES_INVALID", [`${count(problemCount, "problem")} in the entries`, ...shown, ...more].join("\n"));
  }
}

/** How to read entries. */
export interface ReadOptions {
  /**
   * Seconds since 1970, against which every `expiration` is judged.
   *
   * @default - the time of the call
   */
  readonly now?: number;

  /**
   * Leaves out entries whose `expiration` is past or less than 60 seconds ahead, as an export made a while ago has them.
   *
   * @default false - such an entry is a problem
   */
  readonly skipExpired?: boolean;
}

/** Files whose entries obey every rule. */
export interface CheckedEntries {
  readonly files: readonly string[];
  /** Seconds since 1970 at which they were judged. */
  readonly now: number;
  readonly skipExpired: boolean;
  /** Entries in all files, without those left out. */
  readonly count: number;
  /** Entries left out because they have expired. */
  readonly expired: number;
}

/** An entry and where it was read. */
export interface PlacedEntry {
  readonly entry: Entry;
  readonly position: ItemPosition;
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
  const checked = await checkEntries(typeof files === "string" ? [files] : files, options);
  for await (const placed of placedEntries(checked)) {
    for (const { entry } of placed) yield entry;
  }
}

/**
 * Judges every entry of the files by KV's rules.
 *
 * @param keys - an empty set, which is filled with the keys
 * @throws EntriesError `ENTRIES_INVALID` with every problem
 */
export async function checkEntries(
  files: readonly string[],
  options: ReadOptions = {},
  keys = new KeySet(),
): Promise<CheckedEntries> {
  const { now = Math.floor(Date.now() / 1000), skipExpired = false } = options;
  const reading: Reading = { files, now, skipExpired };
  const repeated = new KeySet();
  const problems: EntryProblem[] = [];
  let problemCount = 0;
  let count = 0;
  let expired = 0;

  for await (const { position, result } of judgedItems(reading)) {
    if (result === EXPIRED) {
      expired++;
    } else if (isEntry(result)) {
      count++;
      if (!keys.add(result.key)) repeated.add(result.key);
    } else {
      problemCount += result.length;
      for (const problem of result) if (problems.length < MAX_PROBLEMS) problems.push({ position, problem });
    }
  }
  if (repeated.size > 0) problemCount += await findDuplicates(reading, repeated, problems);
  if (problemCount > 0) throw new EntriesError(inOrder(problems, files), problemCount);
  return { ...reading, count, expired };
}

/**
 * The entries of files that were checked before, some at a time, in the order of the files.
 *
 * @throws InputError `SEED_FILE_CHANGED` when an entry breaks a rule now
 */
export async function* placedEntries(checked: CheckedEntries): AsyncGenerator<PlacedEntry[], void, undefined> {
  for (const file of checked.files) {
    for await (const items of readItems(file)) {
      const placed: PlacedEntry[] = [];
      for (const item of items) {
        const result = judge(item, checked);
        if (result === EXPIRED) continue;
        if (!isEntry(result)) throw new InputError("SEED_FILE_CHANGED", `'${file}' was changed while it was read`);
        placed.push({ entry: result, position: item.position });
      }
      yield placed;
    }
  }
}

type Reading = Pick<CheckedEntries, "files" | "now" | "skipExpired">;

const EXPIRED = Symbol("expired");
type Judgement = Entry | readonly string[] | typeof EXPIRED;

async function* judgedItems(
  reading: Reading,
): AsyncGenerator<{ position: ItemPosition; result: Judgement }, void, undefined> {
  for (const file of reading.files) {
    for await (const items of readItems(file)) {
      for (const item of items) yield { position: item.position, result: judge(item, reading) };
    }
  }
}

function judge(item: Item, { now, skipExpired }: Reading): Judgement {
  if ("problem" in item) return [item.problem];
  if (!skipExpired) return parseEntry(item.content, now);
  const result = parseEntry(item.content, -Infinity);
  return isEntry(result) && (result.expiration ?? Infinity) < now + KV_LIMITS.minExpirationTtl ? EXPIRED : result;
}

/** Adds the second and every later place of a key, each naming the first. Returns how many there are. */
async function findDuplicates(reading: Reading, repeated: KeySet, problems: EntryProblem[]): Promise<number> {
  const firsts = new Map<string, ItemPosition>();
  let count = 0;
  for await (const { position, result } of judgedItems(reading)) {
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
  return count;
}

/** In the order of the files, where duplicates were found last. */
function inOrder(problems: readonly EntryProblem[], files: readonly string[]): EntryProblem[] {
  const rank = ({ file }: ItemPosition): number => files.findIndex((each) => file.startsWith(each));
  const within = ({ line, index = 0 }: ItemPosition): number => line ?? index;
  return [...problems].sort(
    ({ position: a }, { position: b }) => rank(a) - rank(b) || (a.file === b.file ? within(a) - within(b) : 0),
  );
}

function isEntry(result: Judgement): result is Entry {
  return result !== EXPIRED && !Array.isArray(result);
}
