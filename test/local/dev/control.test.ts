import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { readEntries } from "../../../src/data/entries.js";
import { startDev, type DevServer } from "../../../src/local/dev/server.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const VERSION = expect.stringMatching(/^[\w-]{43}$/) as unknown;
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
    expect(await response.text()).toContain("<title>KV explorer</title>");
  });

  it("list namespaces with what is known of them", async () => {
    expect(await (await call("api/namespaces")).json()).toEqual({
      stack: "edge-store-dev-alice",
      environment: "dev",
      developer: "alice",
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

  it("show text, and of other bytes only how many", async () => {
    expect(await (await call(value("motd/${user}"))).json()).toEqual({
      key: "motd/${user}",
      bytes: 16,
      text: "100%{ of ${name}",
      metadata: { by: "terraform" },
      version: VERSION,
    });
    expect(await (await call(value("logo"))).json()).toEqual({
      key: "logo",
      bytes: 4,
      text: "\u0000\u0001\u0002\u0003",
      metadata: { type: "image/png" },
      version: VERSION,
    });
    await server.engine.store(CONFIG).put("binary", new Uint8Array([0xff, 0xfe]));
    expect(await (await call(value("binary"))).json()).toEqual({
      key: "binary",
      bytes: 2,
      metadata: null,
      version: VERSION,
    });
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
    ["a body without a text", "k", {}, "the body must be JSON with a 'text', or with a key to copy 'from'"],
  ])("refuse %s", async (_, key, body, problem) => {
    const response = await put(key, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ problem });
  });

  it("say when an entry expires, and change its version with all that is stored", async () => {
    const version = async (): Promise<unknown> =>
      ((await (await call(value("v"))).json()) as { version: unknown }).version;
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await put("v", { text: "1", expiration });
    expect(await (await call(value("v"))).json()).toMatchObject({ expiration });
    const versions = [await version(), await version()];
    await put("v", { text: "2", expiration });
    versions.push(await version());
    await put("v", { text: "2", expiration, metadata: 1 });
    versions.push(await version());
    await put("v", { text: "2", metadata: 1 });
    versions.push(await version());
    expect(new Set(versions).size).toBe(4);
    await call(value("v"), { method: "DELETE" });
  });

  it("replace nothing but the version that is expected", async () => {
    const conflict = async (expects: string | null): Promise<unknown[]> => {
      const response = await put("expected", { text: "mine", expects });
      return [response.status, ((await response.json()) as { conflict?: string }).conflict];
    };
    expect(await conflict("other")).toEqual([409, "gone"]);
    expect(await conflict(null)).toEqual([200, undefined]);
    expect(await conflict(null)).toEqual([409, "exists"]);
    expect(await conflict("other")).toEqual([409, "changed"]);
    const { version } = (await (await call(value("expected"))).json()) as { version: string };
    expect(await conflict(version)).toEqual([200, undefined]);
    await call(value("expected"), { method: "DELETE" });
  });

  it("copy the bytes of another key, and refuse when it does not exist", async () => {
    const bytes = new Uint8Array([0xff, 0x0d, 0x0a]);
    await server.engine.store(CONFIG).put("bytes", bytes);
    expect((await put("copy", { from: "bytes", metadata: { n: 1 } })).status).toBe(200);
    expect(await server.engine.store(CONFIG).get("copy")).toEqual({ body: bytes, metadata: { n: 1 } });
    expect((await put("copy", { from: "nothing" })).status).toBe(404);
    await server.engine.store(CONFIG).deleteAll(["bytes", "copy"]);
  });

  it("search values in any case, of the keys that are named", async () => {
    const search = (body: unknown): Promise<Response> =>
      call(`api/namespaces/${CONFIG}/search`, { method: "POST", body: JSON.stringify(body) });
    await put("one", { text: "A Needle" });
    await put("two", { text: "needle" });
    expect(await (await search({ text: "NEEDLE", keys: ["app", "one", "gone"] })).json()).toEqual({ keys: ["one"] });
    expect((await search({ text: "x" })).status).toBe(400);
    await server.engine.store(CONFIG).deleteAll(["one", "two"]);
  });

  it("export what they import, byte for byte, and count before they write", async () => {
    const path = `api/namespaces/${CONFIG}`;
    const response = await call(`${path}/export`);
    expect(response.headers.get("content-disposition")).toContain(`filename="${CONFIG}.json"`);
    const file = await response.text();
    const { keys } = await server.engine.store(CONFIG).list();
    expect((JSON.parse(file) as { key: string }[]).map(({ key }) => key)).toEqual(keys.map(({ name }) => name));
    await server.engine.store(CONFIG).delete("app");
    const check = await call(`${path}/import?name=all.json&check`, { method: "POST", body: file });
    expect(await check.json()).toEqual({ entries: keys.length, replaced: keys.length - 1 });
    expect((await call(value("app"))).status).toBe(404);
    expect((await call(`${path}/import?name=all.json`, { method: "POST", body: file })).status).toBe(200);
    expect(await (await call(`${path}/export`)).text()).toBe(file);
  });

  it("export an empty namespace as an empty list", async () => {
    const sessions = server.engine.store("edge-store-sessions-dev-alice");
    await sessions.deleteAll((await sessions.list()).keys.map(({ name }) => name));
    expect(await (await call("api/namespaces/edge-store-sessions-dev-alice/export")).json()).toEqual([]);
  });

  it("import nothing of a file with a problem, whatever path its name has", async () => {
    const name = encodeURIComponent("../../x.ndjson");
    const body = '{"key":"fine","value":"v"}\n{"key":"","value":"v"}\n';
    const response = await call(`api/namespaces/${CONFIG}/import?name=${name}`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ problem: "1 problem in the entries\n  x.ndjson:2: key must not be empty" });
    expect((await call(value("fine"))).status).toBe(404);
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
    expect(await told("nothing")).toEqual([404, "there is nothing at /cdn-cgi/cfkv/nothing"]);
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
