/** Why a string is not JSON; undefined when it is. */
export function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    // Chromium quotes the whole text after the position.
    return error instanceof Error ? error.message.replace(/, (\.\.\.)?"[^]*" is not valid JSON$/, "") : String(error);
  }
}

/** Whether a value is probably JSON: it begins like an object or an array. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(\{|\[)/.test(text);
}

/**
 * JSON with one member per line. Only whitespace changes: large numbers, repeated names and escapes stay as they are.
 *
 * @param text - valid JSON
 */
export function prettyJson(text: string): string {
  const tokens = tokensOf(text);
  let depth = 0;
  let pretty = "";
  tokens.forEach((token, at) => {
    const opens = token === "{" || token === "[";
    const closes = token === "}" || token === "]";
    const former = tokens[at - 1];
    const isEmpty = closes && (former === "{" || former === "[");
    if (closes) {
      depth -= 1;
      if (!isEmpty) pretty += lineBreak(depth);
    }
    pretty += token;
    if (opens) {
      depth += 1;
      const next = tokens[at + 1];
      if (next !== "}" && next !== "]") pretty += lineBreak(depth);
    } else if (token === ",") pretty += lineBreak(depth);
    else if (token === ":") pretty += " ";
  });
  return pretty;
}

/**
 * JSON without whitespace, and otherwise unchanged.
 *
 * @param text - valid JSON
 */
export function compactJson(text: string): string {
  return tokensOf(text).join("");
}

function tokensOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
}

function lineBreak(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}
