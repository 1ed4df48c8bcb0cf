import type { Place } from "../findings/place.js";
import { quote } from "../findings/quote.js";
import { scalarValue } from "../yaml/scalar.js";
import type { Member, Scalar, Span, Tree } from "../yaml/tree.js";

/** What a field of text must be, as its messages say it. */
export const TEXT = "a string";

/** What a problem with a member points at: the value, or its key when the value is a block or missing. */
export function pointAt({ key, value }: Member): Span {
  return value.type === "scalar" && value.end > value.start ? value : key;
}

/** Whether a value is null: its field counts as not set. */
export function isNull(tree: Tree): boolean {
  return (
    tree.type === "scalar" &&
    scalarValue(unquoteTyped(tree)).type === "null" &&
    (tree.style !== "typed" || tree.text === "null")
  );
}

/** Reports that a value has another type than its field. */
export function wrongType(expected: string, tree: Tree, place: Place, label: string): undefined {
  const hint =
    expected === TEXT && tree.type === "scalar" && !place.context.confidential ? `: write "${tree.text}"` : "";
  const message = `${label === "" ? "the document" : label} must be ${expected}${got(tree, place)}${hint}`;
  place.report({ code: "WRONG_TYPE", message });
  return undefined;
}

/** What was found, as `, got '5m'`; of a document with secrets only the type is shown. */
export function got(tree: Tree, place: Place): string {
  if (tree.type === "mapping") return ", got a mapping";
  if (tree.type === "sequence") return ", got a list";
  if (place.context.confidential) return "";
  const value = scalarValue(tree);
  switch (value.type) {
    case "null":
      return ", got nothing";
    case "boolean":
      return `, got the boolean ${tree.text}`;
    case "number":
      return `, got the number ${tree.text}`;
    case "text":
      return `, got ${quote(tree.text)}`;
  }
}

/** A value from the command line has no quotes to say what it is: its field does. */
export function unquoteTyped(tree: Scalar): Scalar {
  return tree.style === "typed" ? { ...tree, style: "plain" } : tree;
}
