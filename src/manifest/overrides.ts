import { isNull } from "./schema/found.js";
import type { Findings } from "./findings/findings.js";
import { parseYaml } from "./yaml/parse.js";
import { quote } from "./findings/quote.js";
import type { SchemaNode } from "./schema/schema.js";
import { childSchema, existingKey } from "./schema/walk.js";
import { Source } from "./yaml/source.js";
import { type Member, mapping, scalar, sequence, type Span, type Tree, type TreeDocument } from "./yaml/tree.js";

/** One `--set path=value`. */
export interface Override {
  readonly source: Source;
  readonly segments: readonly (string | number)[];
  readonly value: Tree;
}

const SEGMENT = /\.?(?:\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|((?:\\.|[^.[\]=\\])+))/y;

/**
 * Reads an override: `spec.ttlSeconds=300`, `metadata.labels["a.b/c"]=x`, `resources[0].name=api`. A value that begins
 * with a quote or a bracket is read as YAML; any other takes the type of its field, and `null` unsets it.
 */
export function parseOverride(text: string, findings: Findings): Override | undefined {
  const source = new Source("--set", text);
  const whole = { source, start: 0, end: text.length };
  const { segments, end } = parsePath(text);
  if (segments.length === 0 || text[end] !== "=") {
    const message = `an override must be path=value, as in spec.ttlSeconds=300, got ${quote(text)}`;
    findings.addForFile(source.file, { code: "INVALID_OVERRIDE", message }, { ...whole, start: end, end: end + 1 });
    return undefined;
  }
  const value = parseValue(source, end + 1, findings);
  return value === undefined ? undefined : { source, segments, value };
}

function parsePath(text: string): { segments: (string | number)[]; end: number } {
  const segments: (string | number)[] = [];
  let end = 0;
  for (;;) {
    SEGMENT.lastIndex = end;
    const match = SEGMENT.exec(text);
    if (match === null) return { segments, end };
    const [whole, index, quoted, plain] = match;
    segments.push(index === undefined ? (quoted ?? plain ?? "").replace(/\\(.)/g, "$1") : Number(index));
    end += whole.length;
  }
}

function parseValue(source: Source, start: number, findings: Findings): Tree | undefined {
  const text = source.text.slice(start);
  const span = { source, start, end: source.text.length };
  if (!/^["'[{]/.test(text)) return scalar(text, span, "typed");
  const inner = new Source(source.file, text, { line: 1, column: start + 1 });
  return parseYaml(inner, findings)[0]?.root;
}

/** The document with the override in it; undefined when it has no place for it. */
export function applyOverride(
  document: TreeDocument,
  schema: SchemaNode,
  { segments, value, source }: Override,
): TreeDocument | undefined {
  const root = put(document.root, schema, segments, value, { source, start: 0, end: source.text.length });
  return root === undefined ? undefined : { ...document, root };
}

function put(
  tree: Tree,
  schema: SchemaNode | undefined,
  [segment, ...rest]: readonly (string | number)[],
  value: Tree,
  span: Span,
): Tree | undefined {
  if (segment === undefined) return value;
  const below = childSchema(schema, segment);
  if (typeof segment === "number") {
    if (tree.type !== "sequence" || segment > tree.items.length) return undefined;
    const item = put(tree.items[segment] ?? empty(rest[0], span), below, rest, value, span);
    return item && sequence(Object.assign([...tree.items], { [segment]: item }), tree);
  }
  if (tree.type !== "mapping") return undefined;
  const name = existingKey(tree, schema, segment);
  const before = tree.entries.get(name);
  const inner = before === undefined || isNull(before.value) ? empty(rest[0], span) : before.value;
  const after = put(inner, below, rest, value, span);
  if (after === undefined) return undefined;
  const entry: Member = { key: before?.key ?? span, value: after };
  return mapping(new Map([...tree.entries, [name, entry]]), tree);
}

function empty(next: string | number | undefined, span: Span): Tree {
  return typeof next === "number" ? sequence([], span) : mapping(new Map(), span);
}
