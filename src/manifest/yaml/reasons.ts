import type { YAMLError } from "yaml";

/**
 * What the YAML parser's codes mean, in our words: its own messages quote the text around the problem, and that text
 * may be a secret.
 */
const REASONS: Partial<Record<YAMLError["code"], string>> = {
  ALIAS_PROPS: "an alias cannot have a tag or an anchor",
  BAD_ALIAS: "an anchor or alias needs a name",
  BAD_COLLECTION_TYPE: "the tag does not fit the kind of value",
  BAD_DIRECTIVE: "a line that begins with '%' is not a valid directive",
  BAD_DQ_ESCAPE: "unknown escape in a double-quoted string (write '\\\\' for a backslash)",
  BAD_INDENT: "the indentation does not fit the lines above (is a bracket or a quote left open?)",
  BAD_PROP_ORDER: "a tag or an anchor is in the wrong place",
  BAD_SCALAR_START: "a plain string cannot begin with '@' or '`': write it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "found a list or mapping where a single value was expected (is ': ' inside an unquoted string?)",
  BLOCK_IN_FLOW: "a block value cannot be inside '[…]' or '{…}'",
  KEY_OVER_1024_CHARS: "a key has more than 1024 characters",
  MISSING_CHAR: "a quote, a bracket, a comma or a colon is missing",
  MULTILINE_IMPLICIT_KEY: "a key does not end on its line (is a colon missing?)",
  MULTIPLE_ANCHORS: "a value can have one anchor only",
  MULTIPLE_TAGS: "a value can have one tag only",
  TAB_AS_INDENT: "tabs cannot be used for indentation: use spaces",
};

/** Why the text is not YAML. */
export function yamlReason({ code }: YAMLError): string {
  return REASONS[code] ?? "unexpected content here (is the indentation right, are quotes and brackets closed?)";
}
