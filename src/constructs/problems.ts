import type { IConstruct } from "constructs";
import { ValidationError } from "../errors.js";

/** Throws once, with every problem found, naming the construct and its path. */
export function failOn(problems: readonly (string | undefined)[], construct: IConstruct): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) {
    throw new ValidationError(found, `${construct.constructor.name} at '${construct.node.path}'`);
  }
}
