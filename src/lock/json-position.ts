/**
 * Where `JSON.parse` stopped: JavaScript engines report it as a position, as a piece of the text, or not at all, which
 * means the end.
 */
export function jsonErrorPosition(error: unknown, text: string): number {
  const message = error instanceof Error ? error.message : "";
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const [, token = "", piece] =
    /^Unexpected token '(.*?)', (?:\.\.\.)?"([\s\S]*?)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  const start = piece === undefined ? -1 : text.indexOf(piece);
  if (start === -1) return text.length;
  // The piece has up to ten characters ahead of the token.
  const near = text.indexOf(token, start + Math.min(10, (piece ?? "").length - 1));
  return near === -1 ? start : near;
}

/** The position in a JSON document; line and column start at 1. */
export function lineAndColumn(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
