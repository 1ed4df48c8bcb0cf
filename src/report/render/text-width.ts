import stringWidth from "string-width";

/** Columns that a string takes on a terminal: two for East Asian characters and emoji. */
export function widthOf(text: string): number {
  // What most names are: a report of a thousand namespaces measures a million of them.
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

const PLAIN = /^[\x20-\x7e]*$/;

/** Fills a string with spaces up to a width. */
export function padded(text: string, width: number, atRight = false): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return atRight ? space + text : text + space;
}

/** Breaks a text into lines of at most this width: between words, and within a word only where it is too long. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = cut(word, width);
    line = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  return [...lines, line];
}

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Cuts a long word between characters as people see them; after `-`, `:`, `/`, `.`, `,` and `_` where there is one. */
function cut(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let soft = 0;
  for (const { segment } of segments.segment(word)) {
    if (piece !== "" && widthOf(piece + segment) > width) {
      const at = soft > width / 2 ? soft : piece.length;
      pieces.push(piece.slice(0, at));
      piece = piece.slice(at);
      soft = 0;
    }
    piece += segment;
    if (/[-:/.,_]/.test(segment)) soft = piece.length;
  }
  return [...pieces, piece];
}
