import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { CodedError, InputError } from "../../errors.js";
import { forward, forwardUpgrade, type FrontTarget } from "../engine/proxy.js";
import { controlRefusal } from "./access.js";
import { CONTROL_PREFIX, problem } from "./control.js";
import { bodyOf, BodyTooLarge, sendResponse, toRequest } from "./node-http.js";
import { type SharedCall, sharedCall, SHARED_PREFIX } from "./shared-store.js";

/** The largest body for the tool itself: the largest value as JSON with escapes, or a batch of entries. */
const MAX_BODY = 160 * 1024 * 1024;

export interface FrontRoutes {
  /** The address of the Workers; waits during a reload. */
  readonly workers: () => Promise<FrontTarget>;
  /** Accesses the data for another process. */
  readonly shared: (call: SharedCall, body: Uint8Array | undefined) => Promise<Response>;
  /** The tool's own pages and calls. */
  readonly control: (request: Request) => Promise<Response>;
  /** The secret with which another process of this machine may access the data. */
  readonly secret: string;
  /** The token that the tool's own pages require if the port is open to other machines. */
  readonly token?: string;
}

/**
 * The port of a dev server. It stays open while workerd behind it is replaced: no request finds a closed port, and
 * requests during a reload wait for it.
 */
export class DevFront {
  readonly #connections = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    /** `http://localhost:<port>`, or the address it listens on. */
    readonly url: string,
  ) {
    server.on("connection", (socket: Duplex) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
  }

  /** @throws InputError `PORT_IN_USE` when another program listens there, `PORT_REFUSED` when the system refuses it */
  static async open(port: number, ip: string, routes: FrontRoutes): Promise<DevFront> {
    const server = createServer((request, response) => {
      answer(request, response, routes).catch((error: unknown) => unavailable(response, error));
    });
    server.on("upgrade", (request, socket, head) => {
      upgrade(request, socket, head, routes).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) => reject(portProblem(port, ip, cause)));
      server.listen({ port, host: ip, exclusive: true }, resolve);
    });
    const name = ip === "127.0.0.1" || ip === "0.0.0.0" || ip === "::" ? "localhost" : isIPv6(ip) ? `[${ip}]` : ip;
    return new DevFront(server, `http://${name}:${(server.address() as AddressInfo).port}`);
  }

  /** Closes the port and every connection, WebSockets and half-open ones too. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, routes: FrontRoutes): Promise<void> {
  const { url = "/", method } = request;
  if (!url.startsWith(CONTROL_PREFIX)) return forward(request, response, await routes.workers());
  const call = url.startsWith(SHARED_PREFIX) ? sharedCall(request, routes.secret) : undefined;
  if (call !== undefined) {
    const body = method === "GET" ? undefined : await bodyOf(request, MAX_BODY);
    return sendResponse(await routes.shared(call, body), response);
  }
  const refusal = controlRefusal(request, routes.token);
  if (refusal !== undefined) return sendResponse(problem(403, refusal), response);
  return sendResponse(await routes.control(await toRequest(request, MAX_BODY)), response);
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, routes: FrontRoutes): Promise<void> {
  if (request.url?.startsWith(CONTROL_PREFIX) === true) socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  else forwardUpgrade(request, socket, head, await routes.workers());
}

/**
 * Answers requests that workerd could not answer because it ended or does not run yet, and those that are too large.
 */
function unavailable(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const tooLarge = error instanceof BodyTooLarge;
  const reason = tooLarge || error instanceof CodedError ? error.message : "workerd did not respond";
  const type = { "content-type": "text/plain; charset=utf-8" };
  // The rest of a body that is too large is not read.
  if (tooLarge) response.writeHead(413, { ...type, connection: "close" });
  else response.writeHead(503, { ...type, "retry-after": "1" });
  response.end(`${reason}\n`);
}

function portProblem(port: number, ip: string, cause: NodeJS.ErrnoException): Error {
  if (cause.code === "EADDRINUSE") {
    const hint = `stop the program that listens there, or use another port: --port ${port + 1}, or --port 0 for a free one`;
    return new InputError("PORT_IN_USE", `port ${port} of ${ip} is in use by another program`, hint, { cause });
  }
  const hint =
    cause.code === "EADDRNOTAVAIL" || cause.code === "ENOTFOUND"
      ? "use an address of this machine: --ip 0.0.0.0 for all of them"
      : "use another port: --port 8787, or --port 0 for a free one";
  return new InputError("PORT_REFUSED", `port ${port} of ${ip} cannot be opened`, hint, { cause });
}
