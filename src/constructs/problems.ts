import { type IConstruct } from "constructs";
import { ValidationError } from "../errors.js";
import { didYouMean } from "../suggest.js";

/** Throws once, with every problem found, naming the construct and its path. */
export function failOn(problems: readonly (string | undefined)[], construct: IConstruct): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new ValidationError(found, `${construct.constructor.name} at '${construct.node.path}'`);
  }
}

/** A problem for each field that no one reads: JavaScript and YAML let them through, types do not. */
export function unknownFields(value: object, known: readonly string[], where: string): string[] {
  return Object.keys(value)
    .filter((field) => !known.includes(field))
    .map((field) => `${where} has no field '${field}'${didYouMean(field, known)}`);
}

/** Text order that is the same on every machine, whatever its locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
