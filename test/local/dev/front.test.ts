import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { readEntries } from "../../../src/data/entries.js";
import { startDev, type DevServer } from "../../../src/local/dev/server.js";
import { ownerOf } from "../../../src/local/engine/folder-lock.js";
import { openSharedStore } from "../../../src/local/dev/shared-store.js";
import { tempDirs } from "../../support/temp-dir.js";
import { eventually, workerdsOf } from "../../support/workerd-processes.js";

// Real runtimes start here, on a machine that may be busy.
jest.setTimeout(60_000);

const dirs = tempDirs();
const CONFIG = "edge-store-config-dev-alice";

const WORKER = (word: string): string => `
  export default { async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await new Promise((resolve) => setTimeout(resolve, 20_000));
    if (pathname === "/events") return new Response(new ReadableStream({
      start(controller) { setTimeout(() => controller.enqueue(new TextEncoder().encode("data: 1\\n\\n")), 300); },
    }), { headers: { "content-type": "text/event-stream" } });
    if (pathname === "/html") return new Response(new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("<p>first</p>"));
        setTimeout(() => controller.close(), 20_000);
      },
    }), { headers: { "content-type": "text/html" } });
    if (request.headers.get("upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => server.send("${word} " + data));
      return new Response(null, { status: 101, webSocket: client });
    }
    return new Response("${word} " + request.headers.get("host") + " " + await request.text());
  } };`;

describe("the port of a dev server", () => {
  let server: DevServer;
  beforeEach(async () => {
    server = await startDev({ port: 0, readSeeds: readEntries, dataFolder: dirs.path() });
    await run("first");
  });
  afterEach(() => server.dispose());

  /** The stack of the fixture, its Worker's code replaced. */
  async function run(word: string): Promise<void> {
    const assembly = readAssembly("test/fixtures/assembly/edge-store");
    const stack = chooseStack(assembly, {});
    const workers = stack.workers.map((worker) => ({
      ...worker,
      versions: worker.versions.map((version) => ({
        ...version,
        modules: [
          {
            name: version.mainModule ?? "",
            contentType: "application/javascript+module",
            content: Buffer.from(WORKER(word)),
          },
        ],
      })),
    }));
    await server.update(assembly, { ...stack, workers }, new Map());
  }

  const ask = async (path = "/"): Promise<string> => (await fetch(server.url + path)).text();

  it("passes requests on as they are", async () => {
    const response = await fetch(server.url, { method: "POST", body: "body" });
    expect(await response.text()).toBe(`first ${new URL(server.url).host} body`);
    expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  });

  it("lets requests that come during a reload wait for it", async () => {
    const reload = { ended: false };
    const reloaded = run("second").finally(() => (reload.ended = true));
    const statuses = new Set<number>();
    const words = new Set<string>();
    while (!reload.ended) {
      const response = await fetch(server.url);
      statuses.add(response.status);
      words.add((await response.text()).split(" ")[0] ?? "");
    }
    await reloaded;
    expect([...statuses]).toEqual([200]);
    expect(await ask()).toMatch(/^second /);
    expect(["first", "second"]).toEqual(expect.arrayContaining([...words]));
  });

  it("sends the head of a stream of events at once, and reloads in spite of it", async () => {
    const response = await fetch(`${server.url}/events`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const started = performance.now();
    await run("second");
    expect(performance.now() - started).toBeLessThan(5_000);
    await response.body?.cancel().catch(() => undefined);
  });

  it("passes a piece of HTML on when it is written, although the client accepts compression", async () => {
    const request = httpRequest(`${server.url}/html`, { agent: false, headers: { "accept-encoding": "gzip, br" } });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const [chunk] = (await once(response, "data")) as [Buffer];
    expect([chunk.toString(), response.complete, response.headers["content-encoding"]]).toEqual([
      "<p>first</p>",
      false,
      undefined,
    ]);
    request.destroy();
  });

  it("passes WebSockets through", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    const key = "x3JJHMbDL1EzLkh9GBhXDw==";
    const request = httpRequest(server.url, { headers: { ...headers, "sec-websocket-key": key } });
    request.end();
    const [response, socket] = (await once(request, "upgrade")) as [IncomingMessage, Socket];
    expect(response.statusCode).toBe(101);
    // A final text frame of two bytes, masked with zeros; the answer is not masked.
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from("hi")]));
    const [frame] = (await once(socket, "data")) as [Buffer];
    expect(frame.subarray(2).toString()).toBe("first hi");
    socket.destroy();
  });

  it("answers 503 when the runtime ends under a request, and goes on after it", async () => {
    const [former = 0] = workerdsOf();
    const slow = fetch(`${server.url}/slow`);
    await ask();
    process.kill(former, "SIGKILL");
    const response = await slow;

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.text()).toMatch(/^workerd ended: /);
    expect(await eventually(async () => (await ask()).startsWith("first "))).toBe(true);
  });

  it("gives other processes the data, of any namespace, while it runs", async () => {
    const mine = await openSharedStore(dirs.path(), CONFIG);
    await mine.store.put("a/é", "v", { metadata: { n: 1 } });
    const entry = await server.engine.store(CONFIG).get("a/é");
    expect([Buffer.from(entry?.body ?? []).toString(), entry?.metadata]).toEqual(["v", { n: 1 }]);
    await mine.close();

    const other = await openSharedStore(dirs.path(), "of another stack");
    expect(await other.store.putAll([{ key: "k", value: "v" }])).toEqual([]);
    await run("second");
    expect(await other.store.getAll(["k"])).toEqual([{ value: "v", metadata: null }]);
    await other.close();
    expect(await ask()).toMatch(/^second /);
  });

  it("keeps the data from those that do not know the secret", async () => {
    const url = `${server.url}/cdn-cgi/cfkv/store/${CONFIG}/list?limit=10`;
    const { secret = "" } = (await ownerOf(dirs.path("data"))) ?? {};
    expect((await fetch(url, { headers: { "cfkv-secret": secret } })).status).toBe(200);
    expect((await fetch(url, { headers: { "cfkv-secret": "guessed" } })).status).toBe(404);
    expect((await fetch(url)).status).toBe(404);
  });

  it("keeps a second dev server out of the data, with the first one's address", async () => {
    await expect(startDev({ port: 0, readSeeds: readEntries, dataFolder: dirs.path() })).rejects.toMatchObject({
      code: "DATA_FOLDER_IN_USE",
      message: `the data in ${dirs.path("data")} is in use by cfkv dev at ${server.url} (process id ${process.pid})`,
    });
    await server.dispose();
    server = await startDev({ port: 0, readSeeds: readEntries, dataFolder: dirs.path() });
  });
});

it("opens the data itself while no dev server runs", async () => {
  const first = await openSharedStore(dirs.path(), "n");
  await first.store.put("k", "v");
  await first.close();
  const second = await openSharedStore(dirs.path(), "n");
  expect(Buffer.from((await second.store.get("k"))?.body ?? []).toString()).toBe("v");
  await second.close();
});
