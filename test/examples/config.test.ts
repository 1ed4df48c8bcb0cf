import type { Miniflare } from "miniflare";
import { runWorker, seed } from "../runtime/support/workerd.js";

describe("examples/config in workerd", () => {
  let worker: Miniflare;
  beforeEach(async () => {
    worker = await runWorker("examples/config/worker.ts", { kvNamespaces: ["CONFIG"] });
    await seed(worker, "CONFIG", "examples/config/seed.json");
  });
  afterEach(() => worker.dispose());

  const ask = (path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
    worker.dispatchFetch(`https://shop.test${path}`, init);

  it("lays what is stored over the defaults", async () => {
    expect(await (await ask("/settings")).json()).toEqual({
      maintenanceMode: false,
      banner: "",
      rateLimits: { requests: 50, windowSeconds: 60 },
    });
  });

  it("closes for maintenance, except for health checks", async () => {
    const kv = await worker.getKVNamespace("CONFIG");
    await kv.put("config:app", '{"maintenanceMode":true}');
    const closed = await ask("/settings");

    expect([closed.status, closed.headers.get("Retry-After")]).toEqual([503, "300"]);
    expect((await ask("/health")).status).toBe(200);
  });

  it("keeps each user's preferences", async () => {
    const headers = { "X-User": "ada" };
    const patched = await ask("/preferences", { method: "PATCH", headers, body: '{"theme":"dark"}' });

    expect(await patched.json()).toEqual({ theme: "dark", language: "en", notifications: true });
    expect((await ask("/preferences")).status).toBe(401);
  });
});
