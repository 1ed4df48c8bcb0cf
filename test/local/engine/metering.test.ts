import { type Engine, startEngine } from "../../../src/local/engine/engine.js";
import { loadMiniflare } from "../../../src/local/engine/load-miniflare.js";
import { metering } from "../../../src/local/engine/metering.js";
import type { EngineConfig } from "../../../src/local/engine/types.js";
import type { UsageCount } from "../../../src/local/engine/usage-count.js";

jest.setTimeout(60_000);

const NAMESPACE = "a/../b: Ünï";
let counts: UsageCount[] = [];
let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({ onUsage: (more) => counts.push(...more) });
});
afterAll(() => engine.dispose());
beforeEach(() => {
  counts = [];
});

describe("what Workers do with namespaces", () => {
  it("is counted as Cloudflare bills it, and answered as without counting", async () => {
    await engine.apply(
      running(`
      const kv = env.CACHE;
      await kv.put("k:é/ü", "hello", { metadata: { x: 1 }, expirationTtl: 120 });
      await kv.put("stream", new Response("streamed").body);
      const one = await kv.getWithMetadata("k:é/ü");
      const missing = await kv.get("missing");
      const streamed = await new Response(await kv.get("stream", "stream")).text();
      const many = await kv.get(["k:é/ü", "missing", "stream"]);
      const { keys } = await kv.list({ prefix: "k" });
      const refused = await kv.put("short", "x", { expirationTtl: 5 }).catch(String);
      await kv.delete("stream");
      await kv.delete("missing");
      return Response.json({ one, missing, streamed, many: [...many], listed: keys.map((key) => key.name), refused, kind: kv.constructor.name });
    `),
    );
    const answer = await (await fetch(engine.url)).json();
    expect(answer).toMatchObject({
      one: { value: "hello", metadata: { x: 1 } },
      missing: null,
      streamed: "streamed",
      many: [
        ["k:é/ü", "hello"],
        ["missing", null],
        ["stream", "streamed"],
      ],
      listed: ["k:é/ü"],
      refused: "Error: KV PUT failed: 400 Invalid expiration_ttl of 5. Expiration TTL must be at least 60.",
      kind: "KvNamespace",
    });

    await engine.takeUsage();
    expect(totals()).toMatchObject({
      read: { requests: 6 },
      write: { requests: 2, bytes: 13 },
      delete: { requests: 2 },
      list: { requests: 1 },
    });
    // Two values of single reads, and the JSON of the bulk read.
    expect(totals().read?.bytes).toBeGreaterThanOrEqual(5 + 8);
    expect(counts.every(({ namespace }) => namespace === NAMESPACE)).toBe(true);
    expect(counts.every(({ hour }) => hour % 3_600_000 === 0)).toBe(true);
  });

  it("is taken once", async () => {
    await engine.apply(running(`return new Response(await env.CACHE.get("k"));`));
    await fetch(engine.url);
    await engine.takeUsage();
    await engine.takeUsage();
    expect(totals()).toEqual({ read: { requests: 1, bytes: 0, times: 1 } });
  });

  it("is not lost when the configuration changes", async () => {
    await engine.apply(running(`return new Response(await env.CACHE.get("k"));`));
    await fetch(engine.url);
    await fetch(engine.url);
    await engine.apply(running(`return new Response("other");`));
    expect(totals()).toEqual({ read: { requests: 2, bytes: 0, times: 2 } });
  });

  it("does not include what this process does itself", async () => {
    await engine.apply(running(`return new Response(await env.CACHE.get("own"));`));
    await engine.store(NAMESPACE).put("own", "value");
    await engine.store(NAMESPACE).list();
    expect(await (await fetch(engine.url)).text()).toBe("value");
    await engine.takeUsage();
    expect(totals()).toEqual({ read: { requests: 1, bytes: 5, times: 1 } });
  });

  it("is not counted unless it is asked for, and then bindings lead to their namespaces directly", async () => {
    const plain = await startEngine();
    try {
      await plain.apply(running(`await env.CACHE.put("k", "v"); return new Response(await env.CACHE.get("k"));`));
      expect(await (await fetch(plain.url)).text()).toBe("v");
      await plain.takeUsage();
      expect(counts).toEqual([]);
    } finally {
      await plain.dispose();
    }
  });

  it("is not counted with a Miniflare that is built differently", async () => {
    expect(metering({ ...(await loadMiniflare()), PLUGINS: { kv: {} } } as never).isPossible).toBe(false);
  });
});

function running(body: string): EngineConfig {
  const content = `export default { async fetch(request, env) { ${body} } };`;
  const bindings = [{ type: "kv_namespace" as const, name: "CACHE", namespaceId: NAMESPACE }];
  const version = {
    id: "1",
    code: { modules: [{ name: "index.js", content }] },
    compatibilityDate: "2026-01-01",
    bindings,
  };
  return { namespaces: [{ id: NAMESPACE }], workers: [{ name: "shop", versions: [version] }] };
}

function totals(): Partial<Record<UsageCount["action"], { requests: number; bytes: number; times: number }>> {
  const all: ReturnType<typeof totals> = {};
  for (const { action, requests, bytes, latencies } of counts) {
    const sum = all[action] ?? { requests: 0, bytes: 0, times: 0 };
    const times = Object.values(latencies).reduce((total, each) => total + each, 0);
    all[action] = { requests: sum.requests + requests, bytes: sum.bytes + bytes, times: sum.times + times };
  }
  return all;
}
