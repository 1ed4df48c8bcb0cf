import { InputError } from "../errors.js";
import { keyProblem } from "../kv/rules.js";
import { quoted } from "./entry.js";
import { KeySet } from "./key-set.js";
import { listPages } from "./pages.js";
import type { EntriesTarget } from "./target.js";

/** A prefix of keys and its replacement. */
export interface KeyMapping {
  readonly from: string;
  readonly to: string;
}

const SHOWN = 20;

/** A key with the mappings applied. */
export function mappedKey(key: string, mappings: readonly KeyMapping[]): string {
  const mapping = mappings.find(({ from }) => key.startsWith(from));
  return mapping === undefined ? key : mapping.to + key.slice(mapping.from.length);
}

/**
 * Checks the mappings against every key: two keys that map to one would overwrite each other. Returns the number of
 * keys.
 *
 * @throws InputError `COPY_KEYS_INVALID`
 */
export async function checkMappings(
  source: EntriesTarget,
  prefix: string,
  mappings: readonly KeyMapping[],
): Promise<number> {
  const problems: string[] = [];
  const keys = new KeySet();
  for await (const page of listPages(source, { prefix })) {
    for (const { name } of page.keys) {
      const key = mappedKey(name, mappings);
      const problem = keyProblem(key) ?? (keys.add(key) ? undefined : "another key maps to the same key");
      if (problem !== undefined && problems.length < SHOWN)
        problems.push(`  ${quoted(name)} to ${quoted(key)}: ${problem}`);
    }
  }
  if (problems.length === 0) return keys.size;
  throw new InputError("COPY_KEYS_INVALID", ["cannot apply --map", ...problems].join("\n"), "change --map or --prefix");
}
