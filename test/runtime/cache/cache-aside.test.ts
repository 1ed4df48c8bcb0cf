import { Hono } from "hono";
import { cacheRoute, invalidateRoute } from "../../../src/runtime/hono.js";
import { Cache, keys } from "../../../src/runtime/index.js";
import { localWorker, names, secondsLeft } from "../support/local-kv.js";

interface User {
  id: string;
  name: string;
}

/** A cache before a source, on Miniflare's KV and D1. */
describe("a cache in front of a source", () => {
  const local = localWorker();

  async function api() {
    const kv = await local.kv();
    const cache = new Cache(kv, { jitter: 0 });
    const load = jest.fn((id: string) => (id === "9" ? null : { id }));
    const app = new Hono()
      .get(
        "/api/products/:id",
        cacheRoute<object | null>(cache, {
          key: (c) => `product:${c.req.param("id") ?? ""}`,
          load: (c) => load(c.req.param("id") ?? ""),
          ttl: 300,
        }),
      )
      .delete(
        "/api/products/:id/cache",
        invalidateRoute(cache, {
          key: (c) => `product:${c.req.param("id") ?? ""}`,
          authorize: (c) => c.req.header("Authorization") === "admin",
        }),
      );
    return { kv, load, app };
  }

  async function users() {
    const db = await local.database();
    await db.exec("CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT)");
    await db.exec("INSERT OR REPLACE INTO users VALUES ('1', 'Ada')");
    const kv = await local.kv();
    const cache = new Cache(kv, { jitter: 0, prefix: "cache" });
    let queries = 0;
    const select = (id: string) => {
      queries++;
      return db.prepare("SELECT * FROM users WHERE id = ?").bind(id).first<User>();
    };
    const rename = async (id: string, name: string) => {
      await db.prepare("UPDATE users SET name = ? WHERE id = ?").bind(name, id).run();
      return select(id);
    };
    return { kv, cache, select, rename, queries: () => queries };
  }

  it("GET /api/products/:id answers from product:{id} for 300 seconds", async () => {
    const { app, kv, load } = await api();
    const first = await app.request("/api/products/1");
    const second = await app.request("/api/products/1");

    expect([await first.json(), await second.json()]).toEqual([{ id: "1" }, { id: "1" }]);
    expect([first.headers.get("X-Cache"), second.headers.get("X-Cache")]).toEqual(["MISS", "HIT"]);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await secondsLeft(kv)).toEqual({ "product:1": 300 });
    expect((await app.request("/api/products/9")).status).toBe(404);
  });

  it("DELETE /api/products/:id/cache answers {invalidated:true}, to those who may", async () => {
    const { app, kv } = await api();
    await app.request("/api/products/1");
    const init = { method: "DELETE" };
    expect((await app.request("/api/products/1/cache", init)).status).toBe(403);
    const response = await app.request("/api/products/1/cache", { ...init, headers: { Authorization: "admin" } });

    expect(await response.json()).toEqual({ invalidated: true });
    expect(await names(kv)).toEqual([]);
  });

  it("getOrSet is on everything that is cached, under a prefix", async () => {
    const { cache, kv } = await users();
    const load = jest.fn(() => Promise.resolve("value"));

    expect([await cache.getOrSet("a", load), await cache.getOrSet("a", load)]).toEqual(["value", "value"]);
    expect([load.mock.calls.length, await names(kv)]).toEqual([1, ["cache:a"]]);
  });

  it("a row of D1 is cached when there is one, and its absence only when asked for", async () => {
    const { cache, select, kv, queries } = await users();
    const find = (id: string, negativeTtl = 0) => cache.getOrSet(keys.user(id), () => select(id), { negativeTtl });

    expect([await find("1"), await find("1")]).toEqual([
      { id: "1", name: "Ada" },
      { id: "1", name: "Ada" },
    ]);
    expect([await find("2"), await find("2"), queries()]).toEqual([null, null, 3]);
    expect(await names(kv)).toEqual(["cache:user:1"]);
    expect([await find("2", 60), await find("2", 60), queries()]).toEqual([null, null, 4]);
  });

  it("writing through updates the row, then the cache for an hour", async () => {
    const { cache, select, rename, kv } = await users();
    await cache.getOrSet(keys.user(1), () => select("1"));
    expect(await cache.writeThrough(keys.user(1), () => rename("1", "Grace"))).toEqual({ id: "1", name: "Grace" });

    expect(await cache.get(keys.user(1))).toEqual({ id: "1", name: "Grace" });
    expect(await secondsLeft(kv)).toEqual({ "cache:user:1": 3600 });
    expect(await cache.writeThrough(keys.user(2), () => rename("2", "Nobody"))).toBeNull();
    expect(await names(kv)).toEqual(["cache:user:1"]);
  });

  it("a user's entries are invalidated together", async () => {
    const { cache, kv } = await users();
    for (const key of ["user:1", "user:1:orders", "user:2"]) await cache.set(key, 1);
    await cache.invalidatePrefix("user:1");

    expect(await names(kv)).toEqual(["cache:user:2"]);
  });
});
