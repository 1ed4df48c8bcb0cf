import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import { ENTRY_FIELDS, quoted } from "./entry.js";
import type { Item, Items, ItemPosition } from "./item.js";

const ROWS_AT_ONCE = 1000;

/**
 * Reads comma-separated values with a header row: `key` and `value`, and any of `base64`, `expiration`,
 * `expiration_ttl`, `metadata` (as JSON). An empty cell of those four says nothing; an empty value is an empty text.
 */
export async function* readCsv(file: string): Items {
  const parser = createReadStream(file).pipe(
    parse({ bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true }),
  );
  let header: readonly string[] | undefined;
  let line = 1;
  let items: Item[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const position: ItemPosition = { file, line };
      line = info.lines + 1;
      if (header === undefined) {
        header = record.map((cell) => cell.trim());
        const problem = headerProblem(header);
        if (problem === undefined) continue;
        yield [{ position, problem }];
        return;
      }
      items.push(itemOf(record, header, position));
      if (items.length === ROWS_AT_ONCE) {
        yield items;
        items = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The library's message quotes the cell.
    items.push({ position: { file, line }, problem: `not valid CSV (${error.code})` });
  }
  yield items;
  if (header === undefined) yield [{ position: { file }, problem: "must begin with a header row such as key,value" }];
}

function headerProblem(header: readonly string[]): string | undefined {
  const missing = ["key", "value"].filter((column) => !header.includes(column));
  if (missing.length > 0) return `the header row must name the columns key and value, got ${header.length} columns`;
  const unknown = header.filter((column) => !(ENTRY_FIELDS as readonly string[]).includes(column));
  if (unknown.length > 0)
    return `unknown column ${unknown.map(quoted).join(", ")}: the columns are ${ENTRY_FIELDS.join(", ")}`;
  return new Set(header).size < header.length ? "the header row names a column twice" : undefined;
}

function itemOf(cells: readonly string[], header: readonly string[], position: ItemPosition): Item {
  if (cells.length !== header.length) {
    return { position, problem: `must have ${header.length} cells as the header row has, got ${cells.length}` };
  }
  const content: Record<string, unknown> = {};
  for (const [index, column] of header.entries()) {
    const cell = cells[index] ?? "";
    if (column === "key" || column === "value") content[column] = cell;
    else if (cell !== "") content[column] = cellContent(column, cell);
    if (content[column] === UNREADABLE) return { position, problem: `${column} is not valid JSON` };
  }
  return { position, content };
}

const UNREADABLE = Symbol("unreadable");

/** The cell as JSON would hold it; a text that fits no type is passed on for the entry's own rules to refuse. */
function cellContent(column: string, cell: string): unknown {
  switch (column) {
    case "base64":
      return cell === "true" ? true : cell === "false" ? false : cell;
    case "expiration":
    case "expiration_ttl":
      return /^\d+$/.test(cell) ? Number(cell) : cell;
    default:
      try {
        return JSON.parse(cell) as unknown;
      } catch {
        return UNREADABLE;
      }
  }
}
