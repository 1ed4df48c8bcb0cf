import { printable } from "../../values/text.js";
import type { Block, Document, Fact, Table } from "../document/document.js";

/** Writes a document as Markdown, as GitHub reads it. */
export function renderMarkdown({ title, blocks }: Document): string {
  const parts = [...(title === "" ? [] : [`# ${escaped(title)}`]), ...blocks.flatMap(blockOf)];
  return `${parts.join("\n\n")}\n`;
}

function blockOf(block: Block): string[] {
  switch (block.kind) {
    case "heading":
      return [
        `${block.level === 1 ? "##" : "###"} ${escaped(block.detail === undefined ? block.text : `${block.text}: ${block.detail}`)}`,
      ];
    case "paragraph":
      return [block.link === undefined ? escaped(block.text) : `[${escaped(block.text)}](<${block.link}>)`];
    case "table":
      return [tableOf(block)];
    case "box":
      return [["| | |", "|---|---|", ...block.groups.flat().map(factOf)].join("\n")];
    case "checklist":
      return [
        block.items
          .map(({ done, text, note }) => {
            const mark = done === undefined ? "—" : done ? "●" : "○";
            return `- ${mark} ${escaped(note === undefined ? text : `${text}: ${note}`)}`;
          })
          .join("\n"),
      ];
    case "picture":
      return [];
  }
}

function factOf({ label, value, from }: Fact): string {
  return `| ${escaped(label)} | ${escaped(value)}${from === undefined ? "" : ` (${escaped(from)})`} |`;
}

function tableOf({ head, rows, numbers = [], code = [] }: Table): string {
  const rule = head.map((_, at) => (numbers.includes(at) ? "---:" : "---"));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head.map(escaped)),
    `|${rule.join("|")}|`,
    ...rows.map((row) =>
      line(row.map((cell, at) => (code.includes(at) && cell !== "" ? codeOf(cell) : escaped(cell)))),
    ),
  ].join("\n");
}

/** Text in which Markdown finds nothing to format, and no HTML. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]<>|#~]/g, "\\$&")
    .replace(/&/g, "&amp;");
}

/** Code in a table's cell: a `|` ends the cell even there. */
function codeOf(text: string): string {
  const safe = printable(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? fence + safe + fence : `${fence} ${safe} ${fence}`;
}
