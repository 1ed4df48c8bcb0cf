/**
 * What a report says, without a format: text, Markdown and HTML are three ways to write the same document, so that
 * their figures cannot differ.
 */
export interface Document {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block = Heading | Paragraph | Table | FactBox | Checklist | Picture;

/** Level 1 begins a namespace or another subject, level 2 a part of it. */
export interface Heading {
  readonly kind: "heading";
  readonly level: 1 | 2;
  readonly text: string;
  /** What it is about, where the text that follows does not say it at once: for pages with many headings. */
  readonly detail?: string;
  /** Where pictures link to. */
  readonly id?: string;
}

export interface Paragraph {
  readonly kind: "paragraph";
  readonly text: string;
  /** An address that the paragraph leads to. */
  readonly link?: string;
}

export interface Table {
  readonly kind: "table";
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns with numbers, by index: aligned at their right. @default - none */
  readonly numbers?: readonly number[];
  /** Columns with names and keys, by index, which HTML and Markdown set as code. @default - none */
  readonly code?: readonly number[];
  /** Columns with a share as a bar, by index: HTML draws it. @default - none */
  readonly bars?: readonly { readonly column: number; readonly percents: readonly (number | undefined)[] }[];
}

/** The frame of seed 004's status: facts, one a line, in groups. */
export interface FactBox {
  readonly kind: "box";
  /** Without one, the facts stand between rules in place of a frame. */
  readonly title?: string;
  readonly groups: readonly (readonly Fact[])[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Where it is from. */
  readonly from?: string;
  /** A share in percent, drawn as a bar before the value. */
  readonly bar?: number;
  /** The id of a link in the dashboard. */
  readonly link?: string;
}

export interface Checklist {
  readonly kind: "checklist";
  readonly items: readonly ChecklistItem[];
}

export interface ChecklistItem {
  /** Undefined when it is not known. */
  readonly done: boolean | undefined;
  readonly text: string;
  /** Why, or what to do. */
  readonly note?: string;
}

/** An SVG, which HTML shows; other formats have the same figures in a table. */
export interface Picture {
  readonly kind: "picture";
  readonly svg: string;
  readonly caption: string;
}

export function heading(level: Heading["level"], text: string, id?: string): Heading {
  return { kind: "heading", level, text, ...(id === undefined ? {} : { id }) };
}

export function paragraph(text: string, link?: string): Paragraph {
  return { kind: "paragraph", text, ...(link === undefined ? {} : { link }) };
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: Pick<Table, "numbers" | "code" | "bars"> = {},
): Table {
  return { kind: "table", head, rows, ...options };
}
