import type { Miniflare } from "miniflare";
import { migrate } from "../../src/local/index.js";
import { runWorker, seed } from "../runtime/support/workerd.js";

describe("examples/cache in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/cache/worker.ts", {
      kvNamespaces: ["CACHE"],
      d1Databases: ["DB"],
      bindings: { ADMIN_KEY: "admin-key", KV_DEFAULTS: '{"CACHE":{"ttlSeconds":300}}' },
    });
    await seed(worker, "CACHE", "examples/cache/seed.json");
    const db = await worker.getD1Database("DB");
    await migrate(db, "examples/cache/migrations");
  });
  afterAll(() => worker.dispose());

  const ask = (path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
    worker.dispatchFetch(`https://shop.test${path}`, init);
  const from = async (path: string) => (await ask(path)).headers.get("X-Cache");
  const admin = { Authorization: "Bearer admin-key" };

  it("serves what was seeded", async () => {
    expect(await (await ask("/products/0")).json()).toEqual({ id: "0", name: "Sample" });
  });

  it("reads the database once, remembers that there is none, and forgets for administrators only", async () => {
    expect([await from("/products/1"), await from("/products/1")]).toEqual(["MISS", "HIT"]);
    expect([(await ask("/products/9")).status, await from("/products/9")]).toEqual([404, "HIT"]);
    expect((await ask("/products/1/cache", { method: "DELETE" })).status).toBe(403);
    const forgotten = await ask("/products/1/cache", { method: "DELETE", headers: admin });
    expect(await forgotten.json()).toEqual({ invalidated: true });
    expect(await from("/products/1")).toBe("MISS");
  });

  it("shows a new name at once", async () => {
    const init = { method: "PUT", headers: admin, body: JSON.stringify({ name: "Toaster" }) };
    expect(await (await ask("/products/2", init)).json()).toEqual({ id: "2", name: "Toaster" });
    const response = await ask("/products/2");
    expect([response.headers.get("X-Cache"), await response.json()]).toEqual(["HIT", { id: "2", name: "Toaster" }]);
  });
});
