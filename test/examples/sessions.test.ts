import type { Miniflare } from "miniflare";
import { runWorker, seed } from "../runtime/support/workerd.js";

describe("examples/sessions in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/sessions/worker.ts", { kvNamespaces: ["SESSIONS", "USERS"] });
    await seed(worker, "USERS", "examples/sessions/seed.json");
  });
  afterAll(() => worker.dispose());

  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    worker.dispatchFetch(`https://shop.test${path}`, { method, headers });

  it("logs in with an API key, shows who is logged in, and logs out", async () => {
    const login = await ask("POST", "/sessions", { Authorization: "Bearer dev-key-alice" });
    const Cookie = login.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    expect([login.status, Cookie]).toEqual([201, expect.stringMatching(/^__Host-sid=[\w-]{32}$/)]);

    const me = await ask("GET", "/me", { Cookie });
    expect([me.status, await me.json()]).toEqual([200, { userId: "alice", roles: ["admin"] }]);

    expect((await ask("DELETE", "/sessions", { Cookie })).status).toBe(204);
    expect((await ask("GET", "/me", { Cookie })).status).toBe(401);
  });

  it("turns strangers away", async () => {
    expect((await ask("POST", "/sessions", { Authorization: "Bearer guess" })).status).toBe(401);
    expect((await ask("GET", "/me")).status).toBe(401);
    expect((await ask("GET", "/nowhere")).status).toBe(404);
  });
});
