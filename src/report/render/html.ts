import { QUOTA_WARNING_PERCENT } from "../../kv/prices.js";
import type { Block, Checklist, Document, FactBox, Table } from "../document/document.js";
import { escapeHtml } from "./escape.js";
import { STYLE } from "./style.js";

/** Nothing is loaded from anywhere, whatever a name in the report contains. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * Writes a document as one page without a script.
 *
 * @param when - a line below the title
 */
export function renderHtml({ title, blocks }: Document, when: string): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="content-security-policy" content="${POLICY}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="when">${escapeHtml(when)}</p>`,
    ...blocks.map(blockOf),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case "heading": {
      const tag = block.level === 1 ? "h2" : "h3";
      const id = block.id === undefined ? "" : ` id="${escapeHtml(block.id)}"`;
      const detail = block.detail === undefined ? "" : `: <code>${escapeHtml(block.detail)}</code>`;
      return `<${tag}${id}>${escapeHtml(block.text)}${detail}</${tag}>`;
    }
    case "paragraph": {
      const words = escapeHtml(block.text);
      return `<p>${block.link === undefined ? words : `<a href="${escapeHtml(block.link)}">${words}</a>`}</p>`;
    }
    case "table":
      return tableOf(block);
    case "box":
      return boxOf(block);
    case "checklist":
      return checklistOf(block);
    case "picture":
      return `<figure>${block.svg}<figcaption>${escapeHtml(block.caption)}</figcaption></figure>`;
  }
}

function tableOf({ head, rows, numbers = [], code = [], bars = [] }: Table): string {
  const kind = (column: number): string =>
    numbers.includes(column) ? ' class="number"' : code.includes(column) ? ' class="name"' : "";
  const cell = (text: string, column: number, row: number): string => {
    const words = code.includes(column) && text !== "" ? `<code>${escapeHtml(text)}</code>` : severity(text);
    const percent = bars.find((bar) => bar.column === column)?.percents[row];
    return `<td${kind(column)}>${percent === undefined ? "" : barOf(percent, head[column] === "share")}${words}</td>`;
  };
  const lines = rows.map((row, at) => `<tr>${row.map((text, column) => cell(text, column, at)).join("")}</tr>`);
  const top = head.map((text, column) => `<th${kind(column)}>${escapeHtml(text)}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${top}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}

function severity(text: string): string {
  const isOne = text === "error" || text === "warning" || text === "advice";
  return isOne ? `<span class="severity-${text}">${text}</span>` : escapeHtml(text);
}

/** @param isQuota - whether more is worse */
function barOf(percent: number, isQuota: boolean): string {
  const state = isQuota && percent > 100 ? " over" : isQuota && percent > QUOTA_WARNING_PERCENT ? " near" : "";
  const width = Math.max(0, Math.min(100, percent)).toFixed(1);
  return `<span class="bar${state}"><i style="width:${width}%"></i></span>`;
}

function boxOf({ title, groups }: FactBox): string {
  const lists = groups.map((facts) => {
    const rows = facts.map(({ label, value, from, bar }) => {
      const drawn = bar === undefined ? "" : barOf(bar, false);
      const source = from === undefined ? "" : ` <span class="from">(${escapeHtml(from)})</span>`;
      return `<dt>${escapeHtml(label)}</dt><dd>${drawn}${escapeHtml(value)}${source}</dd>`;
    });
    return `<dl>${rows.join("")}</dl>`;
  });
  return `<div class="box">${title === undefined ? "" : `<h4>${escapeHtml(title)}</h4>`}${lists.join("")}</div>`;
}

function checklistOf({ items }: Checklist): string {
  const rows = items.map(({ done, text, note }) => {
    const [name, mark] = done === undefined ? ["unknown", "—"] : done ? ["done", "●"] : ["open", "○"];
    const why = note === undefined ? "" : `: <span class="from">${escapeHtml(note)}</span>`;
    return `<li class="${name}"><span class="mark">${mark}</span>${escapeHtml(text)}${why}</li>`;
  });
  return `<ul class="checklist">${rows.join("")}</ul>`;
}
