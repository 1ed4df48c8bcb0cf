import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { InputError } from "../errors.js";
import { quoted } from "./entry.js";
import type { Items, ReadContext } from "./item.js";
import { EncodingError, encodingProblem } from "./read-chunks.js";
import { readCsv } from "./read-csv.js";
import { readDirectory } from "./read-directory.js";
import { readJson } from "./read-json.js";
import { readNdjson } from "./read-ndjson.js";
import { readYaml } from "./read-yaml.js";
import { systemCode } from "./records.js";

const READERS: Record<string, (file: string, context: ReadContext) => Items> = {
  ".json": readJson,
  ".ndjson": readNdjson,
  ".jsonl": readNdjson,
  ".csv": readCsv,
  ".yaml": readYaml,
  ".yml": readYaml,
};

/**
 * Reads the items of a file, by its extension, or of a directory.
 *
 * @throws InputError `SEED_FILE_UNKNOWN` for another extension, `SEED_FILE_UNREADABLE` when it cannot be read
 */
export async function* readItems(file: string, context: ReadContext): Items {
  const reader = (await isDirectory(file)) ? readDirectory : READERS[extname(file).toLowerCase()];
  if (reader === undefined) {
    throw new InputError(
      "SEED_FILE_UNKNOWN",
      `a file of entries ends in ${Object.keys(READERS).join(", ")} or is a directory, got '${file}'`,
    );
  }
  try {
    yield* reader(file, context);
  } catch (error) {
    if (error instanceof EncodingError) yield [encodingProblem(file, error)];
    else throw unreadable(file, error);
  }
}

/**
 * Whether a path is a directory. A pipe or a device is neither a directory nor a file: opening one may never return.
 */
async function isDirectory(file: string): Promise<boolean> {
  if (file.includes("\0")) {
    throw new InputError("SEED_FILE_UNREADABLE", `${quoted(file)} cannot be read: a path has no NUL character`);
  }
  let found;
  try {
    found = await stat(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (found.isDirectory() || found.isFile()) return found.isDirectory();
  throw new InputError(
    "SEED_FILE_UNREADABLE",
    `'${file}' cannot be read: it is a pipe, a socket or a device`,
    "write its content to a regular file first: entries are read twice",
  );
}

function unreadable(file: string, error: unknown): unknown {
  const code = systemCode(error);
  return code === undefined ? error : new InputError("SEED_FILE_UNREADABLE", `'${file}' cannot be read (${code})`);
}
