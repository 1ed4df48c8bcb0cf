import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The body went over the limit and was not read to its end. */
export class BodyTooLarge extends Error {
  constructor(readonly limit: number) {
    super(`the body must be at most ${limit} bytes`);
  }
}

/** Reads a whole body. @throws BodyTooLarge */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer>> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw new BodyTooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A request in the form that handlers expect. */
export async function toRequest(incoming: IncomingMessage, limit: number): Promise<Request> {
  const { method = "GET", headers, url = "/" } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Request(new URL(url, `http://${headers.host ?? "localhost"}`), {
    method,
    headers: pairs,
    body: hasBody ? await bodyOf(incoming, limit) : null,
  });
}

/** Sends a handler's response, as fast as the client reads it. */
export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) response.end();
  else await pipeline(Readable.fromWeb(answer.body as never), response);
}
