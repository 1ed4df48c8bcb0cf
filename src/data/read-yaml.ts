import { readFile, stat } from "node:fs/promises";
import { isSeq, LineCounter, parseDocument } from "yaml";
import type { Items } from "./item.js";

/** YAML cannot be read piece by piece; what is larger belongs into NDJSON. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a YAML list of entries. */
export async function* readYaml(file: string): Items {
  const { size } = await stat(file);
  if (size > MAX_BYTES) {
    yield [{ position: { file }, problem: `must have at most ${MAX_BYTES} bytes as YAML, got ${size}: use .ndjson` }];
    return;
  }
  const lines = new LineCounter();
  const document = parseDocument(await readFile(file, "utf8"), { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number) => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    yield document.errors.map(({ code, pos }) => ({
      position: { file, line: lineOf(pos[0]) },
      // The library's message may quote the text.
      problem: `not valid YAML (${code})`,
    }));
    return;
  }
  const list = document.contents;
  if (!isSeq(list)) {
    yield [{ position: { file }, problem: "must hold a list of entries, each with key and value" }];
    return;
  }
  const contents = contentsOf(document);
  if (contents === undefined) {
    yield [{ position: { file }, problem: "has too many aliases" }];
    return;
  }
  yield list.items.map((node, index) => {
    const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
    return {
      position: { file, ...(range == null ? { index } : { line: lineOf(range[0]) }) },
      content: contents[index],
    };
  });
}

/** The list as plain values, or nothing when its aliases grow without bounds. */
function contentsOf(document: ReturnType<typeof parseDocument>): readonly unknown[] | undefined {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as readonly unknown[];
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}
