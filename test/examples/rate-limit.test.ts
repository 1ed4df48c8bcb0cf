import type { Miniflare } from "miniflare";
import { runWorker, seed } from "../runtime/support/workerd.js";

describe("examples/rate-limit in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/rate-limit/worker.ts", {
      kvNamespaces: ["LIMITS"],
      ratelimits: { LOGINS: { simple: { limit: 5, period: 60 } } },
    });
    await seed(worker, "LIMITS", "examples/rate-limit/seed.json");
  });
  afterAll(() => worker.dispose());

  const ask = (method: string, path: string, address: string) =>
    worker.dispatchFetch(`https://shop.test${path}`, { method, headers: { "CF-Connecting-IP": address } });
  const passed = async (count: number, method: string, path: string, address: string) => {
    const all = await Promise.all(Array.from({ length: count }, () => ask(method, path, address)));
    return all.filter(({ status }) => status !== 429).length;
  };

  it("lets 20 of 40 searches through, with headers that say so", async () => {
    const through = await passed(40, "GET", "/api/search", "203.0.113.1");
    // 21 when a window ends meanwhile: of what it had counted, a little has slid out of reach.
    expect([20, 21]).toContain(through);
    const limited = await ask("GET", "/api/search", "203.0.113.1");
    expect([limited.status, limited.headers.get("RateLimit-Policy")]).toEqual([429, "20;w=60"]);
    expect((await ask("GET", "/api/search", "203.0.113.2")).status).toBe(200);
  });

  it("counts a whole IPv6 /64 as one", async () => {
    await passed(20, "GET", "/api/search", "2001:db8:1:2::1");

    expect((await ask("GET", "/api/search", "2001:db8:1:2::2")).status).toBe(429);
    expect((await ask("GET", "/api/search", "2001:db8:1:3::1")).status).toBe(200);
  });

  it("limits logins by Cloudflare's own binding", async () => {
    expect(await passed(12, "POST", "/login", "203.0.113.3")).toBe(5);
  });

  it("turns away who is on the list", async () => {
    expect((await ask("GET", "/api/search", "203.0.113.66")).status).toBe(403);
  });
});
