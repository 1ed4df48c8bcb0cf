import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WorkerdClient } from "../../../src/local/engine/workerd-client.js";

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function listen(answer: (requestsOnSocket: number, socket: Socket) => boolean): Promise<string> {
  const seen = new Map<Socket, number>();
  server = createServer((request, response) => {
    const count = (seen.get(request.socket) ?? 0) + 1;
    seen.set(request.socket, count);
    if (answer(count, request.socket)) request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it("sends again what met a connection that was closed just as it was used again", async () => {
  const url = await listen((count, socket) => count === 1 || !socket.destroy().destroyed);
  const client = new WorkerdClient();

  for (const word of ["one", "two", "three"]) expect(await (await client.send(url, {}, word)).text()).toBe(word);
  client.close();
});

it("does not send again what met a new connection that broke: it may have been done", async () => {
  let requests = 0;
  const url = await listen((_, socket) => {
    requests++;
    return !socket.destroy().destroyed;
  });
  const client = new WorkerdClient();

  await expect(client.send(url, {}, "once")).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(requests).toBe(1);
  client.close();
});
