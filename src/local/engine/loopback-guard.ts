import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { type IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The header by which the engine's own Workers and this process recognize each other. */
export const SECRET_HEADER = "cfkv-secret";

/** The secret of the engine whose Miniflare is being started: servers that it opens belong to that engine. */
const starting = new AsyncLocalStorage<string>();
const guarded = new WeakSet<object>();
let subscribed = false;

/**
 * Starts Miniflare so that the helper servers it opens in this process answer only the engine's own Workers, which send
 * the secret. Everyone else is refused before a handler of Miniflare sees the request: pages in a browser, other
 * programs, and the user's Workers.
 */
export function guardingHelpers<T>(secret: string, start: () => T): T {
  // A server's connections run in the context that the server was opened in.
  if (!subscribed) subscribe("net.server.socket", guardServer);
  subscribed = true;
  return starting.run(secret, start);
}

function guardServer(message: unknown): void {
  const secret = starting.getStore();
  if (secret === undefined) return;
  const { server } = (message as { socket: Socket & { server?: unknown } }).socket;
  // Known at its first connection, before any request is read.
  if (!(server instanceof Server) || guarded.has(server)) return;
  guarded.add(server);
  for (const event of ["request", "upgrade", "connect", "checkContinue", "checkExpectation"]) {
    const handlers = server.listeners(event);
    if (handlers.length === 0) continue;
    server.removeAllListeners(event);
    server.on(event, (request: IncomingMessage, ...rest: unknown[]) => {
      if (request.headers[SECRET_HEADER] !== secret) refuse(rest[0]);
      else for (const handler of handlers) handler.call(server, request, ...rest);
    });
  }
}

function refuse(answer: unknown): void {
  if (answer instanceof ServerResponse) answer.writeHead(403, { connection: "close" }).end();
  else (answer as Socket).end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}
