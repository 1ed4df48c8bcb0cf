import { Hono } from "hono";
import { sessionMiddleware, sessionRoutes } from "../../../src/runtime/hono.js";
import { SessionStore } from "../../../src/runtime/index.js";
import { localWorker, names, stored } from "../support/local-kv.js";

interface Data {
  sub: string;
}

/** What @hono/session shows of sessions in Workers KV: get, update, delete, over Miniflare's. */
describe("sessions as @hono/session has them", () => {
  const local = localWorker();

  async function setUp() {
    const kv = await local.kv();
    const sessions = new SessionStore<Data>(kv);
    const { token, session } = await sessions.create({ sub: "subject" });
    const app = new Hono()
      .use("/session", sessionMiddleware(sessions, { required: true }))
      .get("/session", (c) => c.json(c.get("session")?.data ?? null))
      .put("/session", async (c) => {
        const { sub } = await c.req.json<Data>();
        return c.json((await sessions.update(c.get("sessionToken") ?? "", { sub }))?.data ?? null);
      })
      .route("/sessions", sessionRoutes(sessions, { authenticate: (c) => Promise.resolve(c.body(null, 401)) }));
    const ask = (path: string, init: RequestInit = {}) =>
      app.request(path, { ...init, headers: { Cookie: `__Host-sid=${token}` } });
    return { kv, key: `session:${session.id}`, ask, app };
  }

  it("gets session data", async () => {
    const { ask } = await setUp();
    const response = await ask("/session");

    expect([response.status, await response.json()]).toEqual([200, { sub: "subject" }]);
  });

  it("updates session data", async () => {
    const { ask, kv, key } = await setUp();
    const response = await ask("/session", { method: "PUT", body: '{"sub":"new-subject"}' });

    expect([response.status, await response.json()]).toEqual([200, { sub: "new-subject" }]);
    expect(await stored(kv, key)).toMatchObject({ data: { sub: "new-subject" } });
  });

  it("deletes session data", async () => {
    const { ask, kv } = await setUp();

    expect((await ask("/sessions/current", { method: "DELETE" })).status).toBe(204);
    expect(await names(kv)).toEqual([]);
    expect((await ask("/session")).status).toBe(401);
  });
});
