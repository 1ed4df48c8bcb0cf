/** The position of an item: the line of a file that has lines, or the index of an item, counted from 0. */
export interface ItemPosition {
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
}

/** One item of a file, not checked yet; or why it could not be read. */
export type Item =
  | { readonly position: ItemPosition; readonly content: unknown }
  | { readonly position: ItemPosition; readonly problem: string };

/** Items in the order of the file, some at a time. */
export type Items = AsyncGenerator<readonly Item[], void, undefined>;

/** Options for reading files of entries. */
export interface FileOptions {
  /**
   * The encoding of text, by its name on the web: `windows-1252`.
   *
   * @default - UTF-8, or UTF-16 when the file begins with its byte order mark
   */
  readonly encoding?: string;

  /**
   * The separator of CSV cells.
   *
   * @default - comma, semicolon or tab, whichever separates `key` and `value` in the header row
   */
  readonly delimiter?: string;

  /**
   * Stores values that are not strings as JSON.
   *
   * @default false - such a value is a problem
   */
  readonly jsonValues?: boolean;

  /**
   * Reads files and folders of a directory whose names begin with a dot.
   *
   * @default false
   */
  readonly hidden?: boolean;
}

/** The callbacks of a reader of files. */
export interface ReadContext extends FileOptions {
  /** Called with everything that is read, in order. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called for each file or folder that is left out because its name begins with a dot. */
  readonly onHidden: (path: string) => void;
}

/** `seed.ndjson:7`, `seed.json: item 7` or the name of the file alone. */
export function positionText({ file, line, index }: ItemPosition): string {
  if (line !== undefined) return `${file}:${line}`;
  return index === undefined ? file : `${file}: item ${index}`;
}

/**
 * The JSON of one item, or why it is invalid. The parser's own message is left out: it quotes the text, which may be a
 * value.
 */
export function parseJsonItem(text: string, position: ItemPosition): Item {
  try {
    return { position, content: JSON.parse(text) as unknown };
  } catch (error) {
    return { position, problem: `not valid JSON${characterOf(error)}` };
  }
}

function characterOf(error: unknown): string {
  const at = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return at === undefined ? "" : ` at character ${Number(at) + 1}`;
}

/** A key and its value, of a file that maps the one to the other. */
export function mapItem(key: string, value: unknown, position: ItemPosition): Item {
  return { position, content: { key, value } };
}

/**
 * Whether the fields of an object are those of one entry: a file that holds one object with them is not a map of keys.
 */
export function looksLikeEntry(names: readonly string[]): boolean {
  return names.includes("key") && names.includes("value") && names.every((name) => FIELDS.has(name));
}

/** The fields of an entry in a file: the names of Cloudflare's bulk write. */
export const ENTRY_FIELDS = ["key", "value", "base64", "expiration", "expiration_ttl", "metadata"] as const;

const FIELDS: ReadonlySet<string> = new Set(ENTRY_FIELDS);
