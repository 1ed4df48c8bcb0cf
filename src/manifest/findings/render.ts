import { codePoints } from "../../kv/rules.js";
import type { Finding, Severity } from "./findings.js";
import { printable } from "../../values/text.js";

/** A problem with its position: what `cfkv validate --json` prints. */
export interface Diagnostic {
  readonly severity: Severity;
  /** The stable name of the broken rule: docs/manifest.md. */
  readonly code: string;
  readonly message: string;
  /** The path as it was given; `-` is standard input. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** The path in the document, as in `spec.ttlSeconds`; empty for the whole document. */
  readonly path: string;
  /** 1 for the first document of the file, 0 when the file itself is the problem. */
  readonly document: number;
}

/** Characters of a source line that are shown, and how many of them before the problem. */
const MAX_LINE = 120;
const BEFORE = 60;

/** A line that may carry a secret, whatever document it is in. */
const SECRET_LINE = /^(.*?(?:token|api_?key|secret|password|passwd|credential)["']?\s*[:=]\s*)(.*)$/i;
const REFERENCE = /^["']?\$\{\w+\}["']?\s*$/;

export function toDiagnostic({ severity, code, message, file, span, path, document }: Finding): Diagnostic {
  const { line, column } = span?.source.position(span.start) ?? { line: 1, column: 1 };
  return { severity, code, message, file, line, column, path, document };
}

/** By file in the order they were read, then by line; errors and warnings mixed, as people fix them. */
export function inOrder(findings: readonly Finding[], files: readonly string[]): Finding[] {
  const order = new Map(files.map((file, index) => [file, index]));
  for (const { file } of findings) if (!order.has(file)) order.set(file, order.size);
  return [...findings].sort(
    (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || (a.span?.start ?? 0) - (b.span?.start ?? 0),
  );
}

/** Colors text for a terminal, or returns it unchanged. */
export type Paint = (style: "bold" | "dim" | "red" | "yellow", text: string) => string;

const PLAIN: Paint = (_style, text) => text;

const COLOURS = { error: "red", warning: "yellow" } as const;

/** One problem as people read it: position, code, path and message, then the line with a caret below. */
export function renderFinding(finding: Finding, paint: Paint = PLAIN): string {
  const { severity, code, message, file, line, column, path } = toDiagnostic(finding);
  const where = paint("bold", `${printable(file)}:${line}:${column}`);
  const about = path === "" ? "" : `${printable(path)}: `;
  const head = `${where} ${paint(COLOURS[severity], severity)} ${code} ${about}${printable(message)}`;
  const excerpt = excerptOf(finding, line, paint);
  return excerpt === undefined ? head : `${head}\n${excerpt}`;
}

function excerptOf({ span, confidential, severity }: Finding, line: number, paint: Paint): string | undefined {
  if (span === undefined) return undefined;
  const text = span.source.lineAt(span.start);
  const at = span.source.position(span.start).column - 1;
  const length = codePoints(text);
  // A span of several lines is shown by its first character: its end is somewhere else.
  const isOneLine = span.source.position(Math.max(span.start, span.end - 1)).line === line;
  const width = isOneLine ? Math.max(1, codePoints(span.source.text.slice(span.start, span.end))) : 1;

  const shown = confidential ? hideAllValues(text) : hideSecret(text);
  if (shown === undefined) return undefined;
  const from = length > MAX_LINE ? Math.max(0, at - BEFORE) : 0;
  const visible = Array.from(shown)
    .slice(from, from + MAX_LINE)
    .map((character) => (isControl(character) ? "\uFFFD" : character));
  const caret = Math.min(at - from, visible.length);
  const carets = "^".repeat(Math.max(1, Math.min(width, visible.length - caret)));
  const gutter = String(line).padStart(5);
  return [
    `${paint("dim", `${gutter} |`)} ${visible.join("")}`,
    `${paint("dim", `${" ".repeat(gutter.length)} |`)} ${" ".repeat(caret)}${paint(COLOURS[severity], carets)}`,
  ].join("\n");
}

function isControl(character: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character);
}

function hideSecret(line: string): string {
  const [, key, value] = SECRET_LINE.exec(line) ?? [];
  if (key === undefined || value === undefined || value === "" || REFERENCE.test(value)) return line;
  return `${key}***`;
}

/** Of a document with secrets only keys are shown; a line without one may be the rest of a secret. */
function hideAllValues(line: string): string | undefined {
  const [, key, value] = /^(\s*(?:- )?[\w-]+\s*:)(.*)$/.exec(line) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return value.trim() === "" || REFERENCE.test(value.trim()) ? line : `${key} ***`;
}
