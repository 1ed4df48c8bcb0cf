import { Composer, type Document, Lexer, Parser } from "yaml";
import type { Findings } from "../findings/findings.js";
import { MAX_DEPTH, MAX_YAML_ERRORS } from "../limits.js";
import type { Source } from "./source.js";
import { toTree } from "./to-tree.js";
import type { TreeDocument } from "./tree.js";
import { yamlReason } from "./reasons.js";

const OPTIONS = { schema: "failsafe", uniqueKeys: false, prettyErrors: false, logLevel: "silent" } as const;

/** The documents of a YAML text that can be read; what is wrong with the others is added to the findings. */
export function parseYaml(source: Source, findings: Findings): TreeDocument[] {
  const documents: TreeDocument[] = [];
  let number = 0;

  for (const document of compose(source, findings)) {
    number += 1;
    if (reportErrors(document, source, findings, number)) continue;
    if (isEmpty(document)) continue;
    const root = toTree(document.contents, { source, findings, number });
    if (root !== undefined) documents.push({ source, number, root });
  }
  return documents;
}

/** Like the parser's own loop, which would recurse to any depth until the process dies. */
function* compose(source: Source, findings: Findings): Generator<Document.Parsed> {
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) yield* composer.next(token);
    if (parser.stack.length > MAX_DEPTH) {
      const message = `values are nested more than ${MAX_DEPTH} levels deep; the rest of the file was not read`;
      const span = { source, start: parser.offset, end: parser.offset + 1 };
      findings.addForFile(source.file, { code: "DEPTH_LIMIT", message }, span);
      return;
    }
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

function reportErrors(document: Document.Parsed, source: Source, findings: Findings, number: number): boolean {
  const { errors } = document;
  // A file with a credential shows none of its lines when it cannot be parsed.
  const confidential = errors.length > 0 && source.text.includes("Credential");
  for (const error of errors.slice(0, MAX_YAML_ERRORS)) {
    const [start, end] = error.pos;
    const span = { source, start, end: Math.max(end, start + 1) };
    const message = `this is not YAML: ${yamlReason(error)}`;
    const { file } = source;
    findings.add({
      severity: "error",
      code: "YAML_SYNTAX",
      message,
      span,
      file,
      path: "",
      document: number,
      confidential,
    });
  }
  return errors.length > 0;
}

function isEmpty({ contents }: Document.Parsed): boolean {
  if (contents === null) return true;
  const { value, type, tag } = contents as { value?: unknown; type?: string; tag?: string };
  return type === "PLAIN" && tag === undefined && (value === "" || value === "null" || value === "~");
}
