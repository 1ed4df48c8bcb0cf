import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { InputError } from "../errors.js";
import type { Items } from "./item.js";
import { readCsv } from "./read-csv.js";
import { readDirectory } from "./read-directory.js";
import { readJsonArray } from "./read-json.js";
import { readNdjson } from "./read-ndjson.js";
import { readYaml } from "./read-yaml.js";

const READERS: Record<string, (file: string) => Items> = {
  ".json": readJsonArray,
  ".ndjson": readNdjson,
  ".jsonl": readNdjson,
  ".csv": readCsv,
  ".yaml": readYaml,
  ".yml": readYaml,
};

/**
 * Reads the items of a file, by its extension, or of a directory.
 *
 * @throws InputError `SEED_FILE_UNKNOWN` for another extension, `SEED_FILE_UNREADABLE` when it cannot be opened
 */
export async function* readItems(file: string): Items {
  const reader = (await isDirectory(file)) ? readDirectory : READERS[extname(file).toLowerCase()];
  if (reader === undefined) {
    throw new InputError(
      "SEED_FILE_UNKNOWN",
      `a file of entries ends in ${Object.keys(READERS).join(", ")} or is a directory, got '${file}'`,
    );
  }
  try {
    yield* reader(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function isDirectory(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) return error;
  return new InputError("SEED_FILE_UNREADABLE", `'${file}' cannot be read (${code})`);
}
