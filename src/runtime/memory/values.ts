import { compareUtf8, type StoredEntry } from "./entries.js";
import { refusal } from "./rules.js";

export type ReadType = "text" | "json" | "arrayBuffer" | "stream";
export type ReadOptions = ReadType | { type?: ReadType; cacheTtl?: number };

const encoder = /* @__PURE__ */ new TextEncoder();
/** A byte order mark is part of the text, as in workerd. */
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

export function normal(options: ReadOptions | null): { type: ReadType; cacheTtl: number | undefined } {
  const { type = "text", cacheTtl } = typeof options === "string" ? { type: options } : (options ?? {});
  return { type, cacheTtl };
}

export function convert({ bytes }: StoredEntry, type: ReadType): unknown {
  switch (type) {
    case "text":
      return decoder.decode(bytes);
    case "json":
      return JSON.parse(decoder.decode(bytes));
    case "arrayBuffer":
      return bytes.slice().buffer;
    case "stream":
      return new Response(bytes).body;
    default:
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
  }
}

/** A value of a bulk read: one that is no JSON fails the whole of it. */
export function parse(entry: StoredEntry, type: ReadType): unknown {
  try {
    return convert(entry, type);
  } catch {
    throw refusal("GET_BULK", 400, `At least one of the requested keys corresponds to a non-${type} value`);
  }
}

const ARRAY_INDEX = /^(0|[1-9]\d{0,9})$/;

/** Leaves out keys that look like array indices, as workerd does. */
export function toBulkMap<T>(
  found: readonly [string, StoredEntry | undefined][],
  read: (entry: StoredEntry) => T,
): Map<string, T | null> {
  const pairs = found.map(([key, entry]): [string, T | null] => [key, entry === undefined ? null : read(entry)]);
  return new Map(pairs.filter(([key]) => !(ARRAY_INDEX.test(key) && Number(key) < 2 ** 32 - 1)));
}

export async function toBytes(value: unknown): Promise<Uint8Array> {
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (value instanceof ReadableStream) return new Uint8Array(await new Response(value).arrayBuffer());
  if (typeof value === "object" && value !== null) {
    throw new TypeError(
      "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
    );
  }
  return toUtf8(String(value));
}

/** Metadata as it comes back: what JSON makes of it. */
export function asJson(metadata: unknown): unknown {
  return metadata === undefined ? undefined : (JSON.parse(JSON.stringify(metadata)) as unknown);
}

export function toCursor(key: string): string {
  return btoa(String.fromCharCode(...toUtf8(key)));
}

export function fromCursor(cursor: string): string {
  try {
    return decoder.decode(Uint8Array.from(atob(cursor), (char) => char.charCodeAt(0)));
  } catch {
    return "";
  }
}

export function isAfter(key: string, after: string): boolean {
  return compareUtf8(key, after) > 0;
}

/** Bytes as workerd makes them: a lone surrogate is three bytes that are no UTF-8, not U+FFFD. */
function toUtf8(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) bytes.push(...encoder.encode(character));
    else bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return new Uint8Array(bytes);
}

/** A key as a bulk read sends it and answers with it. */
export function asSent(key: string): string {
  return decoder.decode(toUtf8(key));
}
