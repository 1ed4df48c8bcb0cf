import { z } from "zod";
import { sessionRoutes } from "../../../src/runtime/hono.js";
import { type Session, type SessionOptions, SessionStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { testClock } from "../support/clock.js";
import { localWorker, names, secondsLeft, stored } from "../support/local-kv.js";

interface User {
  userId: string;
  email: string;
  roles: string[];
}

const DAY = 86_400;
const ada: User = { userId: "1", email: "ada@example.com", roles: ["editor"] };

/** Sessions, on Miniflare's KV; in memory where days pass. */
describe("SessionStore and sessionRoutes in workerd", () => {
  const local = localWorker();

  function inMemory(options: SessionOptions<User> = {}) {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    return { clock, kv, sessions: new SessionStore<User>(kv, { now: clock, ...options }) };
  }

  /** The routes, where a caller who says `ada` is Ada, without any role. */
  async function routes() {
    const kv = await local.kv();
    const app = sessionRoutes(new SessionStore<User>(kv), {
      authenticate: (c) =>
        Promise.resolve(c.req.header("Authorization") === "ada" ? { ...ada, roles: [] } : c.json({}, 401)),
      admin: (c) => c.req.header("Authorization") === "admin",
    });
    const response = await app.request("/", {
      method: "POST",
      headers: { Authorization: "ada" },
      body: '{"roles":["admin"]}',
    });
    const body = (await response.json()) as { sessionId: string; expiresAt: string };
    const Cookie = response.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    return { kv, app, response, body, Cookie };
  }

  it("a stored session has its user, its roles, a beginning and an end", async () => {
    const kv = await local.kv();
    const { session } = await new SessionStore<User>(kv).create(ada);

    expect(await stored(kv, `session:${session.id}`)).toEqual({
      data: ada,
      createdAt: session.createdAt,
      expiresAt: session.expiresAt,
      renewedAt: session.renewedAt,
    });
  });

  it("a session lives 24 hours", async () => {
    const kv = await local.kv();
    const { session } = await new SessionStore<User>(kv).create(ada);

    expect(session.expiresAt - session.createdAt).toBe(DAY * 1000);
    expect(Object.values(await secondsLeft(kv))).toEqual([DAY]);
  });

  it("POST answers 201 with an id and an end, and stores with a TTL", async () => {
    const { response, body, kv, Cookie } = await routes();

    expect(response.status).toBe(201);
    expect(body).toEqual({ sessionId: expect.any(String) as string, expiresAt: expect.any(String) as string });
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
    expect(await secondsLeft(kv)).toEqual({ [`session:${body.sessionId}`]: DAY });
    expect(Cookie).toMatch(/^__Host-sid=[\w-]{32}$/);
  });

  it("a session has no roles unless authenticate grants some, and a schema may fill them in for old sessions", async () => {
    const { app, Cookie } = await routes();
    expect(await (await app.request("/current", { headers: { Cookie } })).json()).toMatchObject({ roles: [] });

    const kv = await local.kv();
    const schema = z.object({ userId: z.string(), roles: z.array(z.string()).default([]) });
    const sessions = new SessionStore(kv, { schema, hashTokens: false });
    const token = "x".repeat(32);
    await kv.put(`session:${token}`, JSON.stringify({ userId: "1", createdAt: 0, expiresAt: Date.now() + 60_000 }));
    expect((await sessions.get(token))?.data).toEqual({ userId: "1", roles: [] });
  });

  it("GET shows a session, or answers 404 with an error", async () => {
    const { app, body, Cookie } = await routes();
    const byId = await app.request(`/${body.sessionId}`, { headers: { Authorization: "admin" } });
    const missing = await app.request("/current");

    expect(await (await app.request("/current", { headers: { Cookie } })).json()).toMatchObject({ userId: "1" });
    expect(await byId.json()).toMatchObject({ userId: "1", email: "ada@example.com" });
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: expect.any(String) as string }]);
  });

  it("DELETE ends a session with 204", async () => {
    const { app, kv, Cookie } = await routes();

    expect((await app.request("/current", { method: "DELETE", headers: { Cookie } })).status).toBe(204);
    expect(await names(kv)).toEqual([]);
  });

  it("no token, an unknown one and an expired one are no session", async () => {
    const { sessions, clock } = inMemory();
    const { token } = await sessions.create(ada);

    expect([await sessions.get(null), await sessions.get("x".repeat(32))]).toEqual([null, null]);
    expect(await sessions.get(token)).not.toBeNull();
    clock.advance(DAY);
    expect(await sessions.get(token)).toBeNull();
  });

  it("sessions of 7 days, with times in milliseconds, that others stored under a UUID", async () => {
    const { sessions, clock, kv } = inMemory({ ttl: 7 * DAY, hashTokens: false });
    const token = crypto.randomUUID();
    await kv.put(
      `session:${token}`,
      JSON.stringify({ ...ada, createdAt: clock(), expiresAt: clock() + 7 * DAY * 1000 }),
    );
    const expected: Partial<Session<User>> = { data: ada, expiresAt: clock() + 7 * DAY * 1000 };

    expect(await sessions.get(token)).toMatchObject(expected);
    expect((await sessions.create(ada)).session).toMatchObject(expected);
  });

  it("create makes a session that its token finds again", async () => {
    const sessions = new SessionStore<User>(await local.kv());
    const { token, session } = await sessions.create(ada);

    expect(await sessions.get(token)).toEqual(session);
  });

  it("get and destroy by token", async () => {
    const sessions = new SessionStore<User>(await local.kv());
    const first = await sessions.create(ada);
    const second = await sessions.create({ ...ada, userId: "2" });
    await sessions.destroy(first.token);

    expect(await sessions.get(first.token)).toBeNull();
    expect((await sessions.get(second.token))?.data.userId).toBe("2");
  });

  it("tokens are random, more so than a UUID, and not what is stored", async () => {
    const kv = await local.kv();
    const sessions = new SessionStore<User>(kv);
    const tokens = new Set<string>();
    for (let index = 0; index < 5; index++) tokens.add((await sessions.create(ada)).token);

    expect(tokens.size).toBe(5);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{32}$/);
    expect((await names(kv)).filter((name) => tokens.has(name.replace("session:", "")))).toEqual([]);
  });

  it("get returns the data as it was", async () => {
    const data = { nested: { list: [1, null, "é"] }, empty: "" };
    const sessions = new SessionStore<typeof data>(await local.kv());

    expect((await sessions.get((await sessions.create(data)).token))?.data).toEqual(data);
  });

  it("destroy accepts unknown tokens and garbage", async () => {
    const kv = await local.kv();
    await kv.put("session:other", "1");
    const sessions = new SessionStore<User>(kv);
    for (const token of ["x".repeat(32), "", "../other"]) await sessions.destroy(token);

    expect(await names(kv)).toEqual(["session:other"]);
  });

  it("refresh slides 24 hours, returns null for an unknown session, and writes only when due", async () => {
    const { sessions, clock, kv } = inMemory();
    const { token } = await sessions.create(ada);
    await sessions.refresh(token);
    expect(kv.counts.writes).toBe(1);
    clock.advance(DAY / 2);

    expect((await sessions.refresh(token))?.expiresAt).toBe(clock() + DAY * 1000);
    expect(kv.counts.writes).toBe(2);
    expect(await sessions.refresh("x".repeat(32))).toBeNull();
  });
});
