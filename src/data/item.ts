/** Where an item stands: the line of a file that has lines, or the index of an item, counted from 0. */
export interface ItemPosition {
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
}

/** One item of a file, not judged yet; or what kept it from being read. */
export type Item =
  | { readonly position: ItemPosition; readonly content: unknown }
  | { readonly position: ItemPosition; readonly problem: string };

/** Items in the order of the file, some at a time. */
export type Items = AsyncGenerator<readonly Item[], void, undefined>;

/** `seed.ndjson:7`, `seed.json: item 7` or the name of the file alone. */
export function positionText({ file, line, index }: ItemPosition): string {
  if (line !== undefined) return `${file}:${line}`;
  return index === undefined ? file : `${file}: item ${index}`;
}

/** JSON of one item, or why it is none. The parser's own message is left out: it quotes the text, which may be a value. */
export function parseJsonItem(text: string, position: ItemPosition): Item {
  try {
    return { position, content: JSON.parse(text) as unknown };
  } catch (error) {
    const at = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    return { position, problem: `not valid JSON${at === undefined ? "" : ` at character ${Number(at) + 1}`}` };
  }
}
