import { isNull } from "../schema/found.js";
import { quote } from "../findings/quote.js";
import { scalarValue } from "../yaml/scalar.js";
import type { SchemaNode } from "../schema/schema.js";
import { childSchema, existingKey } from "../schema/walk.js";
import { type Mapping, mapping, member, scalar, sequence, textOf, type Tree } from "../yaml/tree.js";

/** Why an operation cannot be applied, and which part of the patch says so. */
export interface PatchProblem {
  readonly problem: string;
  readonly at: Tree;
}

interface Location {
  readonly schema: SchemaNode | undefined;
  readonly pointer: readonly string[];
}

/**
 * Applies one operation of a JSON patch. Fields may be in either spelling, as in documents.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc6902
 */
export function applyOperation(root: Tree, operation: Tree, schema: SchemaNode): Tree | PatchProblem {
  const op = textOf(operation, "op") ?? "";
  const path = parsePointer(member(operation, "path"), operation);
  if ("problem" in path) return path;
  const to = { schema, pointer: path.pointer };
  const value = member(operation, "value");
  const failure = (problem: string): PatchProblem => ({
    problem: `${op} ${problem}`,
    at: member(operation, "path") ?? operation,
  });

  switch (op) {
    case "add":
    case "replace":
    case "test": {
      if (value === undefined) return failure("needs a value");
      if (op === "add")
        return edit(root, to, () => value, true) ?? failure("names a path whose parent the document does not have");
      const found = find(root, to);
      if (found === undefined) return failure("names a path that the document does not have");
      if (op === "replace") return edit(root, to, () => value, false) ?? root;
      return isEqual(found, value) ? root : failure("failed: the document has another value");
    }
    case "remove":
      return edit(root, to, () => undefined, false) ?? failure("names a path that the document does not have");
    case "move":
    case "copy": {
      const source = parsePointer(member(operation, "from"), operation);
      if ("problem" in source) return source;
      const from = { schema, pointer: source.pointer };
      const moved = find(root, from);
      if (moved === undefined) return failure("takes the value from a path that the document does not have");
      const rest = op === "copy" ? root : edit(root, from, () => undefined, false);
      return (
        (rest && edit(rest, to, () => moved, true)) ?? failure("names a path whose parent the document does not have")
      );
    }
    default:
      return {
        problem: `op must be one of add, remove, replace, move, copy, test, got ${quote(op)}`,
        at: member(operation, "op") ?? operation,
      };
  }
}

function parsePointer(tree: Tree | undefined, operation: Tree): { readonly pointer: readonly string[] } | PatchProblem {
  const text = tree?.type === "scalar" ? tree.text : undefined;
  if (text === undefined || (text !== "" && !text.startsWith("/"))) {
    return { problem: "path and from must begin with '/', as in /spec/ttlSeconds", at: tree ?? operation };
  }
  const pointer = text.split("/").slice(1);
  return { pointer: pointer.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")) };
}

function find(tree: Tree | undefined, { schema, pointer: [segment, ...rest] }: Location): Tree | undefined {
  if (segment === undefined || tree === undefined) return tree;
  const below = { schema: childSchema(schema, tree.type === "sequence" ? Number(segment) : segment), pointer: rest };
  if (tree.type === "mapping") return find(tree.entries.get(existingKey(tree, schema, segment))?.value, below);
  return tree.type === "sequence" ? find(tree.items[indexOf(segment)], below) : undefined;
}

/**
 * The tree with another value at the place, without it when `change` gives none; undefined when there is no such place.
 */
function edit(
  tree: Tree,
  { schema, pointer: [segment, ...rest] }: Location,
  change: () => Tree | undefined,
  isNew: boolean,
): Tree | undefined {
  // Removing the whole document leaves nothing to validate.
  if (segment === undefined) return change();
  if (tree.type === "scalar") return undefined;
  const below = { schema: childSchema(schema, tree.type === "sequence" ? Number(segment) : segment), pointer: rest };
  if (tree.type === "mapping") return editMapping(tree, existingKey(tree, schema, segment), below, change, isNew);

  const index = segment === "-" ? tree.items.length : indexOf(segment);
  const items = [...tree.items];
  if (rest.length > 0) {
    const item = items[index];
    const changed = item && edit(item, below, change, isNew);
    return changed && sequence(Object.assign(items, { [index]: changed }), tree);
  }
  if (!(index <= (isNew ? items.length : items.length - 1))) return undefined;
  const value = change();
  items.splice(index, isNew ? 0 : 1, ...(value === undefined ? [] : [value]));
  return sequence(items, tree);
}

function editMapping(
  tree: Mapping,
  name: string,
  below: Location,
  change: () => Tree | undefined,
  isNew: boolean,
): Tree | undefined {
  const entry = tree.entries.get(name);
  const entries = new Map(tree.entries);
  if (below.pointer.length > 0) {
    const changed = entry && edit(entry.value, below, change, isNew);
    if (entry === undefined || changed === undefined) return undefined;
    entries.set(name, { key: entry.key, value: changed });
    return mapping(entries, tree);
  }
  if (entry === undefined && !isNew) return undefined;
  const value = change();
  if (value === undefined) entries.delete(name);
  else entries.set(name, { key: entry?.key ?? value, value });
  return mapping(entries, tree);
}

function indexOf(segment: string): number {
  return /^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : NaN;
}

function isEqual(a: Tree, b: Tree): boolean {
  if (a.type === "scalar" && b.type === "scalar") {
    return isNull(a) ? isNull(b) : JSON.stringify(scalarValue(a)) === JSON.stringify(scalarValue(b));
  }
  if (a.type === "sequence" && b.type === "sequence") {
    return (
      a.items.length === b.items.length &&
      a.items.every((item, index) => isEqual(item, b.items[index] ?? scalar("", item)))
    );
  }
  if (a.type !== "mapping" || b.type !== "mapping") return false;
  const other = b.entries;
  return (
    a.entries.size === other.size &&
    [...a.entries].every(([name, { value }]) => {
      const entry = other.get(name);
      return entry !== undefined && isEqual(value, entry.value);
    })
  );
}
