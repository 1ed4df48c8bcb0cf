import { KvError, type SessionOptions, SessionStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

interface User {
  userId: string;
  email: string;
  roles: string[];
}

const ada: User = { userId: "1", email: "ada@example.com", roles: [] };
const DAY = 86_400;

function setUp(options: SessionOptions<User> = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  return { clock, kv, later, sessions: new SessionStore<User>(kv, { now: clock, ...options }) };
}

describe("SessionStore", () => {
  it("begins a session of a day with its data and times", async () => {
    const { sessions, clock, kv } = setUp();
    const { token, session } = await sessions.create(ada);

    expect(token).toMatch(/^[\w-]{32}$/);
    expect(session).toMatchObject({
      data: ada,
      createdAt: clock(),
      renewedAt: clock(),
      expiresAt: clock() + DAY * 1000,
    });
    expect((await kv.list()).keys).toEqual([{ name: `session:${session.id}`, expiration: clock() / 1000 + DAY }]);
  });

  it("takes another lifetime, in general or for one session", async () => {
    const { sessions, clock } = setUp({ ttl: 7 * DAY });

    expect((await sessions.create(ada)).session.expiresAt).toBe(clock() + 7 * DAY * 1000);
    expect((await sessions.create(ada, { ttl: 600 })).session.expiresAt).toBe(clock() + 600_000);
  });

  it("never stores or names the token itself", async () => {
    const { sessions, kv } = setUp();
    const { token, session } = await sessions.create(ada);
    const [key] = (await kv.list()).keys;

    expect(key?.name).not.toContain(token);
    expect(await kv.get(key?.name ?? "")).not.toContain(token);
    expect(session.id).not.toContain(token);
  });

  it("gets a session by its token", async () => {
    const { sessions } = setUp();
    const { token, session } = await sessions.create(ada);

    expect(await sessions.get(token)).toEqual(session);
  });

  it.each([null, undefined, "", "short", "session:../x/with spaces in it", "x".repeat(129)])(
    "answers null for the token %j without a read",
    async (token) => {
      const { sessions, kv } = setUp();

      expect(await sessions.get(token)).toBeNull();
      expect(kv.counts.subrequests).toBe(0);
    },
  );

  it("answers null for an unknown or expired session", async () => {
    const { sessions, clock, kv } = setUp();
    const { token } = await sessions.create(ada);
    expect(await sessions.get("x".repeat(32))).toBeNull();
    clock.advance(DAY);
    expect(await sessions.get(token)).toBeNull();
    expect(kv.counts.deletes).toBe(0);
  });

  it("ends a session", async () => {
    const { sessions, kv } = setUp();
    const { token } = await sessions.create(ada);
    await sessions.destroy(token);

    expect(await sessions.get(token)).toBeNull();
    expect(kv.counts.deletes).toBe(1);
  });

  it("slides, but writes no more often than every half of the lifetime", async () => {
    const { sessions, clock, kv } = setUp();
    const { token } = await sessions.create(ada);
    clock.advance(DAY / 2 - 1);
    await sessions.refresh(token);
    expect(kv.counts.writes).toBe(1);
    clock.advance(1);

    expect((await sessions.refresh(token))?.expiresAt).toBe(clock() + DAY * 1000);
    expect(kv.counts.writes).toBe(2);
    expect(await sessions.refresh("x".repeat(32))).toBeNull();
    expect(await sessions.refresh(token, { force: true })).not.toBeNull();
    expect(kv.counts.writes).toBe(3);
  });

  it("does not slide past its absolute lifetime", async () => {
    const { sessions, clock } = setUp({ ttl: 600, absoluteTtl: 1000 });
    const { token, session } = await sessions.create(ada);
    clock.advance(590);
    expect((await sessions.refresh(token))?.expiresAt).toBe(session.createdAt + 1_000_000);
    clock.advance(410);
    expect(await sessions.get(token)).toBeNull();
  });

  it("touches after the response, and only when it is time", async () => {
    const { kv, clock, later } = setUp();
    const sessions = new SessionStore<User>(kv, { now: clock, waitUntil: later.waitUntil });
    const { token, session } = await sessions.create(ada);
    sessions.touch(session, token);
    expect(later.size).toBe(0);
    clock.advance(DAY / 2);
    sessions.touch(session, token);
    await later.settled();

    expect((await sessions.get(token))?.expiresAt).toBe(clock() + DAY * 1000);
    expect(kv.counts).toMatchObject({ reads: 2, writes: 2 });
  });

  it("refuses to touch what nobody would wait for", async () => {
    const { sessions } = setUp();
    const { session, token } = await sessions.create(ada);

    expect(() => sessions.touch(session, token)).toThrow("touch needs waitUntil: pass it, or await refresh() instead");
  });

  it("updates data by patch or function and keeps the end", async () => {
    const { sessions, clock } = setUp();
    const { token, session } = await sessions.create(ada);
    clock.advance(10);
    await sessions.update(token, { roles: ["admin"] });
    const updated = await sessions.update(token, (data) => ({ ...data, email: "a@example.com" }));

    expect(updated).toEqual({ ...session, data: { userId: "1", email: "a@example.com", roles: ["admin"] } });
    expect(await sessions.get(token)).toEqual(updated);
    expect(await sessions.update("x".repeat(32), {})).toBeNull();
  });

  it("rotates the token and keeps the data and the beginning", async () => {
    const { sessions, kv } = setUp();
    const { token, session } = await sessions.create(ada);
    const before = kv.counts;
    const next = await sessions.rotate(token);
    const { reads, writes, deletes } = kv.counts;

    expect(next?.token).not.toBe(token);
    expect(next?.session).toMatchObject({ data: ada, createdAt: session.createdAt });
    expect([reads - before.reads, writes - before.writes, deletes - before.deletes]).toEqual([1, 1, 1]);
    expect(await sessions.get(token)).toBeNull();
  });

  it("reads sessions that the seeds' code stored: flat, with ISO dates", async () => {
    const { kv, clock } = setUp();
    const sessions = new SessionStore<User>(kv, { now: clock, hashTokens: false });
    const token = "3f0e1c9a-8a55-4c11-9f0e-1c9a8a554c11";
    const createdAt = new Date(clock()).toISOString();
    const expiresAt = new Date(clock() + 1000).toISOString();
    await kv.put(`session:${token}`, JSON.stringify({ ...ada, createdAt, expiresAt }));

    expect(await sessions.get(token)).toMatchObject({ data: ada, createdAt: clock(), expiresAt: clock() + 1000 });
  });

  it.each(["MyApp", "{}", '{"data":{},"createdAt":"soon","expiresAt":1}', "null"])(
    "answers null for the stored value %j, and tells without its content",
    async (value) => {
      const { kv, clock } = setUp();
      const errors: string[] = [];
      const sessions = new SessionStore<User>(kv, {
        now: clock,
        hashTokens: false,
        onError: (error) => errors.push(`${JSON.stringify(error)} ${error.message}`),
      });
      await kv.put(`session:${"x".repeat(32)}`, value);

      expect(await sessions.get("x".repeat(32))).toBeNull();
      expect(errors).toHaveLength(1);
      expect(errors[0]).not.toContain("xxx");
    },
  );

  it("gives and renews the whole lifetime, although the clock goes on meanwhile", async () => {
    let now = Date.UTC(2026, 0, 1);
    const sessions = new SessionStore<User>(new MemoryKV(), { now: () => now++ });
    const { token, session } = await sessions.create(ada);
    const renewed = await sessions.refresh(token, { force: true });
    const rotated = await sessions.rotate(token);

    for (const each of [session, renewed, rotated?.session]) {
      expect(each && each.expiresAt - each.renewedAt).toBe(DAY * 1000);
    }
  });

  it("names no key in an error when keys are tokens", async () => {
    const { kv } = setUp();
    const sessions = new SessionStore<User>(kv, { hashTokens: false });
    for (const op of ["get", "put", "delete"] as const) kv.fail(op, 503);
    const token = "x".repeat(32);
    const errors = await Promise.all(
      [sessions.get(token), sessions.destroy(token), sessions.create(ada)].map((done) =>
        done.catch((error: unknown) => error as KvError),
      ),
    );

    expect(errors.map((error) => error instanceof KvError && [error.code, error.key])).toEqual(
      Array(3).fill(["UNAVAILABLE", undefined]),
    );
  });

  it("throws when KV cannot be read: an outage logs nobody out", async () => {
    const { sessions, kv } = setUp();
    const { token } = await sessions.create(ada);
    kv.fail("get", 503);

    await expect(sessions.get(token)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each([
    [{ ttl: 30 }, "ttl must be 60 to 2147483647 seconds, got 30"],
    [{ absoluteTtl: 1 }, "absoluteTtl must be 60 to 2147483647 seconds, got 1"],
    [{ refreshAfter: -1 }, "refreshAfter must be 0 to 2147483647 seconds, got -1"],
    [{ tokenBytes: 8 }, "tokenBytes must be 16 to 64, got 8"],
    [{ cacheTtl: 5 }, "cacheTtl must be 30 to 2147483647 seconds, got 5"],
  ])("refuses %j when it is made", (options, message) => {
    expect(() => new SessionStore(new MemoryKV(), options)).toThrow(message);
  });
});
