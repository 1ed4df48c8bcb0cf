import type { Miniflare } from "miniflare";
import { runWorker } from "../runtime/support/workerd.js";

describe("examples/unstorage in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/unstorage/worker.ts", { kvNamespaces: ["STORAGE"] });
  });
  afterAll(() => worker.dispose());

  const ask = (path: string, init: { method?: string; body?: string } = {}) =>
    worker.dispatchFetch(`https://notes.test${path}`, init);

  it("keeps notes, shows and lists them, under the driver's base", async () => {
    expect((await ask("/today")).status).toBe(404);
    expect((await ask("/today", { method: "PUT", body: "buy milk" })).status).toBe(204);
    expect(await (await ask("/today")).text()).toBe("buy milk");
    expect(await (await ask("/")).json()).toEqual(["today"]);

    const { keys } = await (await worker.getKVNamespace("STORAGE")).list();
    expect(keys).toEqual([{ name: "notes:today", expiration: expect.any(Number) as number }]);
  });
});
