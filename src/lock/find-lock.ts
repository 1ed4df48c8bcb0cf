import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isObject } from "../values/json.js";
import { LOCK_FILE } from "./model.js";

const PROJECT_FILE = "cdktf.json";

/**
 * Where the lock of a project is: beside its `cdktf.json`, or where a lock already exists, in the first of these
 * folders or above it; in the first folder itself when there is neither. Undefined when `cdktf.json` turns the lock
 * off.
 */
export function findLock(folders: readonly string[]): string | undefined {
  const found = folders.flatMap((folder) => projectFolder(resolve(folder)) ?? [])[0] ?? resolve(folders[0] ?? ".");
  return isTurnedOff(join(found, PROJECT_FILE)) ? undefined : join(found, LOCK_FILE);
}

function projectFolder(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if ([PROJECT_FILE, LOCK_FILE].some((file) => existsSync(join(folder, file)))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** `cdktf` passes the context of `cdktf.json` to the app; an app that is run directly does not get it. */
function isTurnedOff(projectFile: string): boolean {
  try {
    const project: unknown = JSON.parse(readFileSync(projectFile, "utf8"));
    return isObject(project) && isObject(project["context"]) && project["context"]["lock"] === false;
  } catch {
    return false;
  }
}
