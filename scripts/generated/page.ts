/** Makes a section's text; takes the one that is there, for what only the page says. */
export type Section = (current: string) => string;

const SECTION = /^<!-- generated: (.+) -->\n([^]*?)^<!-- end of generated -->$/gm;

/** The names of a page's generated sections. */
export function sectionsOf(page: string): string[] {
  return [...page.matchAll(SECTION)].map(([, name = ""]) => name);
}

/** The page with every generated section as it has to be. */
export function fill(path: string, page: string, sections: ReadonlyMap<string, Section>): string {
  return page.replace(SECTION, (_, name: string, current: string) => {
    const section = sections.get(name);
    if (section === undefined) throw new Error(`${path}: nothing generates a section '${name}'`);
    return `<!-- generated: ${name} -->\n${section(current)}\n<!-- end of generated -->`;
  });
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines
    .map((cells, at) => (at === 1 ? `|${cells.join("|")}|` : `| ${cells.map(cell).join(" | ")} |`))
    .join("\n");
}

/** Outside of code, `<name>` would be read as HTML. */
function cell(text: string): string {
  const parts = text.replaceAll("\n", " ").split(/(`[^`]*`)/);
  const safe = parts.map((part) => (part.startsWith("`") ? part : part.replaceAll(/(?<!\\)</g, "\\<"))).join("");
  return safe.replaceAll(/(?<!\\)\|/g, "\\|");
}

/** Text in a table's cell as code. */
export function code(text: string): string {
  return `\`${text}\``;
}
