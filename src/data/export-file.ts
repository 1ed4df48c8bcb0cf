import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { replaceFile } from "../files/replace-file.js";
import type { ExportFormat } from "./entry-writer.js";
import type { ListingPoint } from "./pages.js";
import { brokenRecord, isCount, isOptionalText, readRecord, systemCode } from "./records.js";
import { writing } from "./writing.js";
import { isObject } from "../values/json.js";

/** What identifies an export. */
export interface ExportIdentity {
  readonly place: string;
  readonly format: ExportFormat;
  readonly prefix: string;
}

/** The progress of an interrupted export. */
interface Checkpoint extends ExportIdentity {
  readonly version: 2;
  /** The number of bytes of the part that hold whole entries. */
  readonly bytes: number;
  /** A hash of the last of these bytes. */
  readonly tail: string;
  readonly entries: number;
  readonly next: ListingPoint;
}

/** The number of bytes at the end of the part by which it is recognized. */
const TAIL_BYTES = 4096;
/** Within a page, progress is recorded after this many bytes: a page of large values may be gigabytes. */
const RECORD_BYTES = 32 * 1024 * 1024;
const WAY_OUT = "run again without --resume: the export starts over";

/** The file of an export until it is complete: `<file>.part`, with its progress in `<file>.part.json`. */
export class ExportFile {
  private recordedBytes: number;

  private constructor(
    private readonly file: string,
    private readonly identity: ExportIdentity,
    private readonly handle: FileHandle,
    /** The progress of an earlier run. */
    readonly start: Checkpoint | undefined,
    private bytes: number,
  ) {
    this.recordedBytes = bytes;
  }

  /**
   * Creates the folder, and refuses a target that the file cannot replace, which would otherwise fail only at the end.
   */
  static async prepare(file: string): Promise<void> {
    await writing(file, () => mkdir(dirname(file), { recursive: true }));
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || found.isFile()) return;
    throw new InputError(
      "FILE_UNWRITABLE",
      `'${file}' cannot be written (${found.isDirectory() ? "EISDIR" : "it is not a regular file"})`,
      found.isDirectory()
        ? "it is a folder: name a file"
        : "name a regular file, or leave out --to and redirect stdout",
    );
  }

  /** Opens the part; to resume, after what an earlier run wrote. */
  static async open(file: string, identity: ExportIdentity, resume: boolean): Promise<ExportFile> {
    const start = resume ? await checkpointOf(file, identity) : undefined;
    const bytes = start?.bytes ?? 0;
    return writing(file, async () => {
      // A record of an earlier run must not remain beside a part of this one.
      if (start === undefined) await rm(recordOf(file), { force: true });
      const handle = await open(partOf(file), start === undefined ? "w+" : "r+");
      await handle.truncate(bytes);
      return new ExportFile(file, identity, handle, start, bytes);
    });
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await writing(this.file, async () => {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.bytes);
        at += bytesWritten;
        this.bytes += bytesWritten;
      }
    });
  }

  /**
   * Notes that everything before a point is written, if that is worth recording.
   *
   * @param pageEnd - whether a page of the listing ends there
   */
  async reached(next: ListingPoint, entries: number, pageEnd: boolean): Promise<void> {
    if (!pageEnd && this.bytes - this.recordedBytes < RECORD_BYTES) return;
    await writing(this.file, async () => {
      // The entries must be on the disk before the record says that they are.
      await this.handle.datasync();
      const { bytes, identity } = this;
      const tail = await tailOf(this.handle, bytes);
      const checkpoint: Checkpoint = { version: 2, ...identity, bytes, tail, entries, next };
      await replaceFile(recordOf(this.file), JSON.stringify(checkpoint));
      this.recordedBytes = bytes;
    });
  }

  /** Renames the part to the file. */
  async complete(): Promise<void> {
    await writing(this.file, async () => {
      await this.handle.datasync();
      await rename(partOf(this.file), this.file);
      await rm(recordOf(this.file), { force: true });
    });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function partOf(file: string): string {
  return `${file}.part`;
}

function recordOf(file: string): string {
  return `${file}.part.json`;
}

async function checkpointOf(file: string, identity: ExportIdentity): Promise<Checkpoint | undefined> {
  const record = recordOf(file);
  const checkpoint = await readRecord<Checkpoint>(record, isCheckpoint, WAY_OUT);
  if (checkpoint === undefined) return undefined;
  const { place, format, prefix } = checkpoint;
  if (place !== identity.place || format !== identity.format || prefix !== identity.prefix) {
    throw new InputError(
      "EXPORT_RECORD_OTHER",
      "the interrupted export had another namespace, prefix or format",
      WAY_OUT,
    );
  }
  const part = partOf(file);
  const handle = await open(part, "r").catch((error: unknown) => {
    throw brokenRecord(record, WAY_OUT, `${part} cannot be read (${systemCode(error) ?? "unknown reason"})`);
  });
  try {
    const { size } = await handle.stat();
    if (size < checkpoint.bytes) {
      throw brokenRecord(record, WAY_OUT, `${part} has ${size} bytes, but ${checkpoint.bytes} were written`);
    }
    if ((await tailOf(handle, checkpoint.bytes)) !== checkpoint.tail) {
      throw brokenRecord(record, WAY_OUT, `${part} is not what was written`);
    }
  } finally {
    await handle.close();
  }
  return checkpoint;
}

function isCheckpoint(fields: Readonly<Record<string, unknown>>): boolean {
  const { version, place, format, prefix, bytes, tail, entries, next } = fields;
  return (
    version === 2 &&
    [place, format, prefix, tail].every((field) => typeof field === "string") &&
    isCount(bytes) &&
    isCount(entries) &&
    isObject(next) &&
    isOptionalText(next["cursor"]) &&
    isOptionalText(next["lastKey"])
  );
}

async function tailOf(handle: FileHandle, bytes: number): Promise<string> {
  const length = Math.min(bytes, TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, bytes - length);
  return createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex");
}
