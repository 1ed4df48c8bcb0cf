/** A part of a text; `hidden` stands for characters that cannot be seen. */
export interface VisiblePart {
  readonly text: string;
  readonly hidden: boolean;
}

/** Control characters, what has no width, what turns the direction of text, and spaces that are no plain space. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^ +| +$/gu;

/** A text of one line with every character visible: a key may hold line ends, and begin or end with spaces. */
export function visibleParts(text: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(HIDDEN)) {
    if (index > end) parts.push({ text: text.slice(end, index), hidden: false });
    parts.push({ text: Array.from(found, symbolOf).join(""), hidden: true });
    end = index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), hidden: false });
  return parts;
}

/** The same as one string, for messages. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join("");
}

/** As in source code, in characters that every font has. */
function symbolOf(character: string): string {
  const known = SYMBOLS.get(character);
  const code = character.codePointAt(0) ?? 0;
  return known ?? `\\u{${code.toString(16)}}`;
}

const SYMBOLS = new Map([
  [" ", "\u00b7"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
