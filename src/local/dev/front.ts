import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { CodedError, InputError } from "../../errors.js";
import { forward, forwardUpgrade, type FrontTarget } from "../engine/proxy.js";
import { type SharedCall, sharedCall, SHARED_PREFIX, sendShared } from "./shared-store.js";

export interface FrontRoutes {
  /** Where the Workers answer; waits while they are being reloaded. */
  readonly workers: () => Promise<FrontTarget>;
  /** Works on the data for another process. */
  readonly shared: (call: SharedCall, body: Uint8Array | undefined) => Promise<Response>;
  readonly secret: string;
}

/**
 * The port of a dev server. It stays open while the runtime behind it is exchanged: no request meets a closed port,
 * those that come during a reload wait for it.
 */
export class DevFront {
  private constructor(
    private readonly server: Server,
    /** `http://localhost:<port>` */
    readonly url: string,
  ) {}

  /** @throws InputError `PORT_IN_USE` when something else listens there, `PORT_REFUSED` when the system says no */
  static async open(port: number, routes: FrontRoutes): Promise<DevFront> {
    const server = createServer((request, response) => {
      answer(request, response, routes).catch((error: unknown) => unavailable(response, error));
    });
    server.on("upgrade", (request, socket, head) => {
      upgrade(request, socket, head, routes).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) => reject(portProblem(port, cause)));
      server.listen({ port, host: "127.0.0.1", exclusive: true }, resolve);
    });
    return new DevFront(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, routes: FrontRoutes): Promise<void> {
  const call = request.url?.startsWith(SHARED_PREFIX) === true ? sharedCall(request, routes.secret) : undefined;
  if (call === undefined) await forward(request, response, await routes.workers());
  else await sendShared(await routes.shared(call, await bodyOf(request)), response);
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, routes: FrontRoutes): Promise<void> {
  forwardUpgrade(request, socket, head, await routes.workers());
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (request.method === "GET") return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the runtime could not answer, because it ended or does not run yet. */
function unavailable(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const reason = error instanceof CodedError ? error.message : "the local runtime did not answer";
  response.writeHead(503, { "content-type": "text/plain; charset=utf-8", "retry-after": "1" });
  response.end(`${reason}\n`);
}

function portProblem(port: number, cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EADDRINUSE") {
    const hint = `stop what listens there, or take another port: --port ${port + 1}, or --port 0 for a free one`;
    return new InputError("PORT_IN_USE", `port ${port} of 127.0.0.1 is taken by another program`, hint, { cause });
  }
  const hint = "take another port: --port 8787, or --port 0 for a free one";
  return new InputError("PORT_REFUSED", `port ${port} of 127.0.0.1 cannot be opened`, hint, { cause });
}
