import { Token } from "cdktf";
import { keyProblem, metadataProblem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import type { JsonValue } from "../values/json.js";

/** A key and its value that Terraform writes, reads back on every plan, and deletes. */
export interface KvEntryProps {
  /** 1 to 512 UTF-8 bytes, neither `.` nor `..`. */
  readonly key: string;

  /** Text of at most 25 MiB. Binary values are for `cfkv seed`. */
  readonly value: string;

  /**
   * Any JSON of at most 1,024 bytes, stored with the key and returned by `list`.
   *
   * @default - no metadata
   */
  readonly metadata?: JsonValue;
}

/** The way out for what Terraform cannot keep. */
export const SEED = "put it into a file of the namespace's seed, which 'cfkv seed' writes";

/** Every broken rule of one entry. */
export function entryProblems({ key, value, metadata }: KvEntryProps): string[] {
  const rules = [
    Token.isUnresolved(key) ? undefined : keyProblem(key),
    changedProblem("key", key),
    metadata === undefined || Token.isUnresolved(metadata) ? undefined : metadataProblem(metadata),
    valueSizeProblem(utf8Length(value)),
    changedProblem("value", value),
  ];
  return rules.flatMap((problem) => (problem === undefined ? [] : [`entry '${key}': ${problem}`]));
}

/** Terraform composes characters, so that what is written `e` and an accent would be stored as `é`. */
function changedProblem(field: string, given: string): string | undefined {
  if (given === given.normalize("NFC")) return undefined;
  return `${field} must be in Unicode's composed form (NFC), into which Terraform would change it: ${SEED}`;
}
