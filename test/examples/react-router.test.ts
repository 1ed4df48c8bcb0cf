import type { Miniflare } from "miniflare";
import { runWorker } from "../runtime/support/workerd.js";

describe("examples/react-router in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/react-router/worker.ts", {
      kvNamespaces: ["SESSIONS"],
      bindings: { COOKIE_SECRET: "a secret" },
    });
  });
  afterAll(() => worker.dispose());

  const items = async (cookie = "") => {
    const response = await worker.dispatchFetch("https://cart.test/", { headers: { Cookie: cookie } });
    return response.json();
  };
  /** Sends the form and returns the cookie that comes back. */
  const post = async (form: Record<string, string>, cookie = "") => {
    const response = await worker.dispatchFetch("https://cart.test/", {
      method: "POST",
      headers: { Cookie: cookie, "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
      redirect: "manual",
    });
    expect(response.status).toBe(302);
    return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  };
  const stored = async () => (await (await worker.getKVNamespace("SESSIONS")).list()).keys.length;

  it("keeps what a visitor adds, for that visitor alone, until the session ends", async () => {
    expect([await items(), await stored()]).toEqual([{ items: [] }, 0]);
    const cookie = await post({ item: "kettle" });
    expect(await items(cookie)).toEqual({ items: ["kettle"] });
    await post({ item: "teapot" }, cookie);
    expect([await items(cookie), await items()]).toEqual([{ items: ["kettle", "teapot"] }, { items: [] }]);
    expect(await items(cookie.replace(/=.{8}/, "=12345678"))).toEqual({ items: [] });

    await post({}, cookie);
    expect([await items(cookie), await stored()]).toEqual([{ items: [] }, 0]);
  });
});
