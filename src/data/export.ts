import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { CloudflareError } from "../cloudflare/errors.js";
import type { ListedKey } from "../cloudflare/kv-namespace-client.js";
import { InputError } from "../errors.js";
import type { Entry } from "./entry.js";
import { listPages, readInOrder } from "./stored.js";
import type { EntriesTarget, Progress } from "./target.js";
import { writing } from "./writing.js";

/** How an export is written: an entry a line, or one JSON array as `wrangler kv bulk put` takes it. */
export type ExportFormat = "ndjson" | "json";

/** What to export, and where to. */
export interface ExportOptions {
  /** @default "ndjson" */
  readonly format?: ExportFormat;
  /** @default - every key */
  readonly prefix?: string;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of an export to a file. */
export interface FileExportOptions extends ExportOptions {
  /** Where the namespace is, in one line: the record of another place is not continued. */
  readonly place: string;
  /**
   * Continues an export that was interrupted; without a record of one it begins at the beginning.
   *
   * @default false
   */
  readonly resume?: boolean;
}

/** Takes text in order, and waits until it may take more. */
export type TextSink = (text: string) => Promise<void>;

/** Where an interrupted export stands. */
interface Checkpoint {
  readonly version: 1;
  readonly place: string;
  readonly format: ExportFormat;
  readonly prefix: string;
  /** Bytes of the file that hold whole pages. */
  readonly bytes: number;
  readonly entries: number;
  readonly cursor?: string;
  readonly lastKey?: string;
}

/** Writes every entry to a sink, a page of keys at a time. Returns how many there were. */
export async function exportEntries(
  target: EntriesTarget,
  sink: TextSink,
  options: ExportOptions = {},
): Promise<number> {
  const writer = new EntryWriter(options.format ?? "ndjson", 0);
  await sink(writer.opening);
  for await (const { entries } of entryGroups(target, { prefix: options.prefix ?? "" })) {
    await sink(writer.text(entries));
    options.onProgress?.({ doing: "exported", done: writer.count });
  }
  await sink(writer.closing);
  return writer.count;
}

/**
 * Writes every entry to a file. It has its name once it is complete; until then it is `<file>.part`, with a record beside
 * it of how far it came, from which a killed export goes on.
 *
 * @throws InputError `EXPORT_RECORD_OTHER` when the record is of another namespace, prefix or format, `FILE_UNWRITABLE`
 */
export async function exportToFile(target: EntriesTarget, file: string, options: FileExportOptions): Promise<number> {
  return writing(file, () => exportParts(target, file, options));
}

async function exportParts(target: EntriesTarget, file: string, options: FileExportOptions): Promise<number> {
  const { format = "ndjson", prefix = "", place } = options;
  const [part, record] = [`${file}.part`, `${file}.part.json`];
  await mkdir(dirname(file), { recursive: true });
  // Found out at the end otherwise.
  if ((await stat(file).catch(() => undefined))?.isDirectory() === true) {
    throw Object.assign(new Error("EISDIR: it is a folder"), { code: "EISDIR" });
  }
  const start = options.resume === true ? await checkpointOf(record, { place, format, prefix }) : undefined;
  const handle = await open(part, start === undefined ? "w" : "r+");
  let entries: number;
  try {
    await handle.truncate(start?.bytes ?? 0);
    const output = new PartFile(handle, start?.bytes ?? 0);
    const writer = new EntryWriter(format, start?.entries ?? 0);
    if (start === undefined) await output.write(writer.opening);
    options.onProgress?.({ doing: "exported", done: writer.count });
    for await (const group of entryGroups(target, { prefix, ...startOf(start) })) {
      await output.write(writer.text(group.entries));
      options.onProgress?.({ doing: "exported", done: writer.count });
      if (group.end?.cursor === undefined) continue;
      // The entries must be on the disk before anything says that they are.
      await handle.datasync();
      const { cursor, lastKey = start?.lastKey } = group.end;
      const at = { bytes: output.bytes, entries: writer.count, cursor, lastKey };
      await replaceFile(record, JSON.stringify({ version: 1, place, format, prefix, ...at }));
    }
    await output.write(writer.closing);
    await handle.datasync();
    entries = writer.count;
  } finally {
    await handle.close();
  }
  await rename(part, file);
  await rm(record, { force: true });
  return entries;
}

/** Some entries of a page of keys. */
interface EntryGroup {
  readonly entries: readonly Entry[];
  /** The end of the page, with its last entries. */
  readonly end?: { readonly cursor?: string; readonly lastKey?: string };
}

/** Entries in the order of their keys, a few megabytes at a time. */
export async function* entryGroups(
  target: EntriesTarget,
  options: { readonly prefix: string; readonly cursor?: string; readonly lastKey?: string },
): AsyncGenerator<EntryGroup, void, undefined> {
  for await (const { keys, cursor } of pagesAfter(target, options)) {
    const listed = new Map(keys.map((key) => [key.name, key]));
    for await (const found of readInOrder(target, [...listed.keys()])) {
      yield { entries: [...found.values()].map((entry) => withListed(entry, listed.get(entry.key))) };
    }
    const lastKey = keys.at(-1)?.name;
    yield {
      entries: [],
      end: { ...(cursor === undefined ? {} : { cursor }), ...(lastKey === undefined ? {} : { lastKey }) },
    };
  }
}

/** Pages after a cursor; when Cloudflare no longer knows the cursor, from the beginning without the keys up to the last one. */
async function* pagesAfter(
  target: EntriesTarget,
  { prefix, cursor, lastKey }: { readonly prefix: string; readonly cursor?: string; readonly lastKey?: string },
): AsyncGenerator<{ keys: readonly ListedKey[]; cursor?: string }, void, undefined> {
  let known = false;
  try {
    for await (const page of listPages(target, { prefix, ...(cursor === undefined ? {} : { cursor }) })) {
      known = true;
      yield page;
    }
    return;
  } catch (error) {
    const refused = error instanceof CloudflareError && error.code === "CLOUDFLARE_REFUSED" && error.status === 400;
    if (!refused || known || cursor === undefined || lastKey === undefined) throw error;
  }
  const last = Buffer.from(lastKey);
  for await (const page of listPages(target, { prefix })) {
    yield { ...page, keys: page.keys.filter(({ name }) => Buffer.from(name).compare(last) > 0) };
  }
}

/** The listing tells expiration and metadata to those whose bulk read does not. */
function withListed(entry: Entry, { expiration, metadata }: Partial<ListedKey> = {}): Entry {
  return { ...(expiration == null ? {} : { expiration }), ...(metadata == null ? {} : { metadata }), ...entry };
}

/** Entries as text, with the names that a seed reads. */
class EntryWriter {
  readonly opening: string;
  readonly closing: string;

  constructor(
    private readonly format: ExportFormat,
    public count: number,
  ) {
    this.opening = format === "json" ? "[" : "";
    this.closing = format === "json" ? "\n]\n" : "";
  }

  text(entries: readonly Entry[]): string {
    let text = "";
    for (const { key, value, base64, expiration, metadata } of entries) {
      const json = JSON.stringify({ key, value, base64, expiration, metadata });
      text += this.format === "ndjson" ? `${json}\n` : `${this.count === 0 ? "\n" : ",\n"}${json}`;
      this.count++;
    }
    return text;
  }
}

class PartFile {
  constructor(
    private readonly handle: FileHandle,
    public bytes: number,
  ) {}

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.bytes);
      at += bytesWritten;
      this.bytes += bytesWritten;
    }
  }
}

async function checkpointOf(
  record: string,
  wanted: Pick<Checkpoint, "place" | "format" | "prefix">,
): Promise<Checkpoint | undefined> {
  let checkpoint: Checkpoint;
  try {
    checkpoint = JSON.parse(await readFile(record, "utf8")) as Checkpoint;
  } catch {
    return undefined;
  }
  const { place, format, prefix } = checkpoint;
  if (place === wanted.place && format === wanted.format && prefix === wanted.prefix) return checkpoint;
  throw new InputError(
    "EXPORT_RECORD_OTHER",
    "the interrupted export was of another namespace, prefix or format",
    "run again without --resume: the export begins anew",
  );
}

function startOf(checkpoint: Checkpoint | undefined): { cursor?: string; lastKey?: string } {
  const { cursor, lastKey } = checkpoint ?? {};
  return { ...(cursor === undefined ? {} : { cursor }), ...(lastKey === undefined ? {} : { lastKey }) };
}

/** Replaces a file in one step: whoever reads it finds the old or the new text. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
