import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { scalar, sequence, type Span, type Tree } from "../../manifest/yaml/tree.js";
import { numberText, type ParseConfig, TreeBuilder } from "./tree-builder.js";

/** Reads `wrangler.toml`. */
export const parseToml: ParseConfig = (source, findings) => {
  if (TreeBuilder.reportDepth(source, findings)) return undefined;
  const builder = new TreeBuilder(source, findings);
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(source.text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const reason = error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.$/, "");
    builder.report("TOML_SYNTAX", `this is not TOML: ${reason}`, builder.span(error.index, error.index + 1));
    return undefined;
  }
  const root = new Table(builder.span(0, 1));
  for (const statement of program.body[0].body) {
    if (statement.type === "TOMLKeyValue") root.set(statement, builder);
    else {
      const table = root.open(statement, builder);
      for (const pair of statement.body) if (table instanceof Table) table.set(pair, builder);
    }
  }
  return root.toTree(builder);
};

/**
 * A table while it is put together: `[a.b]`, `a.b = 1` and `[[a]]` may all add to it. The parser has refused what
 * contradicts itself.
 */
class Table {
  private readonly members = new Map<string, { readonly key: Span; readonly value: Table | TableList | Tree }>();

  constructor(readonly span: Span) {}

  /** The table that a header begins. */
  open({ resolvedKey, key }: AST.TOMLTable, builder: TreeBuilder): Table | TableList {
    const spans = keysOf(key, builder).map(({ span }) => span);
    return resolvedKey.reduce<Table | TableList>((at, segment, index) => {
      if (typeof segment === "number") return at instanceof TableList ? at.item(segment) : at;
      const table = at instanceof TableList ? at.item(0) : at;
      const span = spans.shift() ?? this.span;
      return typeof resolvedKey[index + 1] === "number" ? table.list(segment, span) : table.table(segment, span);
    }, this);
  }

  set({ key, value }: AST.TOMLKeyValue, builder: TreeBuilder): void {
    const keys = keysOf(key, builder);
    const last = keys.pop();
    const table = keys.reduce<Table>((at, { name, span }) => at.table(name, span), this);
    if (last !== undefined) table.members.set(last.name, { key: last.span, value: contentOf(value, builder) });
  }

  toTree(builder: TreeBuilder): Tree {
    const members = [...this.members].map(([name, { key, value }]) => ({
      name,
      key,
      read: () => (value instanceof Table || value instanceof TableList ? value.toTree(builder) : value),
    }));
    return builder.mapping(members, this.span);
  }

  private table(name: string, span: Span): Table {
    const known = this.members.get(name)?.value;
    if (known instanceof Table) return known;
    const table = new Table(span);
    this.members.set(name, { key: span, value: table });
    return table;
  }

  private list(name: string, span: Span): TableList {
    const known = this.members.get(name)?.value;
    if (known instanceof TableList) return known;
    const list = new TableList(span);
    this.members.set(name, { key: span, value: list });
    return list;
  }
}

/** The tables of `[[name]]`. */
class TableList {
  private readonly items: Table[] = [];

  constructor(private readonly span: Span) {}

  item(index: number): Table {
    const table = this.items[index] ?? new Table(this.span);
    this.items[index] = table;
    return table;
  }

  toTree(builder: TreeBuilder): Tree {
    const items = this.items.map((table, index) => builder.at(index, () => table.toTree(builder)));
    return sequence(items, this.span);
  }
}

function keysOf({ keys }: AST.TOMLKey, builder: TreeBuilder): { readonly name: string; readonly span: Span }[] {
  return keys.map((key) => ({
    name: key.type === "TOMLBare" ? key.name : key.value,
    span: builder.span(...key.range),
  }));
}

function contentOf(value: AST.TOMLContentNode, builder: TreeBuilder): Tree {
  const span = builder.span(...value.range);
  switch (value.type) {
    case "TOMLArray":
      return sequence(
        value.elements.map((item) => contentOf(item, builder)),
        span,
      );
    case "TOMLInlineTable": {
      const table = new Table(span);
      for (const pair of value.body) table.set(pair, builder);
      return table.toTree(builder);
    }
    case "TOMLValue":
      if (value.kind === "string") return scalar(value.value, span, "quoted");
      if (value.kind === "boolean") return scalar(String(value.value), span, "plain");
      if (value.kind === "integer" || value.kind === "float") return scalar(numberText(value.value), span, "plain");
      return scalar(value.datetime, span, "quoted");
  }
}
