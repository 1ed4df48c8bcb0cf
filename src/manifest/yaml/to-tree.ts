import { isAlias, isMap, isScalar, isSeq, type ParsedNode, Scalar as YamlScalar } from "yaml";
import type { Finding, Findings } from "../findings/findings.js";
import { MAX_ALIAS_GROWTH, MAX_ALIAS_NODES, MAX_DEPTH } from "../limits.js";
import { joinPath } from "../findings/path.js";
import { quote } from "../findings/quote.js";
import type { Source } from "./source.js";
import { type Member, type Mapping, mapping, scalar, sequence, type Span, type Tree } from "./tree.js";

/** Tags for what a string already is: it is read as it stands, or as if it had no quotes. */
const TEXT_TAGS = new Set(["!", "tag:yaml.org,2002:str"]);
const PLAIN_TAGS = new Set(["int", "float", "bool", "null"].map((name) => `tag:yaml.org,2002:${name}`));
const COLLECTION_TAGS = new Set(["map", "seq"].map((name) => `tag:yaml.org,2002:${name}`));

interface Context {
  readonly source: Source;
  readonly findings: Findings;
  readonly number: number;
}

/** Turns the parser's nodes into trees: aliases and merge keys resolved, every problem added to the findings. */
export function toTree(root: ParsedNode | null, context: Context): Tree | undefined {
  const builder = new TreeBuilder(context);
  const tree = root === null ? undefined : builder.build(root);
  return builder.broken ? undefined : tree;
}

class TreeBuilder {
  /** Set when the document cannot be validated any further. */
  broken = false;
  readonly #anchors = new Map<string, Tree>();
  readonly #path: (string | number)[] = [];
  #written = 0;
  #repeated = 0;

  constructor(private readonly context: Context) {}

  build(node: ParsedNode): Tree {
    const tree = this.#convert(node);
    if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, tree);
    return tree;
  }

  #convert(node: ParsedNode): Tree {
    const span = this.#span(node);
    this.#written += 1;
    if (isAlias(node)) return this.#alias(node.source, span);
    this.#checkTag(node, span);
    if (isScalar(node)) return scalar(textOfScalar(node), span, styleOf(node));
    if (isSeq<ParsedNode>(node)) {
      return sequence(
        node.items.map((item, index) => this.#member(index, item)),
        span,
      );
    }
    return isMap<ParsedNode, ParsedNode | null>(node) ? this.#mapping(node.items, span) : scalar("", span);
  }

  #mapping(pairs: readonly { key: ParsedNode; value: ParsedNode | null }[], span: Span): Mapping {
    const entries = new Map<string, Member>();
    const merged: Mapping[] = [];

    for (const { key, value } of pairs) {
      const keySpan = this.#span(key);
      const name = this.#keyName(key, keySpan);
      // A missing value is placed where its key ends.
      const tree =
        value === null ? scalar("", { ...keySpan, start: keySpan.end }, "plain") : this.#member(name ?? "?", value);
      if (name === undefined) continue;
      if (name === "<<" && isScalar(key) && key.type === YamlScalar.PLAIN) {
        merged.push(...this.#mergeSources(tree, keySpan));
      } else if (entries.has(name)) {
        this.#report("DUPLICATE_KEY", `the key ${quote(name)} is set twice`, keySpan);
      } else {
        entries.set(name, { key: keySpan, value: tree });
      }
    }
    for (const { entries: more } of merged) {
      for (const [name, entry] of more) if (!entries.has(name)) entries.set(name, entry);
    }
    return mapping(entries, span);
  }

  #member(segment: string | number, node: ParsedNode): Tree {
    this.#path.push(segment);
    const tree = this.build(node);
    this.#path.pop();
    return tree;
  }

  #keyName(key: ParsedNode, span: Span): string | undefined {
    if (!isScalar(key) || (key.type === YamlScalar.PLAIN && ["", "null"].includes(textOfScalar(key)))) {
      this.#report("INVALID_KEY", "a key must be a string", span);
      return undefined;
    }
    const name = textOfScalar(key);
    if (name !== "__proto__") return name;
    this.#report("INVALID_KEY", "a key must not be '__proto__', which JavaScript reserves", span);
    return undefined;
  }

  #mergeSources(tree: Tree, span: Span): Mapping[] {
    const sources = tree.type === "sequence" ? tree.items : [tree];
    const mappings = sources.filter((source) => source.type === "mapping");
    if (mappings.length < sources.length) {
      this.#report("INVALID_MERGE", "a merge key '<<' must name a mapping or a list of mappings", span);
    }
    return mappings;
  }

  #alias(name: string, span: Span): Tree {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.broken = true;
      this.#report("UNKNOWN_ANCHOR", `there is no anchor ${quote(name)} before this alias`, span);
      return scalar("", span);
    }
    this.#repeated += target.size;
    const allowed = MAX_ALIAS_NODES + MAX_ALIAS_GROWTH * this.#written;
    if ((this.#repeated > allowed || target.depth > MAX_DEPTH) && !this.broken) {
      this.broken = true;
      this.#report("ALIAS_LIMIT", "aliases make this document too large: write out what they stand for", span);
    }
    // Once over the limit nothing is repeated any more, so that sizes cannot grow without end.
    return this.broken ? scalar("", span) : target;
  }

  #checkTag(node: ParsedNode, span: Span): void {
    const { tag } = node;
    if (tag === undefined || COLLECTION_TAGS.has(tag) || TEXT_TAGS.has(tag) || PLAIN_TAGS.has(tag)) return;
    this.#report(
      "UNKNOWN_TAG",
      `there is no tag ${quote(tag.replace(/^tag:yaml.org,2002:/, "!!"))} in manifests`,
      span,
    );
  }

  #span(node: ParsedNode): Span {
    const [start, end] = node.range;
    return { source: this.context.source, start, end };
  }

  #report(code: Finding["code"], message: string, span: Span): void {
    const { source, findings, number } = this.context;
    const confidential = source.text.includes("Credential");
    const path = joinPath(this.#path);
    findings.add({ severity: "error", code, message, span, file: source.file, path, document: number, confidential });
  }
}

function textOfScalar(node: YamlScalar): string {
  return typeof node.value === "string" ? node.value : "";
}

function styleOf({ tag, type }: YamlScalar): "plain" | "quoted" {
  if (tag !== undefined) return TEXT_TAGS.has(tag) ? "quoted" : "plain";
  return type === YamlScalar.PLAIN ? "plain" : "quoted";
}
