/** Packages are named by their path from `node_modules` on, wherever that folder links to on this machine. */
export function stableNames(inputs: readonly string[]): (input: string) => string {
  const names = new Map(
    inputs
      .filter((input) => input.startsWith(".."))
      .map((input) => [input, /node_modules\/.*$/.exec(input)?.[0] ?? input]),
  );
  return (input) => names.get(input) ?? input;
}

/** esbuild writes the path of each file as a comment before its code. */
export function stableComments(text: string, name: (input: string) => string): string {
  return text.replace(/^\/\/ (\.\.\/.*)$/gm, (_, input: string) => `// ${name(input)}`);
}

/** A source map as the comment that ends a module. */
export function stableMap(json: string, name: (input: string) => string): string {
  const map = JSON.parse(json) as { sources: string[] };
  const stable = JSON.stringify({ ...map, sources: map.sources.map(name) });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(stable).toString("base64")}\n`;
}
