/**
 * Splits SQL into its statements. Semicolons inside strings, quoted names, comments and the bodies of triggers do not
 * end a statement. Comments stay with the statement they precede.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let words = 0;
  let trigger = false;
  let depth = 0;
  for (const match of sql.matchAll(TOKEN)) {
    const [token] = match;
    if (token === ";" && depth === 0) {
      push(sql.slice(start, match.index));
      start = match.index + 1;
      [words, trigger] = [0, false];
    } else if (/^\w/.test(token)) {
      const word = token.toLowerCase();
      words++;
      // `create [temp|temporary] trigger`: only there does a body have statements of its own.
      if (word === "trigger" && words <= 3) trigger = true;
      else if (trigger && (word === "begin" || word === "case")) depth++;
      else if (trigger && word === "end" && depth > 0) depth--;
    }
  }
  push(sql.slice(start));
  return statements;

  function push(text: string): void {
    const hasSql = [...text.matchAll(TOKEN)].some(([token]) => !/^(--|\/\*)/.test(token));
    if (hasSql) statements.push(text.trim());
  }
}

/** Strings and names in their quotes, comments, words, and any other character that is not white space. */
const TOKEN =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_]\w*|\S/g;
