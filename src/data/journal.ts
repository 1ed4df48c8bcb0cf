import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { replaceFile } from "../files/replace-file.js";
import { brokenRecord, isCount, systemCode } from "./records.js";
import { writing } from "./writing.js";
import { isObject } from "../values/json.js";

/** What identifies a run: one that differs in any field does not continue the earlier one. */
export interface JournalHeader {
  readonly version: 2;
  /** Where the namespace is: the address of the API and the namespace's id. */
  readonly target: string;
  /** A hash of the files and of the options that affect how they are written. */
  readonly source: string;
  readonly entries: number;
}

/** Ranges of accepted entries: the first and the last of each. */
type Ranges = readonly (readonly [first: number, last: number])[];

const WAY_OUT = "run again without --resume: every entry is sent again";

/**
 * The record of a seed that can be killed at any moment: a header, and a line for each accepted batch that holds
 * numbers of entries and neither keys nor values. Every line names its run. A line that is not exactly what this run
 * wrote makes the whole journal {@link brokenRecord | broken}: no entry is skipped because of it.
 *
 * The caller keeps other runs away: see `withRunLock`.
 */
export class Journal {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly run: string,
  ) {}

  /**
   * Opens the journal of a run.
   *
   * @param resume - continue the run that the file records, if any; otherwise the file is replaced
   * @param onAccepted - called for every entry that was accepted before
   * @throws InputError `SEED_JOURNAL_OTHER` when the file records another run, `JOURNAL_BROKEN` when it is damaged
   */
  static async open(
    file: string,
    header: JournalHeader,
    resume: boolean,
    onAccepted: (ordinal: number) => void,
  ): Promise<Journal> {
    await writing(file, () => mkdir(dirname(file), { recursive: true }));
    const before = resume ? await recorded(file, header) : undefined;
    const run = before?.run ?? randomUUID();
    for (const [from, to] of before?.accepted ?? []) {
      for (let ordinal = from; ordinal <= to; ordinal++) onAccepted(ordinal);
    }
    return writing(file, async () => {
      if (before === undefined) await replaceFile(file, `${JSON.stringify({ ...header, run })}\n`);
      const handle = await open(file, "a");
      try {
        // A kill may have cut off the last line, which is ignored.
        if (before !== undefined) await handle.truncate(before.bytes);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return new Journal(file, handle, run);
    });
  }

  /** Records entries as accepted, in ascending order. */
  async accept(ordinals: Iterable<number>): Promise<void> {
    const line = `${JSON.stringify({ run: this.run, accepted: rangesOf(ordinals) })}\n`;
    await writing(this.file, () => this.handle.appendFile(line));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Removes the record of a run that is complete. */
  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

interface Recorded {
  readonly run: string;
  readonly accepted: Ranges;
  /** Up to the end of the last whole line. */
  readonly bytes: number;
}

/** What an earlier run recorded; nothing when there is no record of one. */
async function recorded(file: string, header: JournalHeader): Promise<Recorded | undefined> {
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw brokenRecord(file, WAY_OUT, `it cannot be read (${systemCode(error) ?? "unknown reason"})`);
  }
  const end = text.lastIndexOf("\n") + 1;
  const [first, ...lines] = text.slice(0, end).split("\n").slice(0, -1).map(parsed);
  if (!isObject(first) || typeof first["run"] !== "string")
    throw brokenRecord(file, WAY_OUT, "its first line is damaged");
  const { run, ...rest } = first;
  if (JSON.stringify(rest) !== JSON.stringify(header)) {
    throw new InputError("SEED_JOURNAL_OTHER", "the interrupted run had other files or options", WAY_OUT);
  }
  const accepted = lines.flatMap((line, at) => {
    const ranges = rangesIn(line, run, header.entries);
    if (ranges === undefined) throw brokenRecord(file, WAY_OUT, `line ${at + 2} is damaged or of another run`);
    return ranges;
  });
  return { run, accepted, bytes: Buffer.byteLength(text.slice(0, end)) };
}

/** The ranges of a line of this run; undefined for anything else. */
function rangesIn(line: unknown, run: string, entries: number): Ranges | undefined {
  if (!isObject(line) || line["run"] !== run || !Array.isArray(line["accepted"])) return undefined;
  const ranges = line["accepted"] as unknown[];
  return ranges.every((range) => isRange(range, entries)) ? (ranges as Ranges) : undefined;
}

function isRange(range: unknown, entries: number): boolean {
  if (!Array.isArray(range) || range.length !== 2) return false;
  const [from, to] = range as unknown[];
  return isCount(from) && isCount(to) && from <= to && to < entries;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function rangesOf(ordinals: Iterable<number>): Ranges {
  const ranges: [number, number][] = [];
  for (const ordinal of ordinals) {
    const last = ranges.at(-1);
    if (last?.[1] === ordinal - 1) last[1] = ordinal;
    else ranges.push([ordinal, ordinal]);
  }
  return ranges;
}
