import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { ItemPosition } from "./item.js";
import { writing } from "./writing.js";

/** An entry or a key that is missing or differs. */
export interface MissingEntry extends Partial<ItemPosition> {
  readonly key: string;
  readonly reason: string;
}

const KEPT = 1000;
const TEXT_LENGTH = 64 * 1024;

/**
 * Collects what is missing: the first thousand in memory, all of them in a file of NDJSON beside the journal, which
 * gets its name when it is complete.
 */
export class MissingList {
  private readonly file: string;
  private readonly beside: string;
  private readonly kept: MissingEntry[] = [];
  private count = 0;
  private handle: FileHandle | undefined;
  private lines = "";

  constructor(journal: string) {
    this.file = `${journal}.missing.ndjson`;
    this.beside = `${this.file}.${randomUUID()}.new`;
  }

  get size(): number {
    return this.count;
  }

  async add(missing: MissingEntry): Promise<void> {
    this.count++;
    if (this.kept.length < KEPT) this.kept.push(missing);
    this.lines += `${JSON.stringify(missing)}\n`;
    if (this.lines.length > TEXT_LENGTH) await this.flush();
  }

  /** Closes the file; without any missing entry, the file of an earlier run is removed. */
  async finish(): Promise<{ missing: readonly MissingEntry[]; missingCount: number; missingFile?: string }> {
    if (this.count === 0) {
      await rm(this.file, { force: true });
      return { missing: [], missingCount: 0 };
    }
    await this.flush();
    await this.close();
    await writing(this.file, () => rename(this.beside, this.file));
    return { missing: this.kept, missingCount: this.count, missingFile: this.file };
  }

  /** Removes an unfinished list. */
  async abandon(): Promise<void> {
    if (this.handle === undefined) return;
    await this.close();
    await rm(this.beside, { force: true });
  }

  private async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  private async flush(): Promise<void> {
    await writing(this.file, async () => {
      this.handle ??= await open(this.beside, "wx");
      await this.handle.appendFile(this.lines);
    });
    this.lines = "";
  }
}
