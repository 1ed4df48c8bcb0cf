import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { nodeTransport, type TransportAnswer, type TransportRequest } from "../../src/cloudflare/transport.js";

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

async function serving(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(listening.address() as AddressInfo).port}/`;
}

async function sent(url: string, request: Partial<TransportRequest> = {}): Promise<TransportAnswer> {
  const { signal } = new AbortController();
  return nodeTransport()(url, { method: "PUT", headers: new Headers(), signal, ...request });
}

/** Answers with what came. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { "content-length": length, "content-type": type, "transfer-encoding": coding } = request.headers;
    response.end(JSON.stringify({ body: Buffer.concat(chunks).toString(), length, type, coding }));
  });
};

const textOf = ({ body }: TransportAnswer): string => Buffer.from(body).toString();

describe("Node's own HTTP client as a transport", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  it.each<[string, TransportRequest["body"], string]>([
    ["text", "é", "é"],
    ["a Blob", new Blob(["a", "b"]), "ab"],
    ["pieces", [bytes("one,"), bytes("two")], "one,two"],
    ["nothing", undefined, ""],
  ])("sends %s with its length, and not in chunks", async (_, body, expected) => {
    const url = await serving(echo);

    const answer = await sent(`http://${url}`, body === undefined ? {} : { body });

    const length = String(Buffer.byteLength(expected));
    expect(JSON.parse(textOf(answer))).toEqual({ body: expected, length });
  });

  it("sends a form", async () => {
    const url = await serving(echo);
    const body = new FormData();
    body.set("metadata", "{}");

    const { body: form, type } = JSON.parse(textOf(await sent(`http://${url}`, { body }))) as Record<string, string>;

    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    expect(form).toContain('name="metadata"\r\n\r\n{}');
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ] as const)("reads an answer in %s, which it asks for", async (coding, compress) => {
    let asked: unknown;
    const url = await serving((request, response) => {
      asked = request.headers["accept-encoding"];
      response.writeHead(200, { "content-encoding": coding }).end(compress("many keys"));
    });

    expect(textOf(await sent(`http://${url}`, { method: "GET" }))).toBe("many keys");
    expect(asked).toContain(coding);
  });

  it("does not follow a redirect, which would take the token elsewhere", async () => {
    const url = await serving((_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end());

    const { status, headers } = await sent(`http://${url}`);

    expect([status, headers.get("location")]).toEqual([302, "http://127.0.0.1:9/"]);
  });

  it("hears an answer that comes before all is sent", async () => {
    const url = await serving((request, response) => {
      response.writeHead(413, { connection: "close" }).end("too large");
      request.resume();
    });
    const piece = new Uint8Array(1024 * 1024);

    expect((await sent(`http://${url}`, { body: Array.from({ length: 20 }, () => piece) })).status).toBe(413);
  });

  it.each([
    ["before the answer", () => undefined],
    ["in the middle of it", (response: { write: (text: string) => unknown }) => response.write("be")],
  ])("ends with the reason when it is given up %s", async (_, begin) => {
    const giveUp = new AbortController();
    const url = await serving((_request, response) => {
      begin(response);
      setImmediate(() => giveUp.abort(new DOMException("timed out", "TimeoutError")));
    });

    const request = sent(`http://${url}`, { method: "GET", signal: giveUp.signal });

    await expect(request).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("speaks TLS where the address says so", async () => {
    const url = await serving(echo);

    await expect(sent(`https://${url}`)).rejects.toMatchObject({ code: "EPROTO" });
  });
});
