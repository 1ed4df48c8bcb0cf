import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { secondaryStorage } from "cdktf-cloudflare-kv/runtime/better-auth";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";
import { expect, it } from "vitest";

const BASE = "https://shop.test";

function setUp(rateLimit = false) {
  const kv = new MemoryKV({ writeLimit: true });
  const auth = betterAuth({
    baseURL: BASE,
    secret: "a secret of at least thirty-two characters",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true },
    secondaryStorage: secondaryStorage(kv),
    rateLimit: rateLimit ? { enabled: true, window: 10, max: 3, storage: "secondary-storage" } : { enabled: false },
  });
  const post = (path: string, body: object, cookie = "") =>
    auth.handler(
      new Request(`${BASE}/api/auth${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: BASE, Cookie: cookie, "X-Forwarded-For": "203.0.113.7" },
        body: JSON.stringify(body),
      }),
    );
  const ada = { email: "ada@example.com", password: "correct horse battery" };
  return { auth, kv, post, ada };
}

const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");

it("logs in, keeps the session in KV, and logs out", async () => {
  const { auth, kv, post, ada } = setUp();
  expect((await post("/sign-up/email", { ...ada, name: "Ada" })).status).toBe(200);
  const login = await post("/sign-in/email", ada);
  expect(login.status).toBe(200);
  const headers = new Headers({ Cookie: cookieOf(login) });
  expect((await auth.api.getSession({ headers }))?.user.email).toBe("ada@example.com");
  expect((await kv.list({ prefix: "auth:" })).keys.length).toBeGreaterThan(0);
  expect((await post("/sign-out", {}, cookieOf(login))).status).toBe(200);
  expect(await auth.api.getSession({ headers: new Headers({ Cookie: cookieOf(login) }) })).toBeNull();
});

it("logs in although the session ends in less than KV's 60 seconds, and ends it on time", async () => {
  const state = { now: Date.now() };
  const kv = new MemoryKV({ clock: () => state.now });
  const storage = secondaryStorage(kv, { now: () => state.now });
  await storage.set("token", "session", 30);
  expect(await storage.get("token")).toBe("session");
  state.now += 30_000;
  expect(await storage.get("token")).toBeNull();
  expect((await kv.list()).keys).toHaveLength(1);
});

it("limits requests, on a namespace that takes one write a second", async () => {
  const { post, ada } = setUp(true);
  const statuses = [];
  for (let request = 0; request < 6; request++) statuses.push((await post("/sign-in/social", ada)).status);

  expect(statuses.slice(0, 3)).not.toContain(429);
  expect(statuses.slice(3)).toEqual([429, 429, 429]);
});
