import { type Session, type SessionOptions, SessionStore } from "../../../src/runtime/index.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { background } from "../support/background.js";
import { testClock } from "../support/clock.js";

interface User {
  userId: string;
  role: string;
}

const ada: User = { userId: "ada", role: "admin" };

/** The same sessions in two locations, each of which sees what it last read for 30 seconds. */
function setUp(options: SessionOptions<User> = {}) {
  const clock = testClock();
  const kv = new MemoryKV({ clock, eventual: true });
  const later = background();
  const all = { now: clock, waitUntil: later.waitUntil, onError: () => undefined, ...options };
  return {
    clock,
    kv,
    later,
    here: new SessionStore<User>(kv, all),
    there: new SessionStore<User>(kv.at("there"), all),
  };
}

describe("SessionStore in two locations", () => {
  it("does not bring back a session that ended elsewhere, by update, rotate, refresh or touch", async () => {
    const { clock, kv, later, here, there } = setUp();
    const { token } = await here.create(ada);
    clock.advance(50_000);
    const seen = (await there.get(token)) as Session<User>;
    await here.destroy(token);

    expect(await there.update(token, { role: "none" })).toBeNull();
    expect(await there.rotate(token)).toBeNull();
    expect(await there.refresh(token, { force: true })).toBeNull();
    there.touch(seen, token);
    await later.settled();
    clock.advance(30);
    expect([await there.get(token), (await kv.list()).keys]).toEqual([null, []]);
  });

  it("does not undo a change that this location has not seen yet", async () => {
    const { clock, here, there } = setUp();
    const { token } = await here.create(ada);
    clock.advance(50_000);
    await there.get(token);
    await here.update(token, { role: "none" });

    await expect(there.update(token, { userId: "ada" })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
    });
    await expect(there.rotate(token)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect((await there.refresh(token))?.data.role).toBe("admin");
    clock.advance(30);
    expect((await there.refresh(token))?.data.role).toBe("none");
    expect((await here.get(token))?.data.role).toBe("none");
  });

  it("changes another session by its id, under the same token and with the same care", async () => {
    const { clock, kv, here, there } = setUp();
    const { token, session } = await here.create(ada);
    clock.advance(1000);
    kv.resetCounts();
    expect(await here.updateById(session.id, { role: "none" })).toMatchObject({
      data: { userId: "ada", role: "none" },
    });
    expect(kv.counts).toMatchObject({ reads: 1, writes: 1, deletes: 0, lists: 0 });
    expect(await here.get(token)).toMatchObject({
      id: session.id,
      expiresAt: session.expiresAt,
      data: { role: "none" },
    });

    expect((await there.getById(session.id))?.data.role).toBe("none");
    await here.destroy(token);
    expect(await there.updateById(session.id, { role: "admin" })).toBeNull();
    expect(await here.updateById("no such id", { role: "admin" })).toBeNull();
    expect((await kv.list()).keys).toEqual([]);
  });

  it("keeps what the request changed when it touches afterwards", async () => {
    const { clock, later, here } = setUp();
    const { token } = await here.create(ada);
    clock.advance(50_000);
    const session = (await here.get(token)) as Session<User>;
    await here.update(token, { role: "none" });
    here.touch(session, token);
    await later.settled();

    expect(await here.get(token)).toMatchObject({ data: { role: "none" }, renewedAt: clock() });
  });

  it("renews after half of a session's own life, and not when its end cannot move", async () => {
    const { clock, here } = setUp({ ttl: 86_400, absoluteTtl: 2000 });
    const { session } = await here.create(ada, { ttl: 1800 });
    clock.advance(899);
    expect(here.isDue(session)).toBe(false);
    clock.advance(1);
    expect(here.isDue(session)).toBe(true);
    expect(here.isDue({ ...session, expiresAt: session.createdAt + 2_000_000 })).toBe(false);
  });

  it("lists and ends all sessions of a user, and of nobody else", async () => {
    const { here, kv } = setUp({ userId: ({ userId }) => userId });
    const [first, second] = [await here.create(ada), await here.create(ada)];
    const other = await here.create({ ...ada, userId: "bob" });
    kv.resetCounts();

    expect((await here.listOf("ada")).map(({ id }) => id).sort()).toEqual([first.session.id, second.session.id].sort());
    expect(kv.counts).toMatchObject({ reads: 0, lists: 1 });
    expect(await here.destroyAll("ada", { except: second.token })).toBe(1);
    expect([await here.get(first.token), (await here.get(second.token))?.data.userId]).toEqual([null, "ada"]);
    expect(await here.get(other.token)).not.toBeNull();
    await expect(setUp().here.listOf("ada")).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(here.destroyAll(undefined as never)).rejects.toMatchObject({ code: "INVALID_KEY" });
  });

  it("returns the new session although the old one cannot be deleted", async () => {
    const { here, kv } = setUp();
    const { token } = await here.create(ada);
    kv.fail("delete", 503);
    const next = await here.rotate(token);

    expect(next?.token).not.toBe(token);
  });

  it.each([new Map([["a", 1]]), 1n, () => 1])("refuses data that JSON cannot carry before it writes", async (role) => {
    const { here, kv } = setUp();

    await expect(here.create({ userId: "ada", role: role as never })).rejects.toMatchObject({ code: "INVALID_VALUE" });
    expect(kv.counts.writes).toBe(0);
  });
});
