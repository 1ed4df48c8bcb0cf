import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { InputError } from "../../errors.js";
import { forward, forwardUpgrade, type FrontTarget, WorkerdEnded } from "../engine/proxy.js";
import type { ReceiveBody } from "./answer.js";
import { refused } from "./api/envelope.js";
import { API_ERRORS, ApiError } from "./api/errors.js";
import type { ApiResponse } from "./api/http.js";
import { BodyBudget, discard } from "./body.js";

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export interface ServerRoutes {
  /** Answers a request to the API or to the emulator itself. */
  readonly api: (request: IncomingMessage, path: string, receive: ReceiveBody) => Promise<ApiResponse | "drop">;
  /** The address of the Workers; resolves when they are up to date. The result's `leave` must be called. */
  readonly workers: () => Promise<FrontTarget>;
  /** Called with errors of the emulator itself. */
  readonly onError?: (error: unknown) => void;
  /** Called with each request to the API; never with its headers or body. */
  readonly onRequest?: (entry: { method: string; path: string; status: number; ms: number }) => void;
}

/**
 * One port for both: requests to a loopback host go to the API, those to any other host to the Worker that has it. Only
 * a Worker's routes, domains and names are served, so a web page cannot reach the API through a name of its own.
 */
export function emulatorServer(routes: ServerRoutes): Server {
  const bodies = new BodyBudget();
  const server = createServer((request, response) => {
    const done = isApi(request) ? answerApi(request, response, routes, bodies) : toWorker(request, response, routes);
    done.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, refusal(error, routes));
    });
  });
  server.on("upgrade", (request, socket, head) => {
    upgrade(request, socket, head, routes).catch(() => socket.destroy());
  });
  // Longer than clients keep idle connections (Go: 90 seconds), so that none is closed just as a client reuses it.
  server.keepAliveTimeout = 120_000;
  return server;
}

function isApi(request: IncomingMessage): boolean {
  return LOOPBACK.test(hostname(request.headers.host));
}

function hostname(host = ""): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ServerRoutes,
  bodies: BodyBudget,
): Promise<void> {
  const started = performance.now();
  const { method = "GET", url = "/" } = request;
  const path = url.split("?")[0] ?? "/";
  let answer: ApiResponse | "drop";
  try {
    checkOrigin(request.headers.origin);
    answer = await routes.api(request, path, (max) => bodies.receive(request, max));
  } catch (error) {
    answer = refusal(error, routes);
  }
  // A client that is still sending does not read the answer, and the rest of its body would be parsed as the next
  // request.
  if (answer === "drop" || !(await discard(request))) {
    request.socket.destroy();
    return;
  }
  send(response, answer);
  routes.onRequest?.({ method, path, status: answer.status, ms: performance.now() - started });
}

/** Pages of other origins must not be able to send requests here. Programs send no `Origin`. */
function checkOrigin(origin: string | undefined): void {
  if (origin === undefined) return;
  let host = "";
  try {
    host = new URL(origin).hostname;
  } catch {
    // `null`, or no origin at all: as foreign as any other.
  }
  if (!LOOPBACK.test(host)) throw new ApiError("FORBIDDEN", "requests of foreign origins are refused");
}

function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function refusal(error: unknown, { onError }: ServerRoutes): ApiResponse {
  if (error instanceof ApiError) return refused(error);
  if (error instanceof WorkerdEnded) return gone(error);
  onError?.(error);
  const [status, code, message] = API_ERRORS.INTERNAL;
  return refused({ status, code, message });
}

/** Clients of the API retry after 503. */
function gone({ message }: WorkerdEnded): ApiResponse {
  const [, code] = API_ERRORS.INTERNAL;
  const response = refused({ status: 503, code, message });
  return { ...response, headers: { ...response.headers, "retry-after": "1" } };
}

/** Listens on loopback. @returns the server's URL */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") reject(error);
      else
        reject(
          new InputError("PORT_IN_USE", `port ${port} is taken`, "stop the program that listens there, or pass --port"),
        );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function toWorker(request: IncomingMessage, response: ServerResponse, { workers }: ServerRoutes): Promise<void> {
  await forward(request, response, await workers());
}

async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { workers }: ServerRoutes,
): Promise<void> {
  if (isApi(request)) throw new ApiError("NO_ROUTE");
  forwardUpgrade(request, socket, head, await workers());
}
