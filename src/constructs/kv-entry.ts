import { Token } from "cdktf";
import { keyProblem, metadataProblem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { type JsonValue, plainJson } from "../values/json.js";
import { changedJson, hasReference } from "./terraform-text.js";

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

/** What to do with a value that Terraform cannot store. */
export const SEED = "put it into one of the namespace's seed files, which 'cfkv seed' writes";

/** Every broken rule of one entry. */
export function entryProblems({ key, value, metadata }: KvEntryProps): string[] {
  const rules = [
    Token.isUnresolved(key) ? undefined : keyProblem(key),
    changedProblem("key", key),
    metadata === undefined || hasReference(metadata) ? undefined : metadataProblem(metadata, plainJson(metadata)),
    changedProblem("metadata", metadata),
    valueSizeProblem(utf8Length(value)),
    changedProblem("value", value),
  ];
  return rules.flatMap((problem) => (problem === undefined ? [] : [`entry '${key}': ${problem}`]));
}

function changedProblem(field: string, given: JsonValue | undefined): string | undefined {
  const changed = given === undefined ? undefined : changedJson(given);
  return changed === undefined ? undefined : `${field} ${changed}: ${SEED}`;
}
