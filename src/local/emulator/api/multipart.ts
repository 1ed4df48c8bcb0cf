import { randomBytes } from "node:crypto";
import { ApiError } from "./errors.js";

/** A part of a `multipart/form-data` body. Values are bytes: a KV value need not be text. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly body: Uint8Array;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** The parts of a body, or undefined when the content type is another. */
export function parseMultipart(contentType: string | undefined, body: Uint8Array): Part[] | undefined {
  if (contentType === undefined || !/^multipart\/form-data/i.test(contentType)) return undefined;
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw new ApiError("BODY_INVALID", "the multipart body has no boundary");
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const opening = Buffer.from(`--${name}`);
  const delimiter = Buffer.from(`\r\n--${name}`);
  const parts: Part[] = [];
  let at = bytes.indexOf(opening);
  if (at < 0) throw new ApiError("BODY_INVALID", "the multipart body does not contain its boundary");
  at += opening.length;
  while (bytes.subarray(at, at + 2).toString("latin1") !== "--") {
    const end = bytes.indexOf(delimiter, at);
    if (end < 0) throw new ApiError("BODY_INVALID", "the multipart body is cut off");
    parts.push(parsePart(bytes.subarray(at + 2, end)));
    at = end + delimiter.length;
  }
  return parts;
}

function parsePart(bytes: Buffer): Part {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) throw new ApiError("BODY_INVALID", "a part of the multipart body has no end of headers");
  const head = bytes.subarray(0, headEnd).toString("utf8");
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const filename = parameter(disposition, "filename");
  const contentType = /^content-type:\s*(.*?)\s*$/im.exec(head)?.[1];
  return {
    name: parameter(disposition, "name") ?? "",
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
    body: bytes.subarray(headEnd + HEAD_END.length),
  };
}

function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`[;\\s]${name}="((?:[^"\\\\]|\\\\.)*)"|[;\\s]${name}=([^;\\s"]+)`, "i").exec(disposition);
  return (match?.[1] ?? match?.[2])?.replace(/\\(.)/g, "$1").replaceAll("%22", '"');
}

/** A body with these parts, and its content type. */
export function buildMultipart(parts: readonly Part[]): { readonly contentType: string; readonly body: Uint8Array } {
  const boundary = `cfkv-${randomBytes(16).toString("hex")}`;
  const chunks = parts.flatMap(({ name, filename, contentType, body }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
        (filename === undefined ? "" : `; filename="${filename}"`) +
        (contentType === undefined ? "" : `\r\nContent-Type: ${contentType}`) +
        "\r\n\r\n",
    ),
    body,
    Buffer.from("\r\n"),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
