import { Hono } from "hono";
import {
  Cache,
  ConfigStore,
  FeatureFlags,
  KvRateLimiter,
  Preferences,
  sessionCookie,
  SessionStore,
} from "../../src/runtime/index.js";
import {
  cacheRoute,
  configMiddleware,
  featureRoutes,
  invalidateRoute,
  maintenance,
  preferenceRoutes,
  rateLimit,
  sessionMiddleware,
  sessionRoutes,
  withKv,
} from "../../src/runtime/hono.js";
import { MemoryKV } from "../../src/runtime/testing.js";
import { background } from "./support/background.js";
import { testClock } from "./support/clock.js";

const isAdmin = (c: { req: { header(name: string): string | undefined } }) => c.req.header("X-Admin") === "yes";
const admin = { "X-Admin": "yes" };

function setUp() {
  const clock = testClock();
  const kv = new MemoryKV({ clock });
  const later = background();
  const context = { waitUntil: later.waitUntil, passThroughOnException: () => {}, props: {} };
  const fetch = async (app: { fetch: Hono["fetch"] }, path: string, init: RequestInit = {}) => {
    const response = await app.fetch(new Request(`https://shop.test${path}`, init), {}, context);
    await later.settled();
    return response;
  };
  return { clock, kv, later, fetch };
}

function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

interface User {
  userId: string;
  roles: string[];
}

describe("sessionRoutes", () => {
  function app() {
    const given = setUp();
    const store = new SessionStore<User>(given.kv, { now: given.clock });
    const routes = sessionRoutes<User>(store, {
      // Roles come from whoever authenticates, never from the body.
      authenticate: (c) =>
        Promise.resolve(
          c.req.header("Authorization") === "Bearer key"
            ? { userId: "1", roles: [] }
            : c.json({ error: "who are you", code: "UNAUTHORIZED" }, 401),
        ),
      admin: isAdmin,
    });
    const logIn = () => given.fetch(routes, "/", { method: "POST", headers: { Authorization: "Bearer key" } });
    return { ...given, routes, logIn };
  }
  const cookieOf = (response: Response) => response.headers.get("Set-Cookie")?.split(";")[0] ?? "";

  it("logs in with 201, an id, an end, and the token in the cookie alone", async () => {
    const { logIn, clock } = app();
    const response = await logIn();
    const body = (await response.json()) as { sessionId: string };

    expect(response.status).toBe(201);
    expect(body).toEqual({
      sessionId: expect.stringMatching(/^[\w-]{43}$/) as string,
      expiresAt: new Date(clock() + 86_400_000).toISOString(),
    });
    expect(response.headers.get("Set-Cookie")).toMatch(
      /^__Host-sid=[\w-]{32}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it("refuses whom authenticate refuses", async () => {
    const { routes, fetch, kv } = app();

    expect((await fetch(routes, "/", { method: "POST" })).status).toBe(401);
    expect(kv.counts.subrequests).toBe(0);
  });

  it("shows and ends the session of the cookie", async () => {
    const { routes, fetch, logIn } = app();
    const headers = { Cookie: cookieOf(await logIn()) };

    expect(await (await fetch(routes, "/current", { headers })).json()).toMatchObject({ userId: "1", roles: [] });
    const out = await fetch(routes, "/current", { method: "DELETE", headers });
    expect([out.status, out.headers.get("Set-Cookie")]).toEqual([204, sessionCookie().clear()]);
    const gone = await fetch(routes, "/current", { headers });
    expect([gone.status, await gone.json()]).toEqual([404, { error: "session not found", code: "NOT_FOUND" }]);
  });

  it("shows and ends any session to administrators only", async () => {
    const { routes, fetch, logIn } = app();
    const { sessionId } = (await (await logIn()).json()) as { sessionId: string };

    expect((await fetch(routes, `/${sessionId}`)).status).toBe(403);
    expect((await fetch(routes, `/${sessionId}`, { method: "DELETE" })).status).toBe(403);
    expect(await (await fetch(routes, `/${sessionId}`, { headers: admin })).json()).toMatchObject({ sessionId });
    expect((await fetch(routes, `/${sessionId}`, { method: "DELETE", headers: admin })).status).toBe(204);
    expect((await fetch(routes, `/${sessionId}`, { headers: admin })).status).toBe(404);
  });
});

describe("sessionMiddleware", () => {
  async function app(required = false) {
    const given = setUp();
    const store = new SessionStore<User>(given.kv, { now: given.clock });
    const { token } = await store.create({ userId: "1", roles: [] });
    const routes = new Hono()
      .use(sessionMiddleware(store, { required }))
      .get("/", (c) => c.json({ user: c.get("session")?.data.userId ?? null }));
    return { ...given, store, routes, headers: { Cookie: `__Host-sid=${token}` } };
  }

  it("gives the session, or null", async () => {
    const { routes, fetch, headers } = await app();

    expect(await (await fetch(routes, "/", { headers })).json()).toEqual({ user: "1" });
    expect(await (await fetch(routes, "/")).json()).toEqual({ user: null });
  });

  it("answers 401 where a session is required", async () => {
    const { routes, fetch } = await app(true);
    const response = await fetch(routes, "/");

    expect([response.status, await response.json()]).toEqual([401, { error: "log in first", code: "UNAUTHORIZED" }]);
  });

  it("answers 503 and keeps the cookie when KV cannot be read", async () => {
    const { routes, fetch, headers, kv } = await app();
    kv.fail("get", 500);
    const response = await fetch(routes, "/", { headers });

    expect([response.status, response.headers.get("Set-Cookie"), response.headers.get("Retry-After")]).toEqual([
      503,
      null,
      "5",
    ]);
    expect(await response.json()).toEqual({ error: "storage is out of reach", code: "UNAVAILABLE" });
  });

  it("extends the session and its cookie after half of its life, with one write", async () => {
    const { routes, fetch, headers, kv, clock } = await app();
    expect((await fetch(routes, "/", { headers })).headers.get("Set-Cookie")).toBeNull();
    clock.advance(43_200);
    kv.resetCounts();
    const response = await fetch(routes, "/", { headers });

    expect(response.headers.get("Set-Cookie")).toContain("Max-Age=86400");
    expect(kv.counts).toMatchObject({ reads: 2, writes: 1 });
    clock.advance(80_000);
    expect(await (await fetch(routes, "/", { headers })).json()).toEqual({ user: "1" });
  });
});

describe("cacheRoute and invalidateRoute", () => {
  function app() {
    const given = setUp();
    const cache = new Cache(given.kv, {
      now: given.clock,
      jitter: 0,
      earlyRefresh: 0,
      waitUntil: given.later.waitUntil,
    });
    const key = (c: { req: { param(name: string): string } }) => `product:${c.req.param("id")}`;
    const load = jest.fn((c: { req: { param(name: string): string } }) =>
      c.req.param("id") === "9" ? null : { id: c.req.param("id") },
    );
    const routes = new Hono()
      .get(
        "/products/:id",
        cacheRoute<object | null>(cache, { key: key as never, load: load as never, ttl: 300, swr: 60 }),
      )
      .delete("/products/:id/cache", invalidateRoute(cache, { key: key as never, authorize: isAdmin }));
    return { ...given, routes, load };
  }

  it("caches product:{id} for 300 s and says where it came from", async () => {
    const { routes, fetch, load, clock, kv } = app();
    const seen = async () => (await fetch(routes, "/products/1")).headers.get("X-Cache");

    expect([await seen(), await seen()]).toEqual(["MISS", "HIT"]);
    expect((await kv.list()).keys[0]?.name).toBe("product:1");
    clock.advance(300);
    expect(await seen()).toBe("STALE");
    expect(await seen()).toBe("HIT");
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("answers 404 when there is none", async () => {
    const { routes, fetch } = app();

    expect((await fetch(routes, "/products/9")).status).toBe(404);
  });

  it("forgets for those who may", async () => {
    const { routes, fetch, load } = app();
    await fetch(routes, "/products/1");
    expect((await fetch(routes, "/products/1/cache", { method: "DELETE" })).status).toBe(403);
    const response = await fetch(routes, "/products/1/cache", { method: "DELETE", headers: admin });

    expect(await response.json()).toEqual({ invalidated: true });
    await fetch(routes, "/products/1");
    expect(load).toHaveBeenCalledTimes(2);
  });
});

describe("featureRoutes", () => {
  function app(shown: "names" | "none" = "none") {
    const given = setUp();
    const flags = new FeatureFlags(given.kv, { now: given.clock });
    return { ...given, routes: featureRoutes(flags, { authorize: isAdmin, public: shown }) };
  }

  it("sets and echoes a flag for those who may, whatever name the body has", async () => {
    const { routes, fetch } = app();
    const flag = { enabled: true, percentage: 50, name: "other" };

    expect((await fetch(routes, "/f", json("PUT", flag))).status).toBe(403);
    expect(await (await fetch(routes, "/f", json("PUT", flag, admin))).json()).toMatchObject({
      name: "f",
      enabled: true,
      percentage: 50,
    });
  });

  it("evaluates for the user of the query", async () => {
    const { routes, fetch } = app();
    await fetch(routes, "/f", json("PUT", { enabled: true, percentage: 0, allowlist: ["ada"] }, admin));

    expect(await (await fetch(routes, "/f?userId=ada")).json()).toEqual({ name: "f", enabled: true });
    expect(await (await fetch(routes, "/f?userId=bob")).json()).toEqual({ name: "f", enabled: false });
    expect(await (await fetch(routes, "/nope")).json()).toEqual({ name: "nope", enabled: false });
  });

  it("lists definitions to those who may, names to everyone else if at all", async () => {
    const { routes, fetch } = app("names");
    await fetch(routes, "/f", json("PUT", { enabled: true, allowlist: ["ada"] }, admin));

    expect(await (await fetch(routes, "/", { headers: admin })).json()).toMatchObject([
      { name: "f", flag: { allowlist: ["ada"] } },
    ]);
    expect(await (await fetch(routes, "/")).json()).toEqual([{ name: "f", enabled: true }]);
    expect((await fetch(app().routes, "/")).status).toBe(403);
  });

  it("deletes for those who may", async () => {
    const { routes, fetch } = app();
    await fetch(routes, "/f", json("PUT", { enabled: true }, admin));

    expect((await fetch(routes, "/f", { method: "DELETE" })).status).toBe(403);
    expect((await fetch(routes, "/f", { method: "DELETE", headers: admin })).status).toBe(204);
    expect(await (await fetch(routes, "/f")).json()).toEqual({ name: "f", enabled: false });
  });

  it.each([
    ["{", 400, "BAD_BODY"],
    ["[]", 400, "BAD_BODY"],
    [`{"x":"${"x".repeat(65 * 1024)}"}`, 413, "BODY_TOO_LARGE"],
    ['{"enabled":true,"percentage":"50"}', 422, "INVALID_VALUE"],
  ])("refuses a bad body", async (body, status, code) => {
    const { routes, fetch } = app();
    const response = await fetch(routes, "/f", json("PUT", body, admin));

    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });

  it("refuses a large body that does not announce its length", async () => {
    const { routes, fetch } = app();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(16 * 1024))),
    });
    const init = { method: "PUT", headers: admin, body, duplex: "half" } as RequestInit;

    expect((await fetch(routes, "/f", init)).status).toBe(413);
  });
});

describe("configMiddleware and maintenance", () => {
  function app() {
    const given = setUp();
    const errors: string[] = [];
    const config = new ConfigStore(given.kv, {
      now: given.clock,
      defaults: { maintenanceMode: false },
      onError: ({ code }) => errors.push(code),
    });
    const routes = new Hono()
      .use(configMiddleware(config))
      .use(maintenance({ allow: (c) => c.req.path === "/health" }))
      .get("/", (c) => c.json(c.get("config")))
      .get("/health", (c) => c.text("ok"));
    return { ...given, config, routes, errors };
  }

  it("puts the configuration into the context", async () => {
    const { routes, fetch } = app();

    expect(await (await fetch(routes, "/")).json()).toEqual({ maintenanceMode: false });
  });

  it("answers 503 while under maintenance, but not to health checks", async () => {
    const { routes, fetch, config } = app();
    await config.patch({ maintenanceMode: true });
    const response = await fetch(routes, "/");

    expect([response.status, response.headers.get("Retry-After"), await response.json()]).toEqual([
      503,
      "300",
      { error: "service under maintenance", code: "MAINTENANCE" },
    ]);
    expect((await fetch(routes, "/health")).status).toBe(200);
  });

  it("survives an outage of KV", async () => {
    const { routes, fetch, kv, errors } = app();
    kv.fail("get", 500);

    expect((await fetch(routes, "/")).status).toBe(200);
    expect(errors).toEqual(["UNAVAILABLE"]);
  });
});

describe("rateLimit", () => {
  it("answers 429 with the standard headers", async () => {
    const { kv, clock, fetch } = setUp();
    const limiter = new KvRateLimiter(kv, { limit: 1, window: 60, now: clock });
    const routes = new Hono().use(rateLimit(limiter, { key: () => "ip" })).get("/", (c) => c.text("ok"));
    const first = await fetch(routes, "/");
    const second = await fetch(routes, "/");

    expect([first.status, first.headers.get("RateLimit-Policy"), second.status]).toEqual([200, "1;w=60", 429]);
    expect(first.headers.get("RateLimit")).toMatch(/^limit=1, remaining=0, reset=\d+$/);
    expect(second.headers.get("Retry-After")).toBe("60");
    expect(await second.json()).toEqual({ error: "too many requests", code: "RATE_LIMITED" });
  });
});

describe("preferenceRoutes", () => {
  it("gets, changes and resets the caller's own", async () => {
    const { kv, fetch } = setUp();
    const prefs = new Preferences(kv, { defaults: { theme: "light", language: "en" } });
    const routes = preferenceRoutes(prefs, {
      user: (c) => c.req.header("X-User") ?? c.json({ error: "log in first", code: "UNAUTHORIZED" }, 401),
    });
    const headers = { "X-User": "ada" };

    expect((await fetch(routes, "/")).status).toBe(401);
    expect((await fetch(routes, "/", json("PATCH", {}))).status).toBe(401);
    expect((await fetch(routes, "/", { method: "DELETE" })).status).toBe(401);
    expect(await (await fetch(routes, "/", json("PATCH", { theme: "dark" }, headers))).json()).toEqual({
      theme: "dark",
      language: "en",
    });
    expect(await (await fetch(routes, "/", { headers })).json()).toEqual({ theme: "dark", language: "en" });
    expect(await (await fetch(routes, "/", { method: "DELETE", headers })).json()).toEqual({
      theme: "light",
      language: "en",
    });
  });
});

describe("withKv", () => {
  it("makes what routes need from the bindings, with the request's waitUntil", async () => {
    const { kv, later } = setUp();
    const routes = new Hono<{ Bindings: { CACHE: MemoryKV } }>()
      .use(withKv<{ cache: Cache }>({ cache: (env, common) => Cache.fromEnv(env, "CACHE", common) }))
      .get("/", async (c) => c.json(await c.get("cache").getOrSet("a", () => 1)));
    const context = { waitUntil: later.waitUntil, passThroughOnException: () => {}, props: {} };

    expect(await (await routes.request("/", {}, { CACHE: kv }, context)).json()).toBe(1);
    await later.settled();
    expect(await kv.get("a")).toBe("1");
  });

  it("says which binding is missing, and works outside Workers", async () => {
    const routes = new Hono()
      .use(withKv<{ cache: Cache }>({ cache: (env, common) => Cache.fromEnv(env, "CACHE", common) }))
      .get("/", (c) => c.text("ok"));

    routes.onError((error, c) => c.text(error.message, 500));

    expect(await (await routes.request("/", {}, {})).text()).toContain("the KV binding CACHE is missing");
    expect((await routes.request("/", {}, { CACHE: new MemoryKV() })).status).toBe(200);
  });
});
