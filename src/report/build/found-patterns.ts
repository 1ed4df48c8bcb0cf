import { exampleKey, keyPattern } from "../../kv/key-pattern.js";
import type { KeyPatternRow } from "./model.js";

/** Rows that are shown at most; a namespace of hashes would have one for each key. */
const MOST = 12;

/**
 * The forms of keys that were listed: grouped by what stands before the first `:` or `/`. A key by itself shows only with
 * `showKeys`, because it may name a person.
 */
export function foundPatterns(keys: readonly string[], showKeys: boolean): KeyPatternRow[] {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const prefix = /^[\p{L}\p{N}._-]{1,40}[:/]/u.exec(key)?.[0] ?? "";
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [key]);
    else group.push(key);
  }
  const rows = [...groups].map(([prefix, members]) => {
    const pattern = `${prefix}{${prefix === "" ? "key" : "id"}}`;
    return {
      pattern,
      example: showKeys ? (members[0] ?? "") : exampleKey(pattern),
      use: "found, not declared",
      keys: members.length,
    };
  });
  return rows.sort((a, b) => b.keys - a.keys || (a.pattern < b.pattern ? -1 : 1)).slice(0, MOST);
}

/** Declared patterns, with how many of the listed keys match each. */
export function declaredPatterns(
  declared: Readonly<Record<string, string>>,
  keys: readonly string[] | undefined,
  showKeys: boolean,
): KeyPatternRow[] {
  return Object.entries(declared).map(([pattern, use]) => {
    const { matches } = keyPattern(pattern);
    const matching = keys?.filter(matches);
    const example = (showKeys ? matching?.[0] : undefined) ?? exampleKey(pattern);
    return { pattern, example, use, ...(matching === undefined ? {} : { keys: matching.length }) };
  });
}
