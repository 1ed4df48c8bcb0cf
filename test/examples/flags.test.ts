import type { Miniflare } from "miniflare";
import { runWorker, seed } from "../runtime/support/workerd.js";

describe("examples/flags in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/flags/worker.ts", {
      kvNamespaces: ["FLAGS"],
      bindings: { ADMIN_KEY: "admin-key" },
    });
    await seed(worker, "FLAGS", "examples/flags/seed.json");
  });
  afterAll(() => worker.dispose());

  const ask = (path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
    worker.dispatchFetch(`https://shop.test${path}`, init);

  it("rolls out to the users listed, and to a tenth of the others", async () => {
    const texts = await Promise.all(
      ["alice", ...Array.from({ length: 200 }, (_, i) => `user-${i}`)].map(async (user) =>
        (await ask(`/checkout?userId=${user}`)).text(),
      ),
    );

    expect(texts[0]).toBe("the new checkout\n");
    expect(Math.abs(texts.filter((text) => text === "the new checkout\n").length - 20)).toBeLessThan(15);
    expect(await (await ask("/checkout")).text()).toBe("the checkout everyone knows\n");
  });

  it("lets everyone see names, and administrators change flags", async () => {
    expect(await (await ask("/features")).json()).toEqual([
      { name: "dark-mode", enabled: true },
      { name: "new-checkout", enabled: true },
    ]);
    const init = { method: "PUT", body: JSON.stringify({ enabled: false }) };
    expect((await ask("/features/dark-mode", init)).status).toBe(403);
    const changed = await ask("/features/dark-mode", { ...init, headers: { Authorization: "Bearer admin-key" } });
    expect(changed.status).toBe(200);
    expect(await (await ask("/features/dark-mode")).json()).toEqual({ name: "dark-mode", enabled: false });
  });
});
