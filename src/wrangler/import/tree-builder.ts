import type { Findings } from "../../manifest/findings/findings.js";
import type { ConfigCode } from "../../manifest/findings/codes.js";
import { joinPath } from "../../manifest/findings/path.js";
import { quote } from "../../manifest/findings/quote.js";
import { MAX_DEPTH } from "../../manifest/limits.js";
import type { Source } from "../../manifest/yaml/source.js";
import { type Member, mapping, type Span, type Tree } from "../../manifest/yaml/tree.js";

/** What a parser of configurations finds: a tree that remembers where everything was written. */
export type ParseConfig = (source: Source, findings: Findings) => Tree | undefined;

/** A member of a mapping as a parser has it: where its name is, and how to read its value. */
export interface ParsedMember {
  readonly name: string;
  readonly key: Span;
  readonly read: () => Tree;
}

/** A number as plain scalars write it: infinities and NaN, which JSON cannot hold, in YAML's form. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
}

/** What every parser reports in the same way. */
export class TreeBuilder {
  /** Where the value being read is, for messages. */
  private readonly path: (string | number)[] = [];

  constructor(
    private readonly source: Source,
    private readonly findings: Findings,
  ) {}

  span(start: number, end: number): Span {
    return { source: this.source, start, end: Math.max(end, start + 1) };
  }

  /** Reads a value at one more step of the path. */
  at(segment: string | number, read: () => Tree): Tree {
    this.path.push(segment);
    const tree = read();
    this.path.pop();
    return tree;
  }

  /** A mapping; wrangler would take the last of two equal keys without a word. */
  mapping(members: readonly ParsedMember[], span: Span): Tree {
    const entries = new Map<string, Member>();
    for (const { name, key, read } of members) {
      const value = this.at(name, read);
      if (name === "__proto__") {
        this.report("INVALID_KEY", "a key must not be '__proto__', which JavaScript reserves", key);
      } else if (entries.has(name)) {
        this.report("DUPLICATE_KEY", `the key ${quote(name)} is set twice`, key);
      } else {
        entries.set(name, { key, value });
      }
    }
    return mapping(entries, span);
  }

  report(code: ConfigCode, message: string, span: Span): void {
    const { file } = this.source;
    const path = joinPath(this.path);
    this.findings.add({ severity: "error", code, message, span, file, path, document: 1, confidential: false });
  }

  /** Reports text that is nested too deeply for the parsers, which recurse; true when it is. */
  static reportDepth(source: Source, findings: Findings): boolean {
    const at = tooDeep(source.text);
    if (at === undefined) return false;
    const message = `values are nested more than ${MAX_DEPTH} levels deep; the file was not read`;
    findings.addForFile(source.file, { code: "DEPTH_LIMIT", message }, { source, start: at, end: at + 1 });
    return true;
  }
}

/** Where brackets outside of strings and comments go deeper than the limit. Quick, and never too strict. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  // A string without its end is read up to the end of its line: the text is broken anyway.
  const tokens = /"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\/\/[^\n]*|\/\*[^]*?\*\/|#[^\n]*|[[{]|[\]}]/g;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return index;
  }
  return undefined;
}
