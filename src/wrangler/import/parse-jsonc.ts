import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { scalar, sequence, type Tree } from "../../manifest/yaml/tree.js";
import { numberText, type ParseConfig, type ParsedMember, TreeBuilder } from "./tree-builder.js";

/** Errors shown of one file: what follows the first few is mostly noise. */
const MAX_ERRORS = 5;

const REASONS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is not a value",
  InvalidNumberFormat: "this is not a number",
  PropertyNameExpected: "a name in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a ':' is expected here",
  CommaExpected: "a ',' is expected here",
  CloseBraceExpected: "a '}' is expected here",
  CloseBracketExpected: "a ']' is expected here",
  EndOfFileExpected: "the file should end here",
  InvalidCommentToken: "a comment is not allowed here",
  UnexpectedEndOfComment: "the comment has no end",
  UnexpectedEndOfString: "the string has no end",
  UnexpectedEndOfNumber: "the number has no end",
  InvalidUnicode: "'\\u' needs four hexadecimal digits",
  InvalidEscapeCharacter: "there is no such escape sequence",
  InvalidCharacter: "control characters must be escaped",
};

/** Reads `wrangler.json` and `wrangler.jsonc` as wrangler does: with comments and trailing commas. */
export const parseJsonc: ParseConfig = (source, findings) => {
  if (TreeBuilder.reportDepth(source, findings)) return undefined;
  const builder = new TreeBuilder(source, findings);
  const errors: ParseError[] = [];
  const root = parseTree(source.text, errors, { allowTrailingComma: true });
  for (const { error, offset, length } of errors.slice(0, MAX_ERRORS)) {
    const reason = REASONS[printParseErrorCode(error)] ?? "the syntax is wrong";
    builder.report("JSON_SYNTAX", `this is not JSON: ${reason}`, builder.span(offset, offset + length));
  }
  if (errors.length > 0) return undefined;
  if (root !== undefined) return toTree(root, builder);
  builder.report("JSON_SYNTAX", "this is not JSON: the file is empty", builder.span(0, 1));
  return undefined;
};

function toTree({ type, value, offset, length, children = [] }: Node, builder: TreeBuilder): Tree {
  const span = builder.span(offset, offset + length);
  switch (type) {
    case "object":
      return builder.mapping(
        children.flatMap((property) => memberOf(property, builder)),
        span,
      );
    case "array":
      return sequence(
        children.map((item, index) => builder.at(index, () => toTree(item, builder))),
        span,
      );
    case "string":
      return scalar(String(value), span, "quoted");
    default:
      return scalar(typeof value === "number" ? numberText(value) : String(value), span, "plain");
  }
}

function memberOf({ children: [key, value] = [] }: Node, builder: TreeBuilder): ParsedMember[] {
  if (key === undefined || value === undefined) return [];
  const span = builder.span(key.offset, key.offset + key.length);
  return [{ name: String(key.value), key: span, read: () => toTree(value, builder) }];
}
