import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import { loadMiniflare, type MiniflareModule } from "../../../src/local/engine/load-miniflare.js";
import type { EngineLog, EngineRequest, EngineVersion, EngineWorker } from "../../../src/local/engine/types.js";

jest.setTimeout(60_000);

const logs: EngineLog[] = [];
const requests: EngineRequest[] = [];
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    onLog: (entry) => logs.push(entry),
    onRequest: (entry) => requests.push(entry),
  });
});
afterAll(() => engine.dispose());

describe("the engine", () => {
  it("gives a Worker its namespace, texts, JSON and secrets", async () => {
    const script = `export default { async fetch(request, env) {
      return Response.json([await env.CACHE.get("k"), env.TEXT, env.DATA, env.SECRET]);
    } };`;
    await engine.apply({
      namespaces: [{ id: "shop-cache-dev" }],
      workers: [
        worker("shop", script, {
          bindings: [
            { type: "kv_namespace", name: "CACHE", namespaceId: "shop-cache-dev" },
            { type: "plain_text", name: "TEXT", text: "t" },
            { type: "json", name: "DATA", json: { a: [1] } },
            { type: "secret_text", name: "SECRET", text: "s" },
          ],
        }),
      ],
    });
    await (await engine.kv("shop-cache-dev")).put("k", "v");

    expect(await (await fetch(engine.url)).json()).toEqual(["v", "t", { a: [1] }, "s"]);
  });

  it("keeps a namespace's data through changes of everything else, and under ids no file system would take", async () => {
    const id = "a/../b: Ünï";
    await engine.apply({ namespaces: [{ id }], workers: [] });
    await engine.store(id).put("k", "kept", { metadata: { n: 1 } });

    await engine.apply({ namespaces: [{ id: "other" }, { id }], workers: [worker("w", says("w"))] });

    expect(text((await engine.store(id).get("k"))?.body)).toBe("kept");
    expect(await engine.store(id).metadata("k")).toEqual({ metadata: { n: 1 } });
    expect(await engine.store("other").get("k")).toBeUndefined();
  });

  it("removes the data of a namespace that is forgotten", async () => {
    await engine.apply({ namespaces: [{ id: "gone" }], workers: [] });
    await engine.store("gone").put("k", "v");
    await engine.apply({ namespaces: [], workers: [] });
    await engine.forget("gone");

    await engine.apply({ namespaces: [{ id: "gone" }], workers: [] });

    expect(await engine.store("gone").list()).toMatchObject({ keys: [] });
  });

  it("finds Workers by name, route and domain, and refuses other hosts", async () => {
    await engine.apply({
      namespaces: [],
      workers: [
        worker("one", says("one"), {}, { routes: ["example.com/api/*", "*.example.com/*"] }),
        worker("two", says("two"), {}, { routes: ["example.com/api/v2/*"], customDomains: ["example.com"] }),
      ],
    });
    const at = async (url: string) => (await engine.dispatch(url)).text();

    expect(await at("http://one.localhost/")).toBe("one");
    expect(await at("http://TWO.localhost/")).toBe("two");
    expect(await at("http://example.com/api/x")).toBe("one");
    expect(await at("http://example.com/api/v2/x")).toBe("two");
    expect(await at("http://example.com/other")).toBe("two");
    expect(await at("http://shop.example.com/other")).toBe("one");
    expect((await engine.dispatch("http://evil.test/")).status).toBe(403);
    expect(await (await engine.dispatch("http://localhost/")).text()).toContain("one.localhost, two.localhost");
  });

  it("splits requests between versions by percentage, and holds a visitor with a key on one", async () => {
    await engine.apply({
      namespaces: [],
      workers: [
        {
          name: "split",
          versions: [
            { id: "v1", percentage: 90, code: module_(says("v1")) },
            { id: "v2", percentage: 10, code: module_(says("v2")) },
          ],
        },
      ],
    });
    const counts = { v1: 0, v2: 0 };
    for (let n = 0; n < 400; n++) counts[await answer({ "cloudflare-workers-version-key": `visitor ${n}` })]++;

    expect(counts.v2).toBeGreaterThan(15);
    expect(counts.v2).toBeLessThan(80);
    const once = await answer({ "cloudflare-workers-version-key": "me" });
    expect(await answer({ "cloudflare-workers-version-key": "me" })).toBe(once);
    expect(await answer({ "cloudflare-workers-version-overrides": 'split="v2"' })).toBe("v2");

    async function answer(headers: Record<string, string>): Promise<"v1" | "v2"> {
      return (await (await fetch(engine.url, { headers })).text()) as "v1" | "v2";
    }
  });

  it("runs scripts in service-worker syntax, several modules, service bindings and D1", async () => {
    await engine.apply({
      namespaces: [],
      databases: [{ id: "orders" }],
      workers: [
        {
          name: "old",
          versions: [
            {
              id: "1",
              code: { serviceWorker: `addEventListener("fetch", (e) => e.respondWith(new Response(GREETING)));` },
              bindings: [{ type: "plain_text", name: "GREETING", text: "old style" }],
            },
          ],
        },
        {
          name: "front",
          versions: [
            {
              id: "1",
              compatibilityDate: "2026-01-15",
              code: {
                modules: [
                  {
                    name: "index.js",
                    content: `import { tail } from "./lib/tail.js";
                      export default { async fetch(request, env) {
                        const { n } = await env.DB.prepare("select 41 + 1 as n").first();
                        return new Response(await (await env.OLD.fetch(request)).text() + tail + n);
                      } };`,
                  },
                  { name: "lib/tail.js", content: `export const tail = ", new module, ";` },
                ],
              },
              bindings: [
                { type: "service", name: "OLD", service: "old" },
                { type: "d1", name: "DB", databaseId: "orders" },
              ],
            },
          ],
        },
      ],
      defaultWorker: "front",
    });

    expect(await (await fetch(engine.url)).text()).toBe("old style, new module, 42");
  });

  it("clamps a compatibility date that workerd does not know and reports what it leaves out", async () => {
    const notes = await engine.apply({
      namespaces: [],
      workers: [
        worker("w", says("w"), {
          compatibilityDate: "2999-01-01",
          bindings: [
            { type: "unsupported", name: "AI", kind: "ai" },
            { type: "kv_namespace", name: "KV", namespaceId: "nowhere" },
            { type: "service", name: "API", service: "nobody" },
          ],
        }),
      ],
    });

    expect(notes.map(({ code }) => code)).toEqual([
      "COMPATIBILITY_DATE_CLAMPED",
      "BINDING_NOT_EMULATED",
      "BINDING_TARGET_MISSING",
      "BINDING_TARGET_MISSING",
    ]);
    expect(notes[0]?.message).toMatch(/^compatibility date 2999-01-01 is newer .* w runs with \d{4}-\d{2}-\d{2}$/);
    expect(notes[1]?.message).toBe("binding AI (ai) is not emulated and is left out");
    expect(await (await fetch(engine.url)).text()).toBe("w");
  });

  it("keeps the last good configuration when a Worker does not start", async () => {
    await engine.apply({ namespaces: [{ id: "n" }], workers: [worker("good", says("good"))] });
    await engine.store("n").put("k", "v");
    const bad = engine.apply({ namespaces: [], workers: [worker("bad", "export default {;")] });

    await expect(bad).rejects.toMatchObject({
      code: "WORKER_NOT_STARTED",
      message: expect.stringContaining("Worker 'bad': Uncaught SyntaxError: Unexpected token ';'") as string,
    });
    expect(await (await fetch(engine.url)).text()).toBe("good");
    expect(text((await engine.store("n").get("k"))?.body)).toBe("v");
  });

  it("triggers crons", async () => {
    const script = `export default { async scheduled(event) {
      if (event.cron === "bad") throw new Error("no");
      console.warn(event.cron + " " + event.scheduledTime);
    } };`;
    await engine.apply({ namespaces: [], workers: [worker("jobs", script)] });

    expect(await engine.scheduled("jobs", "*/5 * * * *", new Date(5))).toMatchObject({ outcome: "ok" });
    expect(await engine.scheduled("jobs", "bad")).toMatchObject({ outcome: "exception" });
    await expect(engine.scheduled("nobody", "* * * * *")).rejects.toMatchObject({ code: "WORKER_UNKNOWN" });
    await seen(() => logs.some(({ level, message }) => level === "warn" && message === "*/5 * * * * 5"));
  });

  it("reports requests and what Workers print", async () => {
    const script = `export default { fetch() { console.log("hello"); return new Response(null, { status: 204 }); } };`;
    await engine.apply({ namespaces: [], workers: [worker("loud", script)] });
    await fetch(`${engine.url}/path`);

    await seen(() => logs.some(({ message }) => message === "hello"));
    await seen(() => requests.some(({ worker: name, status }) => name === "loud" && status === 204));
  });

  it("lets no change cut off an open request", async () => {
    await engine.apply({
      namespaces: [{ id: "open" }],
      workers: [worker("w", says("w"), { bindings: [{ type: "kv_namespace", name: "KV", namespaceId: "open" }] })],
    });
    const entries = Array.from({ length: 500 }, (_, at) => ({ key: `k${at}`, value: "v" }));
    const written = engine.store("open").putAll(entries);
    const changed = engine.apply({ namespaces: [{ id: "open" }, { id: "m" }], workers: [] });

    expect(await written).toEqual([]);
    await changed;
    expect((await engine.store("open").list({ limit: 1000 })).keys).toHaveLength(500);
  });

  it("writes, reads and deletes in batches, and says which entries failed", async () => {
    await engine.apply({ namespaces: [{ id: "batch" }], workers: [] });
    const store = engine.store("batch");
    const failed = await store.putAll([
      { key: "a", value: "1", metadata: [1] },
      { key: "..", value: "refused by the runtime" },
      { key: "b", value: "AP8=", base64: true, expirationTtl: 60 },
    ]);

    expect(failed).toEqual([1]);
    expect((await store.get("b"))?.body).toEqual(new Uint8Array([0, 255]));
    expect(await store.getAll(["a", "nope"])).toEqual([{ value: "1", metadata: [1] }, null]);
    expect((await store.list({ prefix: "b" })).keys).toEqual([{ name: "b", expiration: expect.any(Number) as number }]);
    expect(await store.deleteAll(["a", "b"])).toEqual([]);
    expect((await store.list()).keys).toEqual([]);
  });
});

describe("the engine's surroundings", () => {
  it("keeps data in a private folder between runs, and ends the runtime even after kill -9", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cfkv-test-"));
    const script = `
      import { startEngine } from "./src/local/engine/engine.ts";
      const engine = await startEngine({ dataFolder: ${JSON.stringify(folder)} });
      await engine.apply({ namespaces: [{ id: "n" }], workers: [] });
      await engine.store("n").put("k", "from before");
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const runtime = childrenOf(child.pid).find((pid) => commandOf(pid).includes("workerd"));
    child.kill("SIGKILL");
    await seen(() => commandOf(runtime) === "");

    const again = await startEngine({ dataFolder: folder });
    await again.apply({ namespaces: [{ id: "n" }], workers: [] });
    expect(text((await again.store("n").get("k"))?.body)).toBe("from before");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await again.dispose();
    expect(readdirSync(folder)).not.toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it("says how to install miniflare when it is missing", async () => {
    const absent = "a-package-that-is-not-there";
    const load = () => import(absent) as Promise<MiniflareModule>;

    await expect(loadMiniflare(load)).rejects.toMatchObject({
      code: "MINIFLARE_MISSING",
      hint: "npm i -D miniflare@4.20260426.0",
    });
  });

  it("says that a port is taken", async () => {
    await engine.apply({ namespaces: [], workers: [] });
    const second = await startEngine({ port: Number(new URL(engine.url).port) });

    await expect(second.apply({ namespaces: [], workers: [] })).rejects.toMatchObject({ code: "PORT_IN_USE" });
    await second.dispose();
  });
});

function worker(
  name: string,
  script: string,
  version: Partial<EngineVersion> = {},
  more: Partial<EngineWorker> = {},
): EngineWorker {
  return { name, versions: [{ id: "1", code: module_(script), ...version }], ...more };
}

function module_(content: string): EngineVersion["code"] {
  return { modules: [{ name: "index.js", content }] };
}

function says(word: string): string {
  return `export default { fetch() { return new Response(${JSON.stringify(word)}); } };`;
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Logs come over a pipe, so a moment after the response. */
async function seen(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !happened(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(happened()).toBe(true);
}

function childrenOf(pid: number | undefined): number[] {
  return execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean)
    .map(Number);
}

function commandOf(pid: number | undefined): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
