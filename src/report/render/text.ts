import type { Block, Checklist, Document, Fact, FactBox, Heading, Table } from "../document/document.js";
import { type Characters, UNICODE } from "./characters.js";
import { padded, widthOf, wrapped } from "./text-width.js";

/** Columns of a terminal that nothing exceeds. */
const COLUMNS = 80;
const RULE = 40;
const BAR = 10;
const GAP = "  ";

/** Writes a document for a terminal, in 80 columns. */
export function renderText(document: Document, characters: Characters = UNICODE): string {
  return new TextRenderer(characters).document(document);
}

class TextRenderer {
  constructor(private readonly characters: Characters) {}

  document({ title, blocks }: Document): string {
    const shown = blocks.filter(({ kind }) => kind !== "picture");
    const lines = shown.flatMap((block, at) => {
      // What follows a heading belongs to it.
      const isApart = at > 0 && shown[at - 1]?.kind !== "heading";
      return isApart ? ["", ...this.block(block)] : this.block(block);
    });
    return `${[...(title === "" ? [] : [...this.wrap(title), ""]), ...lines].join("\n")}\n`;
  }

  private block(block: Block): string[] {
    switch (block.kind) {
      case "heading":
        return this.heading(block);
      case "paragraph":
        return [...this.wrap(block.text), ...(block.link === undefined ? [] : [this.safe(block.link)])];
      case "table":
        return this.table(block);
      case "box":
        return this.box(block);
      case "checklist":
        return this.checklist(block);
      case "picture":
        return [];
    }
  }

  private heading({ level, text, detail }: Heading): string[] {
    const { doubleRule, rule } = this.characters;
    const lines = this.wrap(level === 1 && detail === undefined ? text : text.toUpperCase());
    const line = (level === 1 ? doubleRule : rule).repeat(RULE);
    return level === 1 ? [line, ...lines, line] : [...lines, line];
  }

  private table({ head, rows, numbers = [] }: Table): string[] {
    const cells = [head, ...rows].map((row) => row.map((cell) => this.safe(cell)));
    const widths = this.widths(cells);
    const line = (row: readonly string[]): string[] => {
      const columns = widths.map((width, at) => wrapped(row[at] ?? "", width));
      const height = Math.max(...columns.map((lines) => lines.length));
      return Array.from({ length: height }, (_, at) =>
        columns
          .map((lines, column) => padded(lines[at] ?? "", widths[column] ?? 0, numbers.includes(column)))
          .join(GAP)
          .trimEnd(),
      );
    };
    const [first = [], ...others] = cells;
    const rule = widths.map((width) => this.characters.rule.repeat(width)).join(GAP);
    return [...line(first), rule, ...others.flatMap(line)];
  }

  /** The widest cell of each column, cut so that the row fits: the widest columns give way first. */
  private widths(cells: readonly (readonly string[])[]): number[] {
    const count = Math.max(...cells.map((row) => row.length));
    const widths = Array.from({ length: count }, (_, at) => Math.max(1, ...cells.map((row) => widthOf(row[at] ?? ""))));
    const room = COLUMNS - GAP.length * (count - 1);
    for (let over = sum(widths) - room; over > 0; over = sum(widths) - room) {
      const widest = Math.max(...widths);
      if (widest <= 2) break;
      const next = Math.max(2, ...widths.filter((width) => width < widest));
      const columns = widths.filter((width) => width === widest).length;
      const less = Math.max(1, Math.min(widest - next, Math.floor(over / columns)));
      const last = widths.lastIndexOf(widest);
      widths[last] = widest - less;
    }
    return widths;
  }

  private box({ title, groups }: FactBox): string[] {
    const { corners, doubleRule, rule, side } = this.characters;
    if (title === undefined) {
      return [...groups.flatMap((facts) => facts.flatMap((fact) => this.fact(fact, COLUMNS))), doubleRule.repeat(RULE)];
    }
    const most = COLUMNS - 6;
    const content = groups.map((facts) => facts.flatMap((fact) => this.fact(fact, most)));
    const inner = Math.max(RULE - 3, ...content.flat().map((line) => widthOf(line) + 4));
    const line = (text: string): string => `${side}${padded(text, inner)}${side}`;
    const space = " ".repeat(Math.max(0, Math.floor((inner - widthOf(title)) / 2)));
    return [
      `${corners[0]}${rule.repeat(inner)}${corners[1]}`,
      line(`${space}${title}`),
      ...content.flatMap((lines) => ["", ...lines.map((text) => `  ${text}`)].map(line)),
      `${corners[2]}${rule.repeat(inner)}${corners[3]}`,
    ];
  }

  private fact({ label, value, from, bar }: Fact, width: number): string[] {
    const drawn = bar === undefined ? "" : `${this.bar(bar)} `;
    const [first = "", ...others] = wrapped(
      `${this.safe(label)}: ${drawn}${this.safe(value)}${from === undefined ? "" : ` (${this.safe(from)})`}`,
      width - 2,
    );
    return [first, ...others.map((line) => `  ${line}`)];
  }

  private bar(percent: number): string {
    const full = Math.max(0, Math.min(BAR, Math.round((percent / 100) * BAR)));
    return this.characters.bar.repeat(full) + this.characters.track.repeat(BAR - full);
  }

  private checklist({ items }: Checklist): string[] {
    const { done, open, unknown } = this.characters;
    return items.flatMap((item) => {
      const mark = item.done === undefined ? unknown : item.done ? done : open;
      const text = item.note === undefined ? item.text : `${item.text}: ${item.note}`;
      const indent = widthOf(mark) + 1;
      const [first = "", ...others] = wrapped(this.safe(text), COLUMNS - indent);
      return [`${mark} ${first}`, ...others.map((line) => " ".repeat(indent) + line)];
    });
  }

  private wrap(text: string): string[] {
    return wrapped(this.safe(text), COLUMNS);
  }

  private safe(text: string): string {
    return this.characters.safe(text);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
