import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";

/** The files with a stack's secrets; a later one overrides an earlier one. */
export function devVarsFiles(directory: string, environment: string | undefined): string[] {
  const files = [".dev.vars", ...(environment === undefined ? [] : [`.dev.vars.${environment}`])];
  return files.map((file) => join(directory, file));
}

/** Reads the values of all these files that exist, with the parser that wrangler uses. */
export function readDevVars(files: readonly string[]): Map<string, string> {
  return new Map(files.flatMap((file) => Object.entries(parse(readIfThere(file)))));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
