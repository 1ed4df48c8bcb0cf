import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ServiceError } from "../../errors.js";

/** Where a request goes; `leave` must be called at its end. */
export interface FrontTarget {
  readonly url: string;
  readonly leave: () => void;
}

/** Headers that are about one connection, and not about what goes through it. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection"]);

/**
 * Passes a request on to the runtime, which sees the host it was sent to.
 *
 * @throws RuntimeGone when the runtime went away before it answered
 */
export async function forward(request: IncomingMessage, response: ServerResponse, target: FrontTarget): Promise<void> {
  const { method, url: path } = request;
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  await new Promise<void>((resolve, reject) => {
    // A fresh connection each: a kept one may be closed just as it is used, and a body cannot be sent twice.
    const onward = httpRequest(target.url, { agent: false, method, path, headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
      // A stream of events may have nothing to say for long: its head does not wait for that, nor a reload for its end.
      response.flushHeaders();
      if (answer.headers["content-type"]?.startsWith("text/event-stream") === true) target.leave();
      answer.on("error", () => response.destroy());
      answer.pipe(response);
    });
    onward.on("error", (cause) => {
      if (response.headersSent) response.destroy();
      else reject(new RuntimeGone(cause.message, { cause }));
    });
    response.on("close", () => {
      onward.destroy();
      resolve();
    });
    request.pipe(onward);
  }).finally(target.leave);
}

/** WebSockets: from here on bytes go to and fro unread. */
export function forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: FrontTarget): void {
  // A WebSocket may stay open for hours; it does not hold up a restart.
  target.leave();
  const { hostname, port } = new URL(target.url);
  const runtime: Socket = connect(Number(port), hostname, () => {
    const lines = [`${request.method ?? "GET"} ${request.url ?? "/"} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at] ?? ""}: ${request.rawHeaders[at + 1] ?? ""}`);
    }
    runtime.write(`${lines.join("\r\n")}\r\n\r\n`);
    runtime.write(head);
    socket.pipe(runtime).pipe(socket);
  });
  runtime.on("error", () => socket.destroy());
  socket.on("error", () => runtime.destroy());
}

/** The runtime ended before it answered. */
export class RuntimeGone extends ServiceError<"RUNTIME_ENDED"> {
  constructor(reason: string, options?: ErrorOptions) {
    super("RUNTIME_ENDED", `the local runtime ended: ${reason}`, "it is started again: try again", options);
  }
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, rawHeaders[at + 1] ?? "");
  }
  return kept;
}
