import { z } from "zod";
import { Cache, KvStore, Preferences, SessionStore } from "../../src/runtime/index.js";
import { copyOf } from "../../src/runtime/merge.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { testClock } from "./support/clock.js";

/** Not the same when applied twice, and asynchronous: the worst a Standard Schema can be. */
const exclaimed = z.object({ name: z.string().transform((name) => Promise.resolve(`${name}!`)) });
const counted = z.object({ visits: z.string().transform(Number) });

describe("a schema that makes something else of what is stored", () => {
  it("sees a session's data once, however often it is renewed, changed elsewhere or rotated", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const sessions = new SessionStore<{ name: string }>(kv, { now: clock, schema: exclaimed, refreshAfter: 0 });
    const { token, session } = await sessions.create({ name: "Ada" });
    clock.advance(5);
    const refreshed = await sessions.refresh(token, { force: true });
    clock.advance(5);
    const rotated = await sessions.rotate(token);
    const patched = await sessions.update(rotated?.token ?? "", {});

    const names = [session, refreshed, rotated?.session, patched].map((each) => each?.data.name);
    expect(names).toEqual(["Ada!", "Ada!", "Ada!", "Ada!"]);
  });

  it("does not log users out when what it makes would not match it", async () => {
    const clock = testClock();
    const sessions = new SessionStore<object>(new MemoryKV({ clock }), { now: clock, schema: counted });
    const { token } = await sessions.create({ visits: "7" });
    clock.advance(50_000);
    await sessions.refresh(token);

    expect((await sessions.get(token))?.data).toEqual({ visits: 7 });
  });

  it("sees a cached value once, also after it was expired", async () => {
    const clock = testClock();
    const kv = new MemoryKV({ clock });
    const settings = { now: clock, jitter: 0, earlyRefresh: 0, swr: 60, waitUntil: () => undefined };
    const cache = new Cache(kv, { ...settings, schema: exclaimed });
    const load = () => ({ name: "Ada" });
    expect(await cache.getOrSet("a", load)).toEqual({ name: "Ada!" });
    await cache.expire("a");

    expect(await cache.getOrSet("a", load)).toEqual({ name: "Ada!" });
    expect(await kv.get("a")).toBe('{"name":"Ada"}');
  });

  it("does not share what it fills in", async () => {
    const defaults = { tags: ["new"] };
    const schema = {
      "~standard": { version: 1 as const, vendor: "test", validate: () => ({ value: { list: defaults } }) },
    };
    const kv = new MemoryKV();
    await kv.put("a", "{}");
    await kv.put("prefs:a", "{}");
    const store = new KvStore<{ list: { tags: string[] } }>(kv, { schema });
    const preferences = new Preferences<{ list: { tags: string[] } }>(kv, { defaults: { list: defaults }, schema });
    for (const read of [() => store.get("a"), () => preferences.get("a")]) {
      (await read())?.list.tags.push("mine");
      expect(await read()).toEqual({ list: { tags: ["new"] } });
    }
  });

  it("may make objects of a class, which stay what they are", async () => {
    class Price {
      constructor(readonly cents: number) {}
      get euros() {
        return this.cents / 100;
      }
    }
    const schema = z.number().transform((cents) => new Price(cents));
    const kv = new MemoryKV();
    const cache = new Cache(kv, { swr: 60, staleIfError: 60 });
    const load = () => 250 as unknown as Price;
    expect((await cache.getOrSet("a", load, { schema: schema })).euros).toBe(2.5);
    expect((await cache.getOrSet("a", load, { schema: schema })).euros).toBe(2.5);

    const url = new URL("https://example.com");
    expect(copyOf({ url, at: new Date(0) })).toEqual({ url, at: new Date(0) });
  });
});
