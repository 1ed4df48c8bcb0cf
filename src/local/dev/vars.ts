import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The files that a stack's secrets are read from, the last one first in rank. */
export function devVarsFiles(directory: string, environment: string | undefined): string[] {
  const files = [".dev.vars", ...(environment === undefined ? [] : [`.dev.vars.${environment}`])];
  return files.map((file) => join(directory, file));
}

/** Reads the values of all these files that exist; a later file wins. */
export function readDevVars(files: readonly string[]): Map<string, string> {
  return new Map(files.flatMap((file) => [...parseDevVars(readIfThere(file))]));
}

/**
 * Reads `NAME=value` lines as wrangler does: comments, blank lines and `export` are allowed, quotes are taken off,
 * and a value in quotes may go over several lines. In double quotes `\n` is a new line.
 */
export function parseDevVars(source: string): Map<string, string> {
  const vars = new Map<string, string>();
  for (const { groups = {} } of source.replace(/\r\n?/g, "\n").matchAll(LINE)) {
    const { name = "", single, double, back, plain } = groups;
    const value = single ?? back ?? double?.replace(/\\n/g, "\n").replace(/\\r/g, "\r") ?? plain ?? "";
    vars.set(name, value);
  }
  return vars;
}

const LINE = new RegExp(
  String.raw`^[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)[ \t]*=[ \t]*` +
    String.raw`(?:'(?<single>[^']*)'|"(?<double>(?:\\[^]|[^"\\])*)"|` +
    "`(?<back>[^`]*)`" +
    String.raw`|(?<plain>[^#\n]*?))[ \t]*(?:#.*)?$`,
  "gm",
);

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
