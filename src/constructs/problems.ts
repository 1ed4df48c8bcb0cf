import { isAbsolute, relative, resolve, sep } from "node:path";
import type { IConstruct } from "constructs";
import { ValidationError } from "../errors.js";

/** Throws once, with every problem found, naming the construct and its path. */
export function failOn(problems: readonly (string | undefined)[], construct: IConstruct): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new ValidationError(found, `${construct.constructor.name} at '${construct.node.path}'`);
  }
}

/** The path of a file from the working directory: the same on any machine. */
export function fromHere(file: string): string {
  return relative(process.cwd(), resolve(file)).split(sep).join("/");
}

/** A file that is not there, with the folder in which it was looked for. */
export function missingFile(what: string, file: string): string {
  return `${what} '${file}' does not exist${isAbsolute(file) ? "" : ` in ${process.cwd()}`}`;
}
