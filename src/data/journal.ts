import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../errors.js";
import { readChunks } from "./read-chunks.js";
import { writing } from "./writing.js";

/** What a journal belongs to: a run that differs in any of it does not continue the one before. */
export interface JournalHeader {
  readonly version: 1;
  /** Where the namespace is: the address of the API and the namespace's id. */
  readonly target: string;
  /** A hash of the files and of what decides how they are written. */
  readonly source: string;
  readonly entries: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Runs of entries that were accepted: the first and the last of each. */
type Ranges = readonly (readonly [first: number, last: number])[];

/**
 * The record of a seed that can be killed at any moment: one line for each accepted batch, holding numbers of entries
 * and neither keys nor values.
 */
export class Journal {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Opens the journal of a run.
   *
   * @param resume - continue the run that the file records, if any; otherwise the file is begun anew
   * @param onAccepted - called for every entry that was accepted before
   * @throws InputError `SEED_JOURNAL_OTHER` when the file records another run
   */
  static async open(
    file: string,
    header: JournalHeader,
    resume: boolean,
    onAccepted: (ordinal: number) => void,
  ): Promise<Journal> {
    await writing(file, () => mkdir(dirname(file), { recursive: true }));
    const lines = resume ? await linesOf(file) : [];
    const [first, ...rest] = lines;
    if (first !== undefined) {
      if (JSON.stringify(first) !== JSON.stringify(header)) {
        throw new InputError(
          "SEED_JOURNAL_OTHER",
          "the interrupted run was for other files or options",
          "run again without --resume: every entry is sent anew",
        );
      }
      for (const [from, to] of rest.flatMap((line) => (line as { accepted?: Ranges }).accepted ?? [])) {
        for (let ordinal = from; ordinal <= to; ordinal++) onAccepted(ordinal);
      }
    }
    return writing(file, async () => {
      if (first === undefined) await writeFile(file, JSON.stringify(header));
      const handle = await open(file, "a");
      // A line that was cut off by the end of the run before ends here.
      await handle.appendFile("\n");
      return new Journal(file, handle);
    });
  }

  /** Records entries as accepted, in ascending order. */
  async accept(ordinals: Iterable<number>): Promise<void> {
    const line = `${JSON.stringify({ accepted: rangesOf(ordinals) })}\n`;
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

/** A hash over the paths and bytes of files and of everything in directories. */
export async function fingerprint(files: readonly string[], ...decisive: readonly unknown[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(decisive));
  for (const file of files) await addFile(file);
  return hash.digest("hex");

  async function addFile(file: string): Promise<void> {
    const found = await stat(file);
    hash.update(JSON.stringify([file, found.isDirectory() ? null : found.size]));
    if (!found.isDirectory()) {
      for await (const chunk of readChunks(file, CHUNK_BYTES)) hash.update(chunk);
      return;
    }
    for (const name of (await readdir(file)).sort()) await addFile(join(file, name));
  }
}

/** Every whole line; what a kill cut off is left out. */
async function linesOf(file: string): Promise<unknown[]> {
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
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
