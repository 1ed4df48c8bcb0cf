import { Agent, request as httpRequest } from "node:http";

/** workerd closes idle connections after a few seconds; they are dropped here before that. */
const IDLE_MS = 1_000;

/** Sends HTTP requests to a socket of workerd over kept connections. */
export class WorkerdClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: IDLE_MS });

  async send(url: string, headers: Readonly<Record<string, string>>, body?: Uint8Array | string): Promise<Response> {
    try {
      return await this.#sendOnce(this.#agent, url, headers, body);
    } catch (error) {
      if (!(error instanceof ClosedWhenReused)) throw error;
      // Closed just as it was reused, so nothing was done; the other kept ones may be closed as well.
      return this.#sendOnce(false, url, headers, body);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #sendOnce(
    agent: Agent | false,
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array | string,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const sent = { ...headers, ...length };
      const request = httpRequest(url, { method, agent, headers: sent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const { statusCode: status = 502, rawHeaders } = answer;
          const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, at): [string, string] => {
            return [rawHeaders[2 * at] ?? "", rawHeaders[2 * at + 1] ?? ""];
          });
          resolve(new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers: pairs }));
        });
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        const closed = error.code === "ECONNRESET" || error.code === "EPIPE";
        reject(closed && request.reusedSocket ? new ClosedWhenReused(error.message, { cause: error }) : error);
      });
      request.end(body);
    });
  }
}

class ClosedWhenReused extends Error {}
