import { hasControlCharacters, utf8Length, type Problem } from "./rules.js";
import * as KV_LIMITS from "./limits.js";

/** A pattern of keys, such as `session:{token}`: text, and names in braces for what varies. */
export interface KeyPattern {
  readonly pattern: string;
  /** Everything before the first variable. */
  readonly prefix: string;
  readonly matches: (key: string) => boolean;
}

const VARIABLE = /\{([^{}]*)\}/g;
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** The rule for a pattern: `{names}` of letters, digits, `-` and `_`, between text that a key may have. */
export function keyPatternProblem(pattern: string): Problem {
  if (pattern === "") return "keys must not have an empty pattern";
  if (hasControlCharacters(pattern)) return "a pattern of keys must not contain control characters";
  const names = [...pattern.matchAll(VARIABLE)].map(([, name = ""]) => name);
  const odd = names.find((name) => !NAME.test(name));
  if (odd !== undefined) {
    return `pattern '${pattern}' must have names of letters, digits, '-' and '_' in its braces, got '{${odd}}'`;
  }
  const text = pattern.replaceAll(VARIABLE, "");
  if (/[{}]/.test(text)) return `pattern '${pattern}' has a brace without its counterpart`;
  const bytes = utf8Length(text);
  if (bytes > KV_LIMITS.maxKeyBytes) {
    return `pattern '${pattern}' must leave room for a key of ${KV_LIMITS.maxKeyBytes} UTF-8 bytes, its text has ${bytes}`;
  }
  return undefined;
}

/** Reads a pattern. A variable stands for one character or more, whatever they are; the last one may contain `:`. */
export function keyPattern(pattern: string): KeyPattern {
  const parts = pattern.split(/\{[^{}]*\}/);
  const matches = (key: string): boolean => matchesParts(key, parts);
  return { pattern, prefix: parts[0] ?? "", matches };
}

/** Whether a key is these parts with at least one character between each: without backtracking, whatever the key. */
function matchesParts(key: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  if (!key.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return key === first;
  let at = first.length;
  for (const part of rest) {
    const found = key.indexOf(part, at + 1);
    if (found === -1) return false;
    at = found + part.length;
  }
  return key.endsWith(last) && key.length - last.length > at;
}

/** An example of a pattern: `session:{token}` as `session:abc`. */
export function exampleKey(pattern: string): string {
  return pattern.replaceAll(VARIABLE, (_, name: string) => EXAMPLES[name.toLowerCase()] ?? "abc");
}

const EXAMPLES: Readonly<Record<string, string>> = {
  id: "123",
  user: "123",
  userid: "123",
  token: "abc",
  resource: "post",
  key: "theme",
  name: "beta",
  flag: "beta",
  ip: "203.0.113.7",
  date: "2026-11-27",
};

/** The patterns that the seeds propose, for a namespace that declares none. */
export const CONVENTIONAL_KEYS: Readonly<Record<string, string>> = {
  "user:{id}": "User data",
  "session:{token}": "Sessions",
  "cache:{resource}:{id}": "Cached data",
  "config:{key}": "Configuration",
  "flag:{name}": "Feature flags",
};
