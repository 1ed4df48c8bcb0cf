import { createHash } from "node:crypto";
import { basename } from "node:path";
import { InputError } from "../errors.js";
import * as KV_LIMITS from "../kv/limits.js";
import { count } from "../values/text.js";
import { type Entry, parseEntry, quoted } from "./entry.js";
import { type FileOptions, type Item, type ItemPosition, positionText, type ReadContext } from "./item.js";
import { readItems } from "./items.js";
import { KeySet } from "./key-set.js";

/** One broken rule of one entry. */
export interface EntryProblem {
  readonly position: ItemPosition;
  readonly problem: string;
}

/** How many problems are kept; a file of a million wrong lines must not fill the memory. */
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
export interface ReadOptions extends FileOptions {
  /**
   * Seconds since 1970, with which every `expiration` is compared.
   *
   * @default - the time of the call
   */
  readonly now?: number;

  /**
   * Leaves out entries whose `expiration` is past or less than 60 seconds ahead, which older exports contain.
   *
   * @default false - such an entry is a problem
   */
  readonly skipExpired?: boolean;
}

/** Files whose entries obey every rule. */
export interface CheckedEntries {
  readonly files: readonly string[];
  readonly options: FileOptions;
  /** Seconds since 1970 at which they were checked. */
  readonly now: number;
  readonly skipExpired: boolean;
  /** Entries in all files, without those left out. */
  readonly count: number;
  /** Entries left out because they have expired. */
  readonly expired: number;
  /** Files and folders of directories left out because their names begin with a dot. */
  readonly hidden: readonly string[];
  /** What is probably a mistake, such as a file of secrets that becomes a value. */
  readonly warnings: readonly string[];
  /** A hash of everything that was read. */
  readonly digest: string;
  /** The entries themselves, if they are few enough to be read once. */
  readonly kept?: readonly (readonly PlacedEntry[])[];
}

/** An entry and where it was read. */
export interface PlacedEntry {
  readonly entry: Entry;
  readonly position: ItemPosition;
}

/**
 * Reads the entries of files or directories, one after the other, with one chunk of a file in memory. Everything is
 * checked before the first entry is returned.
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

/** Files of up to this many bytes stay in memory after the check: reading them again would take as long. */
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Checks every entry of the files against KV's rules.
 *
 * @param keys - an empty set, which is filled with the keys
 * @throws EntriesError `ENTRIES_INVALID` with every problem
 */
export async function checkEntries(
  files: readonly string[],
  options: ReadOptions = {},
  keys = new KeySet(),
): Promise<CheckedEntries> {
  const { now = Math.floor(Date.now() / 1000), skipExpired = false, ...fileOptions } = options;
  const reading = new Reading({ files, options: fileOptions, now, skipExpired });
  const repeated = new KeySet();
  const problems: EntryProblem[] = [];
  const warnings: string[] = [];
  let problemCount = 0;
  let entryCount = 0;
  let expired = 0;
  let kept: PlacedEntry[][] | undefined = [];

  for await (const results of reading.results()) {
    const placed: PlacedEntry[] = [];
    for (const { position, result } of results) {
      if (result === EXPIRED) {
        expired++;
      } else if (isEntry(result)) {
        entryCount++;
        if (!keys.add(result.key)) repeated.add(result.key);
        if (kept !== undefined) placed.push({ entry: result, position });
        if (isEnvironmentFile(position))
          warnings.push(`${positionText(position)} holds environment variables, probably secrets`);
      } else {
        problemCount += result.length;
        for (const problem of result) if (problems.length < MAX_PROBLEMS) problems.push({ position, problem });
      }
    }
    if (reading.bytes > KEPT_BYTES) kept = undefined;
    kept?.push(placed);
  }
  if (repeated.size > 0) problemCount += await findDuplicates(reading, repeated, problems);
  if (problemCount > 0) throw new EntriesError(inOrder(problems, files), problemCount);
  return {
    ...reading.source,
    count: entryCount,
    expired,
    hidden: reading.hidden,
    warnings,
    digest: reading.digest(),
    ...(kept === undefined ? {} : { kept }),
  };
}

/**
 * The entries of files that were checked before, some at a time, in the order of the files.
 *
 * @throws InputError `SEED_FILE_CHANGED` when the files have changed, at the latest after all entries
 */
export async function* placedEntries(checked: CheckedEntries): AsyncGenerator<readonly PlacedEntry[], void, undefined> {
  if (checked.kept !== undefined) {
    yield* checked.kept;
    return;
  }
  const reading = new Reading(checked);
  for await (const results of reading.results()) {
    const placed: PlacedEntry[] = [];
    for (const { position, result } of results) {
      if (result === EXPIRED) continue;
      if (!isEntry(result)) throw changed(position.file);
      placed.push({ entry: result, position });
    }
    yield placed;
  }
  if (reading.digest() !== checked.digest) throw changed(checked.files.join("', '"));
}

type Source = Pick<CheckedEntries, "files" | "options" | "now" | "skipExpired">;

const EXPIRED = Symbol("expired");
type Result = Entry | readonly string[] | typeof EXPIRED;

interface PlacedResult {
  readonly position: ItemPosition;
  readonly result: Result;
}

/** One pass over the files, from the first to the last. */
class Reading {
  readonly source: Source;
  readonly hidden: string[] = [];
  bytes = 0;
  private readonly hash = createHash("sha256");

  constructor({ files, options, now, skipExpired }: Source) {
    this.source = { files, options, now, skipExpired };
  }

  async *results(): AsyncGenerator<readonly PlacedResult[], void, undefined> {
    const { files, options } = this.source;
    const context: ReadContext = {
      ...options,
      onBytes: (bytes) => {
        this.bytes += bytes.length;
        this.hash.update(bytes);
      },
      onHidden: (path) => this.hidden.push(path),
    };
    for (const file of files) {
      this.hash.update(JSON.stringify(file));
      for await (const items of readItems(file, context)) {
        yield items.map((item) => ({ position: item.position, result: this.check(item) }));
      }
    }
  }

  digest(): string {
    return this.hash.copy().digest("hex");
  }

  private check(item: Item): Result {
    if ("problem" in item) return [item.problem];
    const { now, skipExpired, options } = this.source;
    if (!skipExpired) return parseEntry(item.content, now, options.jsonValues);
    const result = parseEntry(item.content, -Infinity, options.jsonValues);
    return isEntry(result) && (result.expiration ?? Infinity) < now + KV_LIMITS.minExpirationTtl ? EXPIRED : result;
  }
}

function changed(files: string): InputError<"SEED_FILE_CHANGED"> {
  return new InputError(
    "SEED_FILE_CHANGED",
    `'${files}' changed while it was read`,
    "run again without --resume once nothing writes to it",
  );
}

/**
 * Whether a file of a directory, whose content becomes a value, is one from which programs read environment variables.
 */
function isEnvironmentFile({ file, line, index }: ItemPosition): boolean {
  return line === undefined && index === undefined && /^(\.env|\.dev\.vars)(\.|$)|\.env$/.test(basename(file));
}

/** Adds the second and every later occurrence of a key, each naming the first. Returns their number. */
async function findDuplicates({ source }: Reading, repeated: KeySet, problems: EntryProblem[]): Promise<number> {
  const firsts = new Map<string, ItemPosition>();
  let found = 0;
  for await (const results of new Reading(source).results()) {
    for (const { position, result } of results) {
      if (!isEntry(result) || !repeated.has(result.key)) continue;
      const first = firsts.get(result.key);
      if (first === undefined) {
        firsts.set(result.key, position);
        continue;
      }
      found++;
      if (problems.length >= MAX_PROBLEMS) continue;
      problems.push({ position, problem: `key ${quoted(result.key)} is also at ${positionText(first)}` });
    }
  }
  return found;
}

/** Sorted in the order of the files; duplicates were found last. */
function inOrder(problems: readonly EntryProblem[], files: readonly string[]): EntryProblem[] {
  const rank = ({ file }: ItemPosition): number => files.findIndex((each) => file.startsWith(each));
  const within = ({ line, index = 0 }: ItemPosition): number => line ?? index;
  return [...problems].sort(
    ({ position: a }, { position: b }) => rank(a) - rank(b) || (a.file === b.file ? within(a) - within(b) : 0),
  );
}

function isEntry(result: Result): result is Entry {
  return result !== EXPIRED && !Array.isArray(result);
}
