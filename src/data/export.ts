import { EntryWriter, type ExportFormat } from "./entry-writer.js";
import { entryGroups } from "./entry-groups.js";
import { ExportFile } from "./export-file.js";
import { withRunLock } from "./run-lock.js";
import { type EntriesTarget, once, type Progress } from "./target.js";

/** What to export, and how. */
export interface ExportOptions {
  /** @default "ndjson" */
  readonly format?: ExportFormat;
  /** @default - every key */
  readonly prefix?: string;
  /**
   * Counts the entries, for the progress; called when there is more than one page.
   *
   * @default - known only when the listing shows it
   */
  readonly total?: () => Promise<number | undefined>;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of an export to a file. */
export interface FileExportOptions extends ExportOptions {
  /** The place of the namespace, in one line: the record of another place is not continued. */
  readonly place: string;
  /**
   * Continues an export that was interrupted; without a record it starts at the beginning.
   *
   * @default false
   */
  readonly resume?: boolean;
}

/** Receives text in order, and waits until it can receive more. */
export type TextSink = (text: string) => Promise<void>;

/** Writes every entry to a sink, a page of keys at a time. Returns how many there were. */
export async function exportEntries(
  target: EntriesTarget,
  sink: TextSink,
  options: ExportOptions = {},
): Promise<number> {
  const writer = new EntryWriter(options.format ?? "ndjson");
  await sink(writer.opening);
  for await (const { entries } of entryGroups(target, { prefix: options.prefix ?? "" })) {
    await sink(writer.text(entries));
    options.onProgress?.({ doing: "exported", done: writer.count });
  }
  await sink(writer.closing);
  return writer.count;
}

/**
 * Writes every entry to a file. It gets its name when it is complete; until then it is `<file>.part`, with a record of
 * its progress beside it, from which a killed export resumes.
 *
 * @throws InputError `RUN_IN_PROGRESS`, `EXPORT_RECORD_OTHER` when the record is of another namespace, prefix or
 * format,   `JOURNAL_BROKEN` when it is damaged or the part does not match it, `FILE_UNWRITABLE`
 */
export async function exportToFile(target: EntriesTarget, file: string, options: FileExportOptions): Promise<number> {
  await ExportFile.prepare(file);
  return withRunLock(`${file}.part`, "cfkv export", async () => {
    const { format = "ndjson", prefix = "", place } = options;
    const output = await ExportFile.open(file, { place, format, prefix }, options.resume ?? false);
    try {
      const writer = new EntryWriter(format, output.start?.entries);
      if (output.start === undefined) await output.write(writer.opening);
      let total: number | undefined;
      const count = once(options.total);
      const report = () =>
        options.onProgress?.({ doing: "exported", done: writer.count, ...(total !== undefined && { total }) });
      report();
      for await (const group of entryGroups(target, { prefix, ...output.start?.next })) {
        total ??= group.total ?? (await count());
        await output.write(writer.text(group.entries));
        report();
        if (group.next !== undefined) await output.reached(group.next, writer.count, group.entries.length === 0);
      }
      await output.write(writer.closing);
      await output.complete();
      return writer.count;
    } finally {
      await output.close();
    }
  });
}
