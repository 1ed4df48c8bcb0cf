import { type FileHandle, open, rm } from "node:fs/promises";
import type { Position } from "./item.js";
import { writing } from "./writing.js";

/** An entry, or a key, that is not as wanted. */
export interface MissingEntry extends Partial<Position> {
  readonly key: string;
  readonly reason: string;
}

const KEPT = 1000;

/** Collects what is missing: the first thousand in memory, all of them in a file of NDJSON beside the journal. */
export class MissingList {
  private readonly file: string;
  private readonly kept: MissingEntry[] = [];
  private count = 0;
  private handle: FileHandle | undefined;
  private lines = "";

  constructor(journal: string) {
    this.file = `${journal}.missing.ndjson`;
  }

  get size(): number {
    return this.count;
  }

  async add(missing: MissingEntry): Promise<void> {
    this.count++;
    if (this.kept.length < KEPT) this.kept.push(missing);
    this.lines += `${JSON.stringify(missing)}\n`;
    if (this.lines.length > 64 * 1024) await this.flush();
  }

  /** Closes the file; without any missing entry the one of an earlier run is removed. */
  async finish(): Promise<{ missing: readonly MissingEntry[]; missingCount: number; missingFile?: string }> {
    if (this.count === 0) {
      await rm(this.file, { force: true });
      return { missing: [], missingCount: 0 };
    }
    await this.flush();
    await this.handle?.close();
    return { missing: this.kept, missingCount: this.count, missingFile: this.file };
  }

  private async flush(): Promise<void> {
    await writing(this.file, async () => {
      this.handle ??= await open(this.file, "w");
      await this.handle.appendFile(this.lines);
    });
    this.lines = "";
  }
}
