import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { answerOf } from "../../src/deploy/smoke.js";

async function serving<T>(listener: RequestListener, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const once = { attempts: 1, pause: () => Promise.resolve() };

describe("whether a Worker answers", () => {
  it("is tried again while it does not, and asked by its own name", async () => {
    const hosts: unknown[] = [];
    const pauses: number[] = [];
    const patience = { attempts: 3, pause: () => Promise.resolve(void pauses.push(1)) };
    const answer = await serving(
      ({ headers }, response) => {
        hosts.push(headers.host?.split(":")[0]);
        response.writeHead(hosts.length < 3 ? 503 : 404).end();
      },
      (port) => answerOf(`http://shop.localhost:${port}/`, patience),
    );

    expect(answer).toMatchObject({ status: 404 });
    expect(answer.problem).toBeUndefined();
    expect([hosts, pauses.length]).toEqual([["shop.localhost", "shop.localhost", "shop.localhost"], 2]);
  });

  it("is a problem when it is a server error, or no answer", async () => {
    const failing = await serving(
      (_, response) => response.writeHead(500).end(),
      (port) => answerOf(`http://127.0.0.1:${port}/`, once),
    );
    const port = await serving(
      () => undefined,
      (open) => Promise.resolve(open),
    );

    expect(failing.problem).toBe("it answered 500");
    expect((await answerOf(`http://127.0.0.1:${port}/`, once)).problem).toContain("ECONNREFUSED");
  });
});
