import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { TextDecoder } from "node:util";
import type { Item, ReadContext } from "./item.js";

/** Text that does not match its encoding. */
export class EncodingError extends Error {
  constructor(
    problem: string,
    /** The line, where it is known. */
    readonly line?: number,
  ) {
    super(problem);
  }
}

/** The item reported in place of such text. */
export function encodingProblem(file: string, { message, line }: EncodingError): Item {
  return { position: { file, ...(line === undefined ? {} : { line }) }, problem: message };
}

/** What to do with a file that is not UTF-8. */
export const NOT_UTF8 =
  "not valid UTF-8: convert the file (iconv -f windows-1252 -t utf-8), or set its encoding, as in --encoding windows-1252; write bytes as base64";

/** Reads a file piece by piece into one buffer: what is yielded is overwritten by the next piece. */
export async function* readChunks(
  file: string,
  bytes: number,
  { onBytes }: Pick<ReadContext, "onBytes">,
): AsyncGenerator<Buffer, void, undefined> {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  const handle = await open(file);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, bytes, null);
      if (bytesRead === 0) return;
      const piece = buffer.subarray(0, bytesRead);
      onBytes(piece);
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

/**
 * Reads a file of text piece by piece, as UTF-8 whatever it is encoded in. UTF-8 itself is not checked here.
 *
 * @throws EncodingError when a piece cannot be decoded
 */
export async function* readText(
  file: string,
  bytes: number,
  context: Pick<ReadContext, "onBytes" | "encoding">,
): AsyncGenerator<Buffer, void, undefined> {
  let decoder: TextDecoder | undefined;
  let begun = false;
  for await (const chunk of readChunks(file, bytes, context)) {
    if (!begun) decoder = decoderFor(chunk, context.encoding);
    begun = true;
    yield decoder === undefined ? chunk : decoded(decoder, chunk);
  }
  if (decoder !== undefined) yield decoded(decoder);
}

/** Whether an encoding's name is known. */
export function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** The number of the first line that is not UTF-8, counted from 1; undefined when all are. */
export function lineNotUtf8(text: Uint8Array): number | undefined {
  if (isUtf8(text)) return undefined;
  for (let line = 1, start = 0; ; line++) {
    const newline = text.indexOf(0x0a, start);
    const end = newline === -1 ? text.length : newline;
    if (!isUtf8(text.subarray(start, end)) || newline === -1) return line;
    start = newline + 1;
  }
}

function decoderFor([first, second]: Uint8Array, encoding: string | undefined): TextDecoder | undefined {
  const label =
    encoding ??
    (first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : undefined);
  if (label === undefined) return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  // Left unchanged, so that its problems are reported with their lines.
  return decoder.encoding === "utf-8" ? undefined : decoder;
}

function decoded(decoder: TextDecoder, chunk?: Uint8Array): Buffer {
  try {
    return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
  } catch {
    throw new EncodingError(`not valid ${decoder.encoding}: set the file's encoding with --encoding`);
  }
}
