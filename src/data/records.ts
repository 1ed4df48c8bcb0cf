import { readFile } from "node:fs/promises";
import { InputError } from "../errors.js";
import { isObject } from "../values/json.js";

/** A record of an interrupted run that cannot be trusted. Nothing was changed. */
export function brokenRecord(file: string, wayOut: string, reason: string): InputError<"JOURNAL_BROKEN"> {
  return new InputError(
    "JOURNAL_BROKEN",
    `the record of the interrupted run, ${file}, cannot be used: ${reason}`,
    wayOut,
  );
}

/**
 * The record of an interrupted run that is one JSON object; nothing when there is none.
 *
 * @param wayOut - what to do when it is damaged
 * @throws InputError `JOURNAL_BROKEN` when the file holds anything else
 */
export async function readRecord<Fields extends object>(
  file: string,
  isRecord: (fields: Readonly<Record<string, unknown>>) => boolean,
  wayOut: string,
): Promise<Fields | undefined> {
  let fields: unknown;
  try {
    fields = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw brokenRecord(file, wayOut, systemCode(error) ?? "it is not valid JSON");
  }
  if (!isObject(fields) || !isRecord(fields)) throw brokenRecord(file, wayOut, "its fields are not those of a record");
  return fields as Fields;
}

/** Whether a value is a whole number that counts something. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a field that may be missing is a string. */
export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

/** The system's code of a file error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : undefined;
}
