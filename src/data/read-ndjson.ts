import { isUtf8 } from "node:buffer";
import { type Item, type Items, parseJsonItem, type ReadContext } from "./item.js";
import { NOT_UTF8, readText } from "./read-chunks.js";

const NEWLINE = 0x0a;
/** Small enough that its objects are gone before the next garbage collection: larger chunks only cost memory. */
const CHUNK_BYTES = 128 * 1024;
/** A value of 25 MiB written with an escape for every byte, and room for the rest. */
const MAX_LINE_BYTES = 200 * 1024 * 1024;

/** Reads newline-delimited JSON: one entry a line, empty lines skipped, one chunk of the file in memory. */
export async function* readNdjson(file: string, context: ReadContext): Items {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let line = 1;

  for await (const chunk of readText(file, CHUNK_BYTES, context)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest.push(Buffer.from(chunk));
      restBytes += chunk.length;
      if (restBytes > MAX_LINE_BYTES) {
        yield [{ position: { file, line }, problem: `line is longer than ${MAX_LINE_BYTES} bytes: is this NDJSON?` }];
        return;
      }
      continue;
    }
    // Only a line that began in an earlier chunk is joined; the others are read in place.
    const first = rest.length === 0 ? 0 : chunk.indexOf(NEWLINE) + 1;
    const [begun, second] = linesOf(file, Buffer.concat([...rest, chunk.subarray(0, first)]), line);
    const [items, next] = linesOf(file, chunk.subarray(first, end), second);
    line = next;
    rest = end < chunk.length ? [Buffer.from(chunk.subarray(end))] : [];
    restBytes = chunk.length - end;
    yield begun.length === 0 ? items : [...begun, ...items];
  }
  if (restBytes > 0) yield linesOf(file, Buffer.concat(rest), line)[0];
}

function linesOf(file: string, bytes: Buffer, firstLine: number): [items: Item[], nextLine: number] {
  const items: Item[] = [];
  let line = firstLine;
  const wellFormed = isUtf8(bytes);
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const position = { file, line };
    if (!wellFormed && !isUtf8(bytes.subarray(start, end))) {
      items.push({ position, problem: NOT_UTF8 });
    } else {
      const text = withoutMark(bytes.toString("utf8", start, end), line);
      if (text.trim() !== "") items.push(parseJsonItem(text, position));
    }
    line++;
    start = end + 1;
  }
  return [items, line];
}

/** Some editors begin a file with a byte order mark. */
function withoutMark(text: string, line: number): string {
  return line === 1 && text.startsWith("\uFEFF") ? text.slice(1) : text;
}
