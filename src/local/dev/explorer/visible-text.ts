/** A part of a string; `hidden` represents invisible characters. */
export interface VisiblePart {
  readonly text: string;
  readonly hidden: boolean;
}

/** Control characters, zero-width characters, characters that change the text direction, and unusual spaces. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^ +| +$/gu;

/** A string in one line with every character visible: a key may contain line breaks, and begin or end with spaces. */
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

/** As an escape sequence, in characters that every font has. */
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
