import type { Entry } from "./entry.js";

/** How an export is written: one entry per line, one JSON array in the form of `wrangler kv bulk put`, or a table. */
export type ExportFormat = "ndjson" | "json" | "csv";

/** All formats. */
export const EXPORT_FORMATS: readonly ExportFormat[] = ["ndjson", "json", "csv"];

const CSV_COLUMNS = ["key", "value", "base64", "expiration", "metadata"] as const;

/** Entries as text, with the field names that a seed reads. */
export class EntryWriter {
  readonly opening: string;
  readonly closing: string;

  constructor(
    private readonly format: ExportFormat,
    /** Entries written so far. */
    public count = 0,
  ) {
    this.opening = { ndjson: "", json: "[", csv: `${CSV_COLUMNS.join(",")}\n` }[format];
    this.closing = format === "json" ? "\n]\n" : "";
  }

  text(entries: readonly Entry[]): string {
    let text = "";
    for (const entry of entries) {
      text += this.one(entry);
      this.count++;
    }
    return text;
  }

  private one({ key, value, base64, expiration, metadata }: Entry): string {
    switch (this.format) {
      case "ndjson":
        return `${JSON.stringify({ key, value, base64, expiration, metadata })}\n`;
      case "json":
        return `${this.count === 0 ? "\n" : ",\n"}${JSON.stringify({ key, value, base64, expiration, metadata })}`;
      case "csv": {
        const cells = [
          key,
          value,
          base64 === true ? "true" : "",
          expiration === undefined ? "" : String(expiration),
          metadata === undefined ? "" : JSON.stringify(metadata),
        ];
        return `${cells.map(csvCell).join(",")}\n`;
      }
    }
  }
}

/** A cell in the form of RFC 4180; quoted wherever a reader might add or drop a character. */
function csvCell(text: string): string {
  return /^[\w\-:./@]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
