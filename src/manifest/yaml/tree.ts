import type { Source } from "./source.js";

/** A stretch of a source: what a message points at. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A YAML value that remembers where it was written. Aliases share one tree, so a tree is never changed in place. */
export type Tree = Scalar | Mapping | Sequence;

interface Node extends Span {
  /** Nodes of the whole tree; what an alias repeats is counted again. */
  readonly size: number;
  /** Levels of nesting below this node. */
  readonly depth: number;
}

export interface Scalar extends Node {
  readonly type: "scalar";
  readonly text: string;
  /** `plain` stands without quotes and may be a number; `typed` comes from the command line and takes its field's type. */
  readonly style: "plain" | "quoted" | "typed";
}

export interface Mapping extends Node {
  readonly type: "mapping";
  readonly entries: ReadonlyMap<string, Member>;
}

export interface Sequence extends Node {
  readonly type: "sequence";
  readonly items: readonly Tree[];
}

export interface Member {
  readonly key: Span;
  readonly value: Tree;
}

/** One YAML document of a file. */
export interface TreeDocument {
  readonly source: Source;
  /** 1 for the first of the file. */
  readonly number: number;
  readonly root: Tree;
}

export function scalar(text: string, span: Span, style: Scalar["style"] = "quoted"): Scalar {
  const { source, start, end } = span;
  return { type: "scalar", text, style, source, start, end, size: 1, depth: 0 };
}

export function mapping(entries: ReadonlyMap<string, Member>, span: Span): Mapping {
  const { source, start, end } = span;
  let size = 1;
  let depth = 0;
  for (const { value } of entries.values()) {
    size += value.size;
    depth = Math.max(depth, value.depth + 1);
  }
  return { type: "mapping", entries, source, start, end, size, depth };
}

export function sequence(items: readonly Tree[], span: Span): Sequence {
  const { source, start, end } = span;
  let size = 1;
  let depth = 0;
  for (const item of items) {
    size += item.size;
    depth = Math.max(depth, item.depth + 1);
  }
  return { type: "sequence", items, source, start, end, size, depth };
}

/** A mapping's member, under the first of the given names that it has. */
export function member(tree: Tree | undefined, ...names: readonly string[]): Tree | undefined {
  if (tree?.type !== "mapping") return undefined;
  for (const name of names) {
    const entry = tree.entries.get(name);
    if (entry !== undefined) return entry.value;
  }
  return undefined;
}

/** The text of a mapping's member, under the first of the given names that it has. */
export function textOf(tree: Tree | undefined, ...names: readonly string[]): string | undefined {
  const value = member(tree, ...names);
  return value?.type === "scalar" ? value.text : undefined;
}
