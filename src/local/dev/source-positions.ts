import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";

const INLINE_MAP = "//# sourceMappingURL=data:application/json;base64,";

interface Mapped {
  readonly map: SourceMap;
  /** The folder that the map's sources are relative to. */
  readonly folder: string;
}

/** Translates positions in a bundle to its sources, with the source map at the bundle's end. */
export class SourcePositions {
  readonly #bundles = new Map<string, () => Mapped>();

  /** @param root - the folder that positions are shown relative to */
  constructor(private readonly root: string) {}

  /** Adds a bundle, by the name of its module. */
  set(name: string, text: string, entry: string): void {
    let read: Mapped | undefined;
    this.#bundles.set(name, () => {
      const encoded = text.slice(text.lastIndexOf(INLINE_MAP) + INLINE_MAP.length);
      const payload = JSON.parse(Buffer.from(encoded, "base64").toString()) as SourceMapPayload;
      return (read ??= { map: new SourceMap(payload), folder: dirname(entry) });
    });
  }

  /** The text with `file:///shop.js:120:9` replaced by `src/lib/util.ts:3:9`. */
  mapped(text: string): string {
    return text.replace(/(?:file:\/\/\/|\b)([\w@.-]+\.js):(\d+):(\d+)/g, (position, name: string, line, column) => {
      const bundle = this.#bundles.get(name)?.();
      if (bundle === undefined) return position;
      // Both start at 1 in a stack, and at 0 in a map.
      const found = bundle.map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!("originalSource" in found)) return position;
      return `${this.#shown(found.originalSource, bundle.folder)}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    });
  }

  /** Files of packages are named by their path from `node_modules` on. */
  #shown(source: string, folder: string): string {
    if (source.startsWith("node_modules/")) return source;
    return relative(this.root, resolve(folder, source)).replaceAll(sep, "/");
  }
}
