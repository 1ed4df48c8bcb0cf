import { codePoints } from "../../kv/rules.js";

/** Where something stands in a file; both count from 1, columns in characters (code points). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a nested document begins in its file: an inline patch begins somewhere in its kustomization. */
interface Origin {
  readonly line: number;
  readonly column: number;
}

/** The content of a file, by name; converts offsets into lines and columns. */
export class Source {
  readonly #origin: Origin;
  #starts: readonly number[] | undefined;

  constructor(
    /** The name that messages show: the path as the user wrote it, `-` for standard input. */
    readonly file: string,
    readonly text: string,
    /** Line and column of the first character, for a document nested in another one. */
    origin: Origin = { line: 1, column: 1 },
  ) {
    this.#origin = origin;
  }

  position(offset: number): Position {
    const index = this.#lineIndex(offset);
    const start = this.#lineStarts()[index] ?? 0;
    const characters = codePoints(this.text.slice(start, offset));
    return { line: index + this.#origin.line, column: characters + this.#origin.column };
  }

  /** The whole line around an offset, as it stands in the file, without its line break. */
  lineAt(offset: number): string {
    const index = this.#lineIndex(offset);
    const starts = this.#lineStarts();
    const line = this.text.slice(starts[index], starts[index + 1]).replace(/\r?\n$/, "");
    return " ".repeat(this.#origin.column - 1) + line;
  }

  #lineIndex(offset: number): number {
    const starts = this.#lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // Only a file with problems ever needs its lines.
  #lineStarts(): readonly number[] {
    if (this.#starts === undefined) {
      const starts = [0];
      for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
      this.#starts = starts;
    }
    return this.#starts;
  }
}
