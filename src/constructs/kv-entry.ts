import { Token } from "cdktf";
import { createHash } from "node:crypto";
import { keyProblem, metadataProblem, utf8Length, valueSizeProblem } from "../kv/rules.js";
import { type JsonValue } from "./literal.js";
import { unknownFields } from "./problems.js";

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

const FIELDS = ["key", "value", "metadata"];
const FOR_SEED = ["expirationTtl", "expiration_ttl", "expiration", "base64"];
const SEED = "put it into a file of the namespace's seed, which 'cfkv seed' writes";

/** Every broken rule of one entry. */
export function entryProblems(entry: KvEntryProps): string[] {
  const where = `entry '${entry.key}'`;
  const problems = FOR_SEED.filter((field) => field in entry).map(
    (field) => `${where} has '${field}', which Terraform cannot keep: ${SEED}`,
  );
  problems.push(...unknownFields(entry, [...FIELDS, ...FOR_SEED], where));
  const rules = [
    Token.isUnresolved(entry.key) ? undefined : keyProblem(entry.key),
    entry.metadata === undefined || Token.isUnresolved(entry.metadata) ? undefined : metadataProblem(entry.metadata),
    typeof entry.value === "string"
      ? valueSizeProblem(utf8Length(entry.value))
      : `value must be text, got ${typeof entry.value}: ${SEED}`,
  ];
  for (const problem of rules) {
    if (problem !== undefined) problems.push(`${where}: ${problem}`);
  }
  return problems;
}

/** A construct id that follows the key alone, so that other entries come and go without moving this one. */
export function entryId(key: string): string {
  return `Entry-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`;
}
