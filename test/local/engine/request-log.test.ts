import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import { RequestLog } from "../../../src/local/engine/request-log.js";
import { eventually } from "../../support/workerd-processes.js";
import type { EngineRequest, EngineVersion, EngineWorker } from "../../../src/local/engine/types.js";

jest.setTimeout(60_000);

const KV = { type: "kv_namespace", name: "KV", namespaceId: "n" } as const;

const SHOP = `export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/say") console.log("said");
    if (pathname === "/none" || pathname === "/say") return new Response("none");
    await env.KV.put("a", "1");
    if (pathname === "/throw") throw new Error("thrown");
    await Promise.all([env.KV.get("a"), env.KV.get(["a", "b"]), env.KV.list(), env.KV.delete("b")]);
    if (pathname === "/after") context.waitUntil(env.KV.getWithMetadata("a"));
    if (pathname === "/calls") return env.OTHER.fetch(request);
    return new Response(request.headers.get("cf-ray"));
  },
};`;
const READS = `export default { async fetch(request, env) { return new Response(await env.KV.get("a")); } };`;
const GATE = `export default { fetch(request, env) { return env.OTHER.fetch(request); } };`;
const PLAIN = `export default { fetch() { return new Response("plain"); } };`;

describe("the log of requests", () => {
  let engine: Engine;
  const logs: string[] = [];
  let folder: string;
  let onRequest: (entry: EngineRequest) => void;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "cfkv-request-log-"));
    // Miniflare does not know the errors of Jest's realm, and fails over a file that is not there.
    for (const name of ["static.txt", ".assetsignore", "_headers", "_redirects"])
      writeFileSync(join(directory, name), "");
    folder = directory;
    engine = await startEngine({
      onRequest: (entry) => onRequest(entry),
      onLog: ({ message }) => logs.push(message),
    });
    await engine.apply({
      namespaces: [{ id: "n" }],
      workers: [
        worker("shop", SHOP, [KV, { type: "service", name: "OTHER", service: "reads" }]),
        worker("reads", READS, [KV]),
        worker("plain", PLAIN),
        worker("gate", GATE, [{ type: "service", name: "OTHER", service: "reads" }]),
        worker("site", READS, [KV], { directory }),
        { ...worker("split", READS, [KV]), versions: ["1", "2"].map((id) => version(id, READS, [KV])) },
      ],
    });
  });
  afterAll(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["shop", "/", 5],
    ["shop", "/none", 0],
    ["shop", "/throw", 1],
    ["shop", "/after", 6],
    ["shop", "/calls", 5],
    ["reads", "/", 1],
    ["split", "/", 1],
    ["plain", "/", undefined],
    ["gate", "/", undefined],
    ["site", "/", 1],
    ["site", "/static.txt", undefined],
  ])("has the KV operations of %s%s", async (name, path, kvOperations) => {
    const logged = new Promise<EngineRequest>((resolve) => (onRequest = resolve));
    await (await engine.dispatch(`http://${name}.localhost${path}`)).text();
    expect((await logged).kvOperations).toBe(kvOperations);
  });

  it("does not report an exception twice", async () => {
    onRequest = () => undefined;
    logs.length = 0;
    await (await engine.dispatch("http://shop.localhost/throw")).text();
    // Logs come in order: this one after everything about the exception.
    await (await engine.dispatch("http://shop.localhost/say")).text();
    await eventually(() => logs.includes("said"));
    expect(logs).toEqual([expect.stringMatching(/^uncaught Error: thrown\n {4}at Object\.fetch/), "said"]);
  });

  it("counts requests that run at the same time apart", async () => {
    const entries: EngineRequest[] = [];
    const all = new Promise<void>((resolve) => {
      onRequest = (entry) => {
        if (entries.push(entry) === 30) resolve();
      };
    });
    const paths = Array.from({ length: 30 }, (_, at) => ["/", "/none", "/after"][at % 3] ?? "");
    await Promise.all(paths.map(async (path) => (await engine.dispatch(`http://shop.localhost${path}`)).text()));
    await all;
    const counts = entries.map(({ url, kvOperations }) => `${new URL(url).pathname} ${kvOperations}`);
    expect(new Set(counts)).toEqual(new Set(["/ 5", "/none 0", "/after 6"]));
  });

  it("gives each request an id of its own, whatever the client sends", async () => {
    onRequest = () => undefined;
    const headers = { "cf-ray": "forged" };
    const rays = [];
    for (let at = 0; at < 2; at++)
      rays.push(await (await engine.dispatch("http://shop.localhost/", { headers })).text());
    expect(rays).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(rays[0]).not.toBe(rays[1]);
  });
});

it("a request whose operations never become known is logged without them", async () => {
  const logged = new Promise<EngineRequest>((resolve) => {
    const site = worker("site", READS, [KV], { directory: "/" });
    const log = new RequestLog([site], resolve);
    log.add({ ray: "other", kvOperations: 3 });
    log.add({ ray: "r", worker: "site", method: "GET", url: "http://x/", status: 200, ms: 1 });
  });
  expect(await logged).toEqual({ worker: "site", method: "GET", url: "http://x/", status: 200, ms: 1 });
});

function worker(
  name: string,
  script: string,
  bindings: EngineVersion["bindings"] = [],
  assets?: EngineVersion["assets"],
): EngineWorker {
  return { name, versions: [{ ...version("1", script, bindings), ...(assets && { assets }) }] };
}

function version(id: string, content: string, bindings: NonNullable<EngineVersion["bindings"]>): EngineVersion {
  return { id, code: { modules: [{ name: "index.js", content }] }, compatibilityDate: "2026-01-01", bindings };
}
