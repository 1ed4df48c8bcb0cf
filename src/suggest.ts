import { closest as nearest, distance } from "fastest-levenshtein";

/** The known name nearest to a mistaken one: at most a third of its letters may differ, or two have changed places. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  if (names.length === 0) return undefined;
  const byLowerCase = new Map(names.map((candidate) => [candidate.toLowerCase(), candidate]));
  const wanted = name.toLowerCase();
  const best = nearest(wanted, [...byLowerCase.keys()]);
  const limit = Math.max(1, Math.floor(Math.max(wanted.length, best.length) / 3));
  const difference = distance(wanted, best);
  // The library counts letters that changed places as two that differ.
  const isSwapped = difference === 2 && lettersOf(wanted) === lettersOf(best);
  return difference <= limit || isSwapped ? byLowerCase.get(best) : undefined;
}

function lettersOf(word: string): string {
  return Array.from(word).sort().join("");
}

/** ` (did you mean 'x'?)` with a leading space, or an empty string. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = closest(name, known);
  return near === undefined ? "" : ` (did you mean '${near}'?)`;
}
