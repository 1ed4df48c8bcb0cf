import type { IConstruct } from "constructs";
import { ValidationError } from "../errors.js";

/** Throws once, with every problem found, naming the construct and its path. */
export function failOn(problems: readonly (string | undefined)[], construct: IConstruct): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new ValidationError(found, `${construct.constructor.name} at '${construct.node.path}'`);
  }
}

/** Text order that is the same on every machine, whatever its locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What stands more than once in a list, each once. */
export function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
}
