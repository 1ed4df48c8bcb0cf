import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ServiceError } from "../../errors.js";
import { SECRET_HEADER } from "./loopback-guard.js";

/** Where a request goes; `leave` must be called at its end. */
export interface FrontTarget {
  readonly url: string;
  readonly leave: () => void;
}

/** Headers of one connection, which are not passed on. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection"]);

/** Internal headers of Miniflare and the engine. */
const INTERNAL = new RegExp(`^(mf-|${SECRET_HEADER}$)`);

/**
 * Passes a request on to workerd, which sees the host it was sent to.
 *
 * @throws WorkerdEnded when workerd ended before it responded
 */
export async function forward(request: IncomingMessage, response: ServerResponse, target: FrontTarget): Promise<void> {
  const { method } = request;
  await new Promise<void>((resolve, reject) => {
    // A new connection for each: a kept one may be closed just as it is used, and a body cannot be sent twice.
    const options = { agent: false, method, path: pathOf(request), headers: onwardHeaders(request), setHost: false };
    const onward = httpRequest(target.url, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
      // An event stream may be silent for long: its headers are sent at once, and a reload does not wait for its end.
      response.flushHeaders();
      if (answer.headers["content-type"]?.startsWith("text/event-stream") === true) target.leave();
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    onward.on("error", (cause) => {
      if (response.headersSent) response.destroy();
      else reject(new WorkerdEnded(cause.message, { cause }));
    });
    response.on("close", () => {
      onward.destroy();
      resolve();
    });
    request.pipe(onward);
  }).finally(target.leave);
}

/** WebSockets: bytes are passed on unread in both directions. */
export function forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: FrontTarget): void {
  // A WebSocket may stay open for hours; it does not hold up a restart.
  target.leave();
  const { hostname, port } = new URL(target.url);
  const workerd: Socket = connect(Number(port), hostname, () => {
    const lines = [`${request.method ?? "GET"} ${pathOf(request)} HTTP/1.1`];
    for (const [name, value] of headerPairs(request.rawHeaders)) {
      if (!INTERNAL.test(name.toLowerCase())) lines.push(`${name}: ${value}`);
    }
    workerd.write(`${lines.join("\r\n")}\r\n\r\n`);
    workerd.write(head);
    socket.pipe(workerd).pipe(socket);
  });
  // When either end closes, in whatever way, so does the other.
  for (const event of ["error", "close"] as const) {
    workerd.on(event, () => socket.destroy());
    socket.on(event, () => workerd.destroy());
  }
}

/** workerd ended before it responded. */
export class WorkerdEnded extends ServiceError<"RUNTIME_ENDED"> {
  constructor(reason: string, options?: ErrorOptions) {
    super("RUNTIME_ENDED", `workerd ended: ${reason}`, "it is being restarted: try again", options);
  }
}

/** Without the client's `accept-encoding`: Miniflare would compress, and a compressed stream would be delayed. */
function onwardHeaders({ headers }: IncomingMessage): Record<string, string | string[] | undefined> {
  const kept = Object.entries(headers).filter(
    ([name]) => !HOP_BY_HOP.has(name) && !INTERNAL.test(name) && name !== "accept-encoding",
  );
  return Object.fromEntries(kept);
}

/** The path as it was sent; bytes beyond ASCII, which some clients send raw, are percent-encoded. */
function pathOf({ url = "/" }: IncomingMessage): string {
  return url.replace(/[^\x21-\x7e]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  return headerPairs(rawHeaders)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flat();
}

function headerPairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, at) => [
    rawHeaders[2 * at] ?? "",
    rawHeaders[2 * at + 1] ?? "",
  ]);
}
