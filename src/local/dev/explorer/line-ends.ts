/** The string as a text area returns it: every line ends in `\n`. */
export function shownText(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/**
 * The value to store after an edit in a text area, which has only `\n` as line end. Lines before and after the change
 * keep the ends they had; lines between them get the most common end of the text.
 */
export function editedText(original: string, edited: string): string {
  if (edited === shownText(original)) return original;
  const before = linesOf(original);
  const after = edited.split("\n");
  const room = Math.min(before.length, after.length);
  let head = 0;
  while (head < room && before[head]?.text === after[head]) head += 1;
  let tail = 0;
  while (tail < room - head && before.at(-1 - tail)?.text === after.at(-1 - tail)) tail += 1;
  const end = mostCommon(before.map((line) => line.end).filter((each) => each !== ""));
  let stored = "";
  for (const [at, text] of after.slice(0, -1).entries()) {
    const fromEnd = after.length - at;
    const kept = at < head ? before[at]?.end : fromEnd <= tail ? before.at(-fromEnd)?.end : undefined;
    const wanted = kept === undefined || kept === "" ? end : kept;
    // After "\r" and an empty line, "\n" would be part of one CRLF.
    stored += text + (wanted === "\n" && (stored + text).endsWith("\r") ? "\r" : wanted);
  }
  return stored + (after.at(-1) ?? "");
}

/** The kind of line ends, as shown to people; undefined for the usual ones. */
export function lineEndsNote(text: string): string | undefined {
  const ends = new Set(text.match(/\r\n|\r|\n/g) ?? []);
  if (ends.size > 1) return "mixed line ends";
  return ends.has("\r\n") ? "CRLF line ends" : ends.has("\r") ? "CR line ends" : undefined;
}

interface Line {
  readonly text: string;
  /** `""` of the last one. */
  readonly end: string;
}

function linesOf(text: string): Line[] {
  const parts = text.split(/(\r\n|\r|\n)/);
  return Array.from({ length: (parts.length + 1) / 2 }, (_, at) => ({
    text: parts[2 * at] ?? "",
    end: parts[2 * at + 1] ?? "",
  }));
}

function mostCommon(ends: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "\n";
}
