import type { Miniflare } from "miniflare";
import { migrate } from "../../src/local/index.js";
import { runWorker } from "../runtime/support/workerd.js";

/** Better Auth itself, in workerd, over D1 and our secondary storage. */
describe("examples/better-auth in workerd", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await runWorker("examples/better-auth/worker.ts", {
      kvNamespaces: ["AUTH"],
      d1Databases: ["DB"],
      bindings: { AUTH_SECRET: "a secret of thirty-two characters or more" },
      compatibilityFlags: ["nodejs_compat"],
    });
    await migrate(await worker.getD1Database("DB"), "examples/better-auth/migrations");
  });
  afterAll(() => worker.dispose());

  const send = (path: string, body: unknown, cookie = "") =>
    worker.dispatchFetch(`https://accounts.test/api/auth${path}`, {
      method: "POST",
      headers: {
        Cookie: cookie,
        Origin: "https://accounts.test",
        "Content-Type": "application/json",
        "CF-Connecting-IP": "192.0.2.1",
      },
      body: JSON.stringify(body),
    });
  const cookieOf = (response: { headers: { getSetCookie(): string[] } }) =>
    response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
  const who = async (cookie: string) => {
    const response = await worker.dispatchFetch("https://accounts.test/", { headers: { Cookie: cookie } });
    return response.ok ? response.json() : response.status;
  };
  const account = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
  const ada = { email: account.email };

  it("signs up, in and out", async () => {
    const first = await send("/sign-up/email", account);
    expect(first.status).toBe(200);
    expect(await who(cookieOf(first))).toEqual(ada);

    expect((await send("/sign-in/email", { ...account, password: "wrong" })).status).toBe(401);
    const second = await send("/sign-in/email", account);
    const cookie = cookieOf(second);
    expect(await who(cookie)).toEqual(ada);
    expect((await send("/sign-out", {}, cookie)).status).toBe(200);
    expect([await who(cookie), await who(cookieOf(first))]).toEqual([401, ada]);
  });

  it("keeps sessions in KV, where they expire", async () => {
    const { keys } = await (await worker.getKVNamespace("AUTH")).list();

    expect(keys.length).toBeGreaterThan(0);
    expect(keys.every(({ name, expiration }) => name.startsWith("auth:") && expiration !== undefined)).toBe(true);
  });

  it("limits how often one address may try a password", async () => {
    const statuses: number[] = [];
    // A window that ends in between begins a new count.
    for (let attempt = 0; attempt < 40 && statuses.at(-1) !== 429; attempt++) {
      statuses.push((await send("/sign-in/email", { ...account, password: "wrong" })).status);
    }

    expect(statuses.at(-1)).toBe(429);
  });
});
