import type { Miniflare } from "miniflare";
import { runWorker } from "../runtime/support/workerd.js";

describe("examples/keyv in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/keyv/worker.ts", {
      kvNamespaces: ["CACHE"],
      compatibilityFlags: ["nodejs_compat"],
    });
  });
  afterAll(() => worker.dispose());

  const ask = (path: string, init: { method?: string; body?: string } = {}) =>
    worker.dispatchFetch(`https://rates.test${path}`, init);

  it("keeps a rate for an hour, shows it and forgets it, under Keyv's namespace", async () => {
    expect((await ask("/EUR")).status).toBe(404);
    expect((await ask("/EUR", { method: "PUT", body: "much" })).status).toBe(422);
    expect((await ask("/EUR", { method: "PUT", body: "1.08" })).status).toBe(204);
    expect(await (await ask("/EUR")).json()).toEqual({ currency: "EUR", rate: 1.08 });

    const { keys } = await (await worker.getKVNamespace("CACHE")).list();
    expect(keys).toEqual([{ name: "rates:EUR", expiration: expect.any(Number) as number }]);
    expect((await ask("/EUR", { method: "DELETE" })).status).toBe(204);
    expect((await ask("/EUR", { method: "DELETE" })).status).toBe(404);
  });
});
