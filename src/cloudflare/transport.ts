import { Agent, type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";

/**
 * Makes one attempt and reads the answer to its end, whatever its status. Rejects with the signal's reason once it is
 * aborted.
 */
export type Transport = (url: string, request: TransportRequest) => Promise<TransportAnswer>;

/** What is sent: bytes may come in pieces, so that they need not be joined. */
export type Body = string | Blob | FormData | readonly Uint8Array[];

/** An attempt. */
export interface TransportRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Body;
  readonly signal: AbortSignal;
}

/** An answer, read to its end: a connection that drops in the middle of it is a failure to retry like any other. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Sends requests with Node's own HTTP client, because other clients slow down every command: see
 * docs/decisions/0008. Redirects are not followed.
 */
export function nodeTransport(): Transport {
  let secure: Promise<Carrier> | undefined;
  const plain: Carrier = { request: httpRequest, agent: new Agent({ keepAlive: true }) };
  return async (url, request) => {
    const { body, headers } = await encoded(request);
    // TLS takes a while to load, and the emulator does not use it.
    const carrier = url.startsWith("https:") ? await (secure ??= secureCarrier()) : plain;
    const response = await exchange(carrier, url, { ...request, headers, body });
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: await contentOf(response, request.signal),
    };
  };
}

interface Carrier {
  readonly request: typeof httpRequest;
  readonly agent: Agent;
}

interface Encoded {
  readonly body: readonly Uint8Array[] | Blob | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

async function secureCarrier(): Promise<Carrier> {
  const { Agent: SecureAgent, request } = await import("node:https");
  return { request, agent: new SecureAgent({ keepAlive: true }) };
}

/** The body as bytes, with its length: without it, it would be sent in chunks. */
async function encoded({ method, headers, body }: TransportRequest): Promise<Encoded> {
  const sent = {
    "user-agent": "cdktf-cloudflare-kv",
    "accept-encoding": "gzip, br",
    ...Object.fromEntries(headers),
  };
  if (body === undefined) return { body, headers: method === "GET" ? sent : { ...sent, "content-length": "0" } };
  if (body instanceof FormData) {
    const form = new Response(body);
    const bytes = new Uint8Array(await form.arrayBuffer());
    const type = form.headers.get("content-type") ?? "";
    return { body: [bytes], headers: { ...sent, "content-type": type, "content-length": String(bytes.length) } };
  }
  const content = typeof body === "string" ? [Buffer.from(body)] : body;
  const length = content instanceof Blob ? content.size : content.reduce((sum, piece) => sum + piece.length, 0);
  return { body: content, headers: { ...sent, "content-length": String(length) } };
}

function exchange(
  { request, agent }: Carrier,
  url: string,
  { method, headers, body, signal }: Omit<TransportRequest, "headers" | "body"> & Encoded,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, headers, agent, signal };
    const outgoing = request(url, options, resolve);
    outgoing.on("error", (error) => reject(signal.aborted ? reasonOf(signal) : error));
    if (body === undefined) outgoing.end();
    // Connection failures also come as an error event.
    else pipeline(Readable.from(body instanceof Blob ? body.stream() : body), outgoing).catch(reject);
  });
}

async function contentOf(response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    throw signal.aborted ? reasonOf(signal) : error;
  }
  const content = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  const decode = DECODERS[response.headers["content-encoding"] ?? ""];
  return decode === undefined || content.length === 0 ? content : decode(content);
}

const DECODERS: Readonly<Record<string, (content: Buffer) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, Buffer>(gunzip),
  br: promisify<Buffer, Buffer>(brotliDecompress),
};

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return headers;
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason as Error;
}
