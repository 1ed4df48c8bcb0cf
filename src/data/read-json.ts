import { isUtf8 } from "node:buffer";
import {
  type Item,
  type ItemPosition,
  type Items,
  looksLikeEntry,
  mapItem,
  parseJsonItem,
  type ReadContext,
} from "./item.js";
import { NOT_UTF8, readText } from "./read-chunks.js";

/** Small enough that its objects are gone before the next garbage collection: larger chunks only cost memory. */
const CHUNK_BYTES = 128 * 1024;
const MAX_ITEM_BYTES = 200 * 1024 * 1024;
const MARK = Buffer.from("\uFEFF");

/**
 * Reads one JSON array of entries, the form of `wrangler kv bulk put`, or an object that maps keys to values, one item
 * at a time: `JSON.parse` of the whole file would hold the text and every object at once.
 */
export async function* readJson(file: string, context: ReadContext): Items {
  const splitter = new Splitter(file);
  for await (const chunk of readText(file, CHUNK_BYTES, context)) {
    yield splitter.push(chunk);
    if (splitter.failed) return;
  }
  yield splitter.end();
}

const NOT_ENTRIES = "must hold an array of entries: a file with one entry a line is named .ndjson";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The number of a map's names that are kept, to detect a single entry. */
const MAX_NAMES = 7;

/** Cuts the text of an array or object at its outer commas. `JSON.parse` reads what is between them. */
class Splitter {
  failed = false;
  private stage: "before" | "inside" | "after" = "before";
  /** The text that was read and not yet cut off, in a buffer that grows by doubling. */
  private text: Buffer = Buffer.alloc(0);
  private buffer: Buffer = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  /** Where the current item begins in the text, and how far it has been scanned. */
  private start = 0;
  private at = 0;
  private depth = 0;
  private inString = false;
  private index = 0;
  /** Whether the file is an object, and the first of its names. */
  private isMap = false;
  private readonly names: string[] = [];

  constructor(private readonly file: string) {}

  push(chunk: Buffer): Item[] {
    this.append(chunk);
    const items: Item[] = [];
    if (this.stage === "before") this.open(items);
    if (this.stage === "inside") this.split(items);
    if (this.stage === "after") this.close(items);
    if (this.text.length - this.start > MAX_ITEM_BYTES) this.fail(items, `item is longer than ${MAX_ITEM_BYTES} bytes`);
    return items;
  }

  end(): Item[] {
    const items: Item[] = [];
    // An empty file holds no entries, as in every other format.
    if (this.stage === "before" && !this.text.subarray(this.start).every(isBlank)) this.fail(items, NOT_ENTRIES);
    if (this.stage === "inside") this.fail(items, `ends inside the ${this.kind}: is the file complete?`);
    return items;
  }

  private append(chunk: Buffer): void {
    const rest = this.text.length - this.start;
    const whole = rest + chunk.length;
    const target = whole <= this.buffer.length ? this.buffer : Buffer.allocUnsafe(2 * whole);
    this.text.copy(target, 0, this.start);
    chunk.copy(target, rest);
    this.buffer = target;
    this.text = target.subarray(0, whole);
    this.at -= this.start;
    this.start = 0;
  }

  private open(items: Item[]): void {
    if (this.text.length < MARK.length && MARK.subarray(0, this.text.length).equals(this.text)) return;
    if (this.text.subarray(0, MARK.length).equals(MARK)) this.start = MARK.length;
    while (this.start < this.text.length && isBlank(this.text[this.start])) this.start++;
    this.at = this.start;
    if (this.start === this.text.length) return;
    this.isMap = this.text[this.start] === OPEN_BRACE;
    if (!this.isMap && this.text[this.start] !== OPEN_BRACKET) {
      this.fail(items, NOT_ENTRIES);
      return;
    }
    this.start = this.at = this.start + 1;
    this.stage = "inside";
  }

  private split(items: Item[]): void {
    const { text } = this;
    while (this.at < text.length) {
      if (this.inString) {
        const quote = text.indexOf(QUOTE, this.at);
        if (quote === -1) {
          this.at = text.length;
          return;
        }
        this.inString = this.isEscaped(quote);
        this.at = quote + 1;
        continue;
      }
      switch (text[this.at]) {
        case QUOTE:
          this.inString = true;
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          this.depth++;
          break;
        case COMMA:
          if (this.depth <= 0) this.cut(items);
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          if (this.depth <= 0 && (text[this.at] === CLOSE_BRACE) === this.isMap) {
            this.cut(items, true);
            this.stage = "after";
            return;
          }
          this.depth--;
          break;
        default:
      }
      this.at++;
    }
  }

  private cut(items: Item[], last = false): void {
    const bytes = this.text.subarray(this.start, this.at);
    const blank = bytes.every(isBlank);
    this.start = this.at + 1;
    this.depth = 0;
    if (last && blank && this.index === 0) return;
    const position: ItemPosition = { file: this.file, index: this.index++ };
    if (blank) {
      items.push({ position, problem: `nothing between two commas, or a comma before the end of the ${this.kind}` });
    } else if (!isUtf8(bytes)) items.push({ position, problem: NOT_UTF8 });
    else if (this.isMap) items.push(this.pairOf(bytes.toString("utf8"), position));
    else items.push(parseJsonItem(bytes.toString("utf8"), position));
  }

  /** The item of `"key": value`. */
  private pairOf(text: string, position: ItemPosition): Item {
    const item = parseJsonItem(`{${text}}`, position);
    if ("problem" in item) return { position, problem: "not a key and a value in JSON" };
    const [pair] = Object.entries(item.content as Readonly<Record<string, unknown>>);
    const [key, value] = pair ?? ["", undefined];
    if (this.names.length < MAX_NAMES) this.names.push(key);
    return mapItem(key, value, position);
  }

  private close(items: Item[]): void {
    if (this.isMap && looksLikeEntry(this.names)) {
      this.fail(items, NOT_ENTRIES);
      return;
    }
    if (!this.text.subarray(this.start).every(isBlank)) this.fail(items, `has text after the end of the ${this.kind}`);
    this.start = this.at = this.text.length;
  }

  private get kind(): "array" | "object" {
    return this.isMap ? "object" : "array";
  }

  private fail(items: Item[], problem: string): void {
    this.failed = true;
    items.push({ position: { file: this.file }, problem });
  }

  /** A quote is part of the string when an odd number of backslashes stands before it. */
  private isEscaped(quote: number): boolean {
    let first = quote;
    while (this.text[first - 1] === BACKSLASH) first--;
    return (quote - first) % 2 === 1;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
