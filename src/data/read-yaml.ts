import { stat } from "node:fs/promises";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { type Item, type Items, looksLikeEntry, mapItem, type ReadContext } from "./item.js";
import { lineNotUtf8, NOT_UTF8, readText } from "./read-chunks.js";

/** YAML cannot be read piece by piece; larger files belong in NDJSON. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a YAML list of entries, or a map of keys to values. */
export async function* readYaml(file: string, context: ReadContext): Items {
  const { size } = await stat(file);
  if (size > MAX_BYTES) {
    yield [{ position: { file }, problem: `must have at most ${MAX_BYTES} bytes as YAML, got ${size}: use .ndjson` }];
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of readText(file, MAX_BYTES, context)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  const line = lineNotUtf8(bytes);
  yield line === undefined ? itemsOf(file, bytes.toString("utf8")) : [{ position: { file, line }, problem: NOT_UTF8 }];
}

function itemsOf(file: string, text: string): readonly Item[] {
  const lines = new LineCounter();
  const lineOf = (offset: number) => lines.linePos(offset).line;
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    if (document.errors.length > 0) {
      return document.errors.map(({ code, pos }) => ({
        position: { file, line: lineOf(pos[0]) },
        // The library's message may quote the text.
        problem: `not valid YAML (${code})`,
      }));
    }
    return contentsOf(file, document, lineOf);
  } catch (error) {
    if (error instanceof ReferenceError) return [{ position: { file }, problem: "has too many aliases" }];
    if (error instanceof RangeError) return [{ position: { file }, problem: "is nested too deeply" }];
    throw error;
  }
}

function contentsOf(
  file: string,
  document: ReturnType<typeof parseDocument>,
  lineOf: (offset: number) => number,
): readonly Item[] {
  const { contents } = document;
  const positionOf = (node: unknown, index: number) => {
    const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
    return { file, ...(range == null ? { index } : { line: lineOf(range[0]) }) };
  };
  // An empty file, or one of comments, has no contents at all.
  if (contents === null) return [];
  const plain: unknown = document.toJS({ maxAliasCount: 1000, mapAsMap: true });
  if (isSeq(contents)) {
    return contents.items.map((node, index) => ({
      position: positionOf(node, index),
      content: asJson((plain as readonly unknown[])[index]),
    }));
  }
  if (isMap(contents)) {
    const values = [...(plain as ReadonlyMap<unknown, unknown>).values()];
    const pairs = contents.items.map(({ key }, index) => {
      const name = isScalar(key) ? (typeof key.value === "string" ? key.value : (key.source ?? String(key.value))) : "";
      return { name, position: positionOf(key, index), value: asJson(values[index]) };
    });
    if (!looksLikeEntry(pairs.map(({ name }) => name)))
      return pairs.map(({ name, value, position }) => mapItem(name, value, position));
  }
  return [
    { position: { file }, problem: "must hold a list of entries, each with key and value, or a map of keys to values" },
  ];
}

/** Maps as JSON objects, whatever their keys are. */
function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, each]) => [String(key), asJson(each)]));
}
