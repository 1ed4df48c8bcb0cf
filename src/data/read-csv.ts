import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { quoted } from "./entry.js";
import { ENTRY_FIELDS, type Item, type Items, type ItemPosition, type ReadContext } from "./item.js";
import { EncodingError, encodingProblem, lineNotUtf8, NOT_UTF8, readText } from "./read-chunks.js";

const ROWS_AT_ONCE = 1000;
/** A value of 25 MiB may be one line, which is joined from its pieces. */
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const MARK = "\uFEFF";
/** The separators to detect: spreadsheet programs choose by the user's language. */
const DELIMITERS = [",", ";", "\t"];

/**
 * Reads comma-separated values with a header row: `key` and `value`, and any of `base64`, `expiration`,
 * `expiration_ttl`, `metadata` (as JSON). An empty cell of those four means no value; an empty `value` is an empty
 * string.
 */
export async function* readCsv(file: string, context: ReadContext): Items {
  const text = textOf(file, context);
  const first = await text.next();
  if (first.done === true) return;
  const delimiter = context.delimiter ?? delimiterOf(first.value);
  const source = Readable.from(following(first.value, text), { objectMode: false });
  const parser = source.pipe(parse({ bom: true, delimiter, info: true, relaxColumnCount: true, skipEmptyLines: true }));
  // Errors before the parser are not passed on by it.
  source.on("error", (error) => parser.destroy(error));
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
    if (error instanceof EncodingError) items.push(encodingProblem(file, error));
    // The library's message quotes the cell.
    else if (error instanceof CsvError)
      items.push({ position: { file, line }, problem: `not valid CSV (${error.code})` });
    else throw error;
  }
  yield items;
}

/** The text in pieces that end with a line, each checked to be UTF-8. Empty text has none. */
async function* textOf(file: string, context: ReadContext): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let begun = false;
  const checked = (piece: Buffer): Buffer => {
    const wrong = lineNotUtf8(piece);
    if (wrong !== undefined) throw new EncodingError(NOT_UTF8, line + wrong - 1);
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) line++;
    return piece;
  };
  for await (const chunk of readText(file, CHUNK_BYTES, context)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const whole = Buffer.concat([rest, chunk.subarray(0, end)]);
    rest = end === 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.subarray(end));
    if (end === 0) continue;
    const piece = checked(whole);
    if (!begun && isEmpty(piece)) continue;
    begun = true;
    yield piece;
  }
  if (rest.length > 0 && !(isEmpty(checked(rest)) && !begun)) yield rest;
}

function isEmpty(text: Buffer): boolean {
  return text.toString("utf8").replace(MARK, "").trim() === "";
}

async function* following(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}

/** What separates `key` and `value` in the header row. */
function delimiterOf(text: Buffer): string {
  const [header = ""] = text.toString("utf8").replace(MARK, "").trimStart().split(/\r?\n/);
  const separates = (delimiter: string): boolean => {
    const columns = header.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    return columns.includes("key") && columns.includes("value");
  };
  return DELIMITERS.find(separates) ?? ",";
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
    return { position, problem: `must have ${header.length} cells like the header row, got ${cells.length}` };
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

/** The cell as a JSON value; a string that fits no type is passed on, and the entry's own rules refuse it. */
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
