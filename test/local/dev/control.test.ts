import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { readEntries } from "../../../src/data/entries.js";
import { startDev, type DevServer } from "../../../src/local/dev/server.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const CONFIG = "edge-store-config-dev-alice";

describe("the pages and calls beside the Workers", () => {
  let server: DevServer;
  beforeAll(async () => {
    const assembly = readAssembly("test/fixtures/assembly/edge-store");
    server = await startDev({ port: 0, readSeeds: readEntries });
    await server.update(assembly, chooseStack(assembly, {}), new Map());
  });
  afterAll(() => server.dispose());

  const call = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${server.url}/cdn-cgi/cfkv/${path}`, init);
  const value = (key: string): string => `api/namespaces/${CONFIG}/values/${encodeURIComponent(key)}`;
  const put = (key: string, body: object): Promise<Response> =>
    call(value(key), { method: "PUT", body: JSON.stringify(body) });

  it("serve the explorer with a policy that allows its own script alone", async () => {
    const response = await call("");
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-/,
    );
    expect(await response.text()).toContain("<title>Workers KV on this machine</title>");
  });

  it("list namespaces with what is known of them", async () => {
    expect(await (await call("api/namespaces")).json()).toEqual({
      namespaces: [
        {
          id: "edge-store-sessions-dev-alice",
          bindings: ["SESSIONS"],
          ttlSeconds: 86400,
          description: "signed-in users",
        },
        { id: CONFIG, bindings: ["CONFIG"], ttlSeconds: 0 },
      ],
    });
  });

  it("list keys by prefix and page", async () => {
    const first = (await (await call(`api/namespaces/${CONFIG}/keys?limit=1`)).json()) as { cursor: string };
    expect(first).toMatchObject({ keys: [{ name: "app" }] });
    const next = await call(`api/namespaces/${CONFIG}/keys?limit=1&cursor=${encodeURIComponent(first.cursor)}`);
    expect(await next.json()).toMatchObject({ keys: [{ name: "logo", metadata: { type: "image/png" } }] });
    const motd = await call(`api/namespaces/${CONFIG}/keys?prefix=motd`);
    expect(await motd.json()).toEqual({ keys: [{ name: "motd/${user}", metadata: { by: "terraform" } }] });
  });

  it("show a text, and of other bytes only how many", async () => {
    expect(await (await call(value("motd/${user}"))).json()).toEqual({
      key: "motd/${user}",
      bytes: 16,
      text: "100%{ of ${name}",
      metadata: { by: "terraform" },
    });
    expect(await (await call(value("logo"))).json()).toEqual({
      key: "logo",
      bytes: 4,
      text: "\u0000\u0001\u0002\u0003",
      metadata: { type: "image/png" },
    });
    await server.engine.store(CONFIG).put("binary", new Uint8Array([0xff, 0xfe]));
    expect(await (await call(value("binary"))).json()).toEqual({ key: "binary", bytes: 2, metadata: null });
  });

  it.each(["a/b", "a b", "%2F", "^", "é", "日本", "..x", "?", "#", "+"])(
    "write, read and delete the key %j",
    async (key) => {
      expect((await put(key, { text: "v1", expirationTtl: 60, metadata: { n: 1 } })).status).toBe(200);
      expect(await (await call(value(key))).json()).toMatchObject({ key, text: "v1", metadata: { n: 1 } });
      expect((await call(value(key), { method: "DELETE" })).status).toBe(200);
      expect((await call(value(key))).status).toBe(404);
    },
  );

  it.each([
    [
      "a TTL below 60 seconds",
      "k",
      { text: "v", expirationTtl: 30 },
      "ttlSeconds must be 0 or at least 60 seconds, got 30",
    ],
    ["a key that is too long", "k".repeat(513), { text: "v" }, "key must have at most 512 UTF-8 bytes, got 513"],
    [
      "metadata that is too large",
      "k",
      { text: "v", metadata: "m".repeat(1100) },
      "metadata must have at most 1024 bytes as JSON, got 1102",
    ],
    ["a body without a text", "k", {}, "the body must be JSON with a 'text'"],
  ])("refuse %s", async (_, key, body, problem) => {
    const response = await put(key, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ problem });
  });

  it("trigger a cron, by default the Worker's own", async () => {
    const cron = "cron/edge-store-dev-alice";
    const own = await call(cron, { method: "POST" });
    expect(await own.json()).toEqual({ worker: "edge-store-dev-alice", cron: "*/5 * * * *", outcome: "ok" });
    expect(await (await fetch(`${server.url}/CONFIG/last-cron`)).text()).toBe("*/5 * * * *");
    await call(`${cron}?cron=0+0+*+*+*`, { method: "POST" });
    expect(await (await fetch(`${server.url}/CONFIG/last-cron`)).text()).toBe("0 0 * * *");
  });

  it("say what is wrong with a call", async () => {
    const told = async (path: string, method = "GET"): Promise<unknown[]> => {
      const response = await call(path, { method });
      return [response.status, ((await response.json()) as { problem: string }).problem];
    };
    expect(await told("nothing")).toEqual([404, "nothing is at /cdn-cgi/cfkv/nothing"]);
    expect(await told("cron/edge-store-dev-alice")).toEqual([405, "use POST, got GET"]);
    expect(await told("cron/other", "POST")).toEqual([404, "no Worker 'other' runs here"]);
    expect(await told("api/namespaces/other/keys")).toEqual([404, "no namespace 'other' runs here"]);
    expect(await told(`api/namespaces/${CONFIG}/values/%FF`)).toEqual([400, "the path must be percent-encoded UTF-8"]);
    expect(await told(`api/namespaces/${CONFIG}/keys?limit=0`)).toEqual([400, "limit must be 1 to 1000, got 0"]);
  });

  it("are closed to pages of other origins", async () => {
    const response = await call(value("app"), { method: "DELETE", headers: { origin: "https://evil.example" } });
    expect(response.status).toBe(403);
    expect((await call(value("app"))).status).toBe(200);
  });
});
