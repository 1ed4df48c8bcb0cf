import { createCookie, createSessionStorage } from "react-router";
import { sessionStrategy } from "../../../src/runtime/react-router.js";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { localWorker, names } from "../support/local-kv.js";
import { testClock } from "../support/clock.js";

const cookie = createCookie("__session", { secrets: ["s3cret"], httpOnly: true, sameSite: "lax", path: "/" });
const sent = (setCookie: string) => setCookie.split(";", 1)[0] ?? "";

/** What React Router's own session storages do, with its createSessionStorage over Miniflare's KV. */
describe("sessionStrategy behind createSessionStorage", () => {
  const local = localWorker();

  it("creates, reads, changes and destroys a session", async () => {
    const kv = await local.kv();
    const { getSession, commitSession, destroySession } = createSessionStorage({ cookie, ...sessionStrategy(kv) });
    const first = await getSession(undefined);
    first.set("user", "ada");
    first.flash("notice", "welcome");
    const header = sent(await commitSession(first));
    const second = await getSession(header);
    expect([second.get("user"), second.get("notice"), second.get("notice")]).toEqual(["ada", "welcome", undefined]);
    second.set("user", "grace");
    await commitSession(second);
    const third = await getSession(header);

    expect([third.get("user"), third.get("notice")]).toEqual(["grace", undefined]);
    expect(await names(kv)).toHaveLength(1);
    await destroySession(third);
    expect([await names(kv), (await getSession(header)).has("user")]).toEqual([[], false]);
  });

  it("stores ids as hashes, and takes no id that it did not make", async () => {
    const kv = await local.kv();
    const strategy = sessionStrategy(kv);
    const id = await strategy.createData({});

    expect((await names(kv))[0]).not.toContain(id);
    expect(await strategy.readData("../other")).toBeNull();
    await expect(strategy.updateData("../other", {})).rejects.toMatchObject({ code: "INVALID_KEY" });
    expect(await names(kv)).toHaveLength(1);
  });

  it("ends a session when its cookie does, or after a day without one, and starts again with each commit", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const strategy = sessionStrategy(kv, { now: clock });
    const id = await strategy.createData({ a: 1 });
    const lasts = async () => ((await kv.list()).keys[0]?.expiration ?? 0) - clock() / 1000;
    expect(await lasts()).toBe(86_400);
    await strategy.updateData(id, { a: 2 }, new Date(clock() + 3600_000));
    expect(await lasts()).toBe(3600);
    clock.advance(3599);
    await strategy.updateData(id, { a: 3 }, new Date(clock() + 1000));
    expect(await lasts()).toBe(60);
    clock.advance(60);
    expect(await strategy.readData(id)).toBeNull();
  });

  it("stores under the id of an expired session whose cookie the browser still sends", async () => {
    const kv = new MemoryKV();
    const strategy = sessionStrategy(kv);
    const id = await strategy.createData({ user: "ada" });
    for (const { name } of (await kv.list()).keys) await kv.delete(name);
    expect(await strategy.readData(id)).toBeNull();
    await strategy.updateData(id, { user: "ada, again" });

    expect(await strategy.readData(id)).toEqual({ user: "ada, again" });
  });

  it("does not bring back a session that another request ended", async () => {
    const kv = new MemoryKV();
    const [one, two] = [sessionStrategy(kv), sessionStrategy(kv.at("there"))];
    const id = await one.createData({ user: "ada" });
    await two.readData(id);
    await one.deleteData(id);
    await two.updateData(id, { user: "ada", visits: 2 });

    expect((await kv.list()).keys).toEqual([]);
  });
});
