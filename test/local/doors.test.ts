import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { chooseStack, readAssembly } from "../../src/assembly/index.js";
import { startDev } from "../../src/local/dev/server.js";
import { loadMiniflare } from "../../src/local/engine/load-miniflare.js";
import { type Engine, startEngine } from "../../src/local/engine/engine.js";
import { startEmulator } from "../../src/local/emulator/emulator.js";
import { listeningPorts } from "../support/listening-ports.js";
import { workerdsOf } from "../support/workerd-processes.js";

// Real runtimes start here, on a machine that may be busy.
jest.setTimeout(15_000);

/** What a page of another site, or any program without a secret, may try. */
const VISITORS: readonly (readonly [what: string, method: string, path: string, headers: Record<string, string>])[] = [
  ["a foreign host", "GET", "/", { host: "evil.test" }],
  ["a foreign host and a path of the tool", "GET", "/cdn-cgi/cfkv/", { host: "evil.test" }],
];

/** The same at the tool's own paths, which only the ports of `cfkv dev` and of the emulator have. */
const FOREIGN_PAGES: typeof VISITORS = [
  ["a form of a foreign page", "POST", "/cdn-cgi/cfkv/api/namespaces", { origin: "https://evil.test" }],
  ["a sandboxed page", "GET", "/cdn-cgi/cfkv/api/namespaces", { origin: "null" }],
  [
    "a no-cors request",
    "POST",
    "/cdn-cgi/cfkv/cron/x",
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
  ],
  ["a path that leaves its folder", "GET", "/cdn-cgi/cfkv/../cfkv/api/namespaces", { origin: "https://evil.test" }],
  ["a guessed secret", "GET", "/cdn-cgi/cfkv/store/x/list", { "cfkv-secret": "guessed", host: "evil.test" }],
];

const WORKER = `
  import { connect } from "cloudflare:sockets";
  export default { async fetch(request) {
    const url = new URL(request.url), port = url.searchParams.get("port");
    if (url.pathname === "/who") {
      return new Response("w " + request.url + " " + (request.headers.get("cfkv-secret") ?? undefined));
    }
    if (url.pathname === "/all") {
      const { url, headers } = await request.json();
      const answers = headers.map(async (pair) => {
        const response = await fetch(url, { headers: [pair] });
        const text = await response.text();
        return response.status >= 400 ? "refused" : text;
      });
      return Response.json(await Promise.all(answers));
    }
    if (port === null) return new Response("hello");
    if (url.pathname === "/fetch") {
      const { status } = await fetch("http://127.0.0.1:" + port + "/anything", { method: "POST", body: "x" });
      return new Response(String(status));
    }
    const socket = connect("127.0.0.1:" + port);
    const writer = socket.writable.getWriter();
    await writer.write(new TextEncoder().encode("GET /anything HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\n\\r\\n"));
    const { value } = await socket.readable.getReader().read();
    return new Response(new TextDecoder().decode(value).split(" ")[1]);
  } };`;

const allPorts = (): number[] => listeningPorts([process.pid, ...workerdsOf()]);

describe("what listens beside the Workers", () => {
  let engine: Engine;
  let helpers: readonly number[];
  let before: readonly number[];
  beforeAll(async () => {
    before = allPorts();
    engine = await startEngine({ onRequest: () => undefined });
    const code = { modules: [{ name: "index.js", content: WORKER }] };
    await engine.apply({ namespaces: [{ id: "n" }], workers: [{ name: "w", versions: [{ id: "1", code }] }] });
    const workers = Number(new URL(engine.url).port);
    helpers = allPorts().filter((port) => port !== workers && !before.includes(port));
  });
  afterAll(() => engine.dispose());

  it("is found", () => expect(helpers).toHaveLength(2));

  it("refuses everything that does not know the secret", async () => {
    for (const port of helpers) {
      for (const [method, path] of [
        ["GET", "/"],
        ["POST", "/core/anything"],
        ["PUT", "/../anything?a=../b"],
        ["OPTIONS", "/"],
      ] as const) {
        expect([port, method, await statusOf(port, method, path, {})]).toEqual([port, method, 403]);
        expect([port, method, await statusOf(port, method, path, { origin: "https://evil.test" })]).toEqual([
          port,
          method,
          403,
        ]);
      }
    }
  });

  it("refuses upgrades", async () => {
    for (const port of helpers) {
      expect(
        await firstLine(port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
      ).toMatch(/^HTTP\/1.1 403 /);
    }
  });

  it.each(["fetch", "connect"])("refuses a Worker's own %s", async (how) => {
    for (const port of helpers) {
      expect(await (await fetch(`${engine.url}/${how}?port=${port}`)).text()).toBe("403");
    }
  });

  /** Worker names, internal and public, and addresses: what the runtime's own headers may carry. */
  const values = [
    "w",
    "cfkv:router",
    "cfkv:gateway",
    "cfkv:operations",
    "cfkv:meter",
    "http://w.localhost/",
    "http://evil.test/",
  ];

  it("takes no orders from clients in the local runtime's own headers", async () => {
    const { CoreHeaders } = await loadMiniflare();
    const names = Object.values(CoreHeaders);
    expect(names.length).toBeGreaterThan(10);
    const port = Number(new URL(engine.url).port);
    for (const name of names) {
      for (const value of values) {
        // Refused as without the header: 403 for a foreign host.
        const status = await statusOf(port, "GET", "/", { host: "evil.test", [name]: value });
        expect([name, value, status !== undefined && status >= 400]).toEqual([name, value, true]);
      }
    }
  });

  it("takes none from a Worker either", async () => {
    const { CoreHeaders } = await loadMiniflare();
    const port = new URL(engine.url).port;
    const tries = Object.values(CoreHeaders).flatMap((name) => values.map((value) => [name, value]));
    const ask = async (headers: readonly string[][]): Promise<string[]> => {
      const body = JSON.stringify({ url: `http://localhost:${port}/who`, headers });
      return (await (await fetch(`${engine.url}/all`, { method: "POST", body })).json()) as string[];
    };
    const [plain = ""] = await ask([["accept", "*/*"]]);
    // Refused, or answered as without the header.
    for (const answer of await ask(tries)) expect([plain, "refused"]).toContain(answer);
  });

  it("lets only the engine name another address", async () => {
    expect(await (await engine.dispatch("http://w.localhost/who")).text()).toBe("w http://w.localhost/who undefined");
  });

  it("still records requests", async () => {
    const seen: string[] = [];
    const other = await startEngine({ onRequest: ({ url }) => seen.push(url) });
    await other.apply(engine.config);
    await (await fetch(`${other.url}/recorded`)).text();
    await other.dispose();
    expect(seen).toEqual([`${other.url}/recorded`]);
  });
});

describe("the ports of cfkv dev and of the emulator", () => {
  it("refuse visitors, every one of them", async () => {
    const before = allPorts();
    const assembly = readAssembly("test/fixtures/assembly/edge-store");
    const server = await startDev({ port: 0, readSeeds: () => [] as never, onRequest: () => undefined });
    await server.update(assembly, chooseStack(assembly, {}), new Map());
    const emulator = await startEmulator();
    const opened = (pids: readonly number[]) => listeningPorts(pids).filter((port) => !before.includes(port));
    const fronts = [server.url, emulator.url].map((url) => Number(new URL(url).port));
    const helpers = opened([process.pid]).filter((port) => !fronts.includes(port));
    const sockets: [string, number][] = [
      ["cfkv dev", fronts[0] ?? 0],
      ["cfkv emulator", fronts[1] ?? 0],
      ...helpers.map((port): [string, number] => ["helper in this process", port]),
      ...opened(workerdsOf()).map((port): [string, number] => ["workerd", port]),
    ];
    try {
      const rows = [];
      for (const [name, port] of sockets) {
        const tries = name.startsWith("cfkv") ? [...VISITORS, ...FOREIGN_PAGES] : VISITORS;
        const answers = [];
        for (const [what, method, path, headers] of tries) {
          answers.push(`${what} ${await statusOf(port, method, path, headers)}`);
        }
        rows.push(`${name}: ${answers.join(", ")}`);
      }
      expect(rows).toMatchInlineSnapshot(`
       [
         "cfkv dev: a foreign host 403, a foreign host and a path of the tool 403, a form of a foreign page 403, a sandboxed page 403, a no-cors request 403, a path that leaves its folder 403, a guessed secret 403",
         "cfkv emulator: a foreign host 403, a foreign host and a path of the tool 403, a form of a foreign page 403, a sandboxed page 403, a no-cors request 400, a path that leaves its folder 403, a guessed secret 403",
         "helper in this process: a foreign host 403, a foreign host and a path of the tool 403",
         "helper in this process: a foreign host 403, a foreign host and a path of the tool 403",
         "workerd: a foreign host 403, a foreign host and a path of the tool 403",
         "workerd: a foreign host 403, a foreign host and a path of the tool 403",
         "workerd: a foreign host 403, a foreign host and a path of the tool 403",
         "workerd: a foreign host 403, a foreign host and a path of the tool 403",
       ]
      `);
    } finally {
      await emulator.close();
      await server.dispose();
    }
  });
});

async function statusOf(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false });
  request.end(method === "GET" || method === "OPTIONS" ? undefined : "body");
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

async function firstLine(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    socket.end();
  });
  await once(socket, "close");
  return Buffer.concat(chunks).toString().split("\r\n")[0] ?? "";
}
