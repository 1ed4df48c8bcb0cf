import { featureRoutes } from "../../../src/runtime/hono.js";
import { bucket, FeatureFlags, type Flag } from "../../../src/runtime/index.js";
import { localWorker, names, stored } from "../support/local-kv.js";

const users = Array.from({ length: 1000 }, (_, index) => `user-${index}`);
const admin = { Authorization: "admin" };

/** Feature flags, on Miniflare's KV. */
describe("FeatureFlags and featureRoutes in workerd", () => {
  const local = localWorker();

  async function setUp() {
    const kv = await local.kv();
    const flags = new FeatureFlags(kv);
    const routes = featureRoutes(flags, { authorize: (c) => c.req.header("Authorization") === "admin" });
    return { kv, flags, routes };
  }

  it("a flag has enabled, percentage, listed users and metadata, also under their older name", async () => {
    const { kv, flags } = await setUp();
    const flag: Flag = { enabled: true, percentage: 25, allowlist: ["ada"], metadata: { owner: "web" } };
    await flags.set("new", flag);
    await kv.put("flag:old", '{"enabled":true,"percentage":25,"allowedUsers":["ada"],"metadata":{"owner":"web"}}');

    expect(await flags.get("new")).toMatchObject(flag);
    expect(await flags.get("old")).toEqual(flag);
  });

  it("a flag that is missing or disabled is off", async () => {
    const { flags } = await setUp();
    await flags.set("disabled", { enabled: false, percentage: 100, allowlist: ["ada"] });

    expect([await flags.isEnabled("missing", "ada"), await flags.isEnabled("disabled", "ada")]).toEqual([false, false]);
  });

  it("listed users win over the percentage", async () => {
    const { flags } = await setUp();
    await flags.set("f", { enabled: true, percentage: 0, allowlist: ["ada"] });

    expect([await flags.isEnabled("f", "ada"), await flags.isEnabled("f", "bob")]).toEqual([true, false]);
  });

  it("a percentage reaches that share of the users, always the same ones, and no anonymous ones", async () => {
    const { kv, flags } = await setUp();
    await flags.set("f", { enabled: true, percentage: 30 });
    const reached = (of: FeatureFlags) => Promise.all(users.map((user) => of.isEnabled("f", user)));
    const first = await reached(flags);

    expect(Math.abs(first.filter(Boolean).length - 300)).toBeLessThan(50);
    expect(await reached(new FeatureFlags(kv, { memoTtl: 0 }))).toEqual(first);
    expect(await flags.isEnabled("f")).toBe(false);
  });

  it("a flag is stored at flag:{name}", async () => {
    const { kv, flags } = await setUp();
    await flags.set("new-ui", { enabled: true });

    expect(await names(kv)).toEqual(["flag:new-ui"]);
    expect(await stored(kv, "flag:new-ui")).toMatchObject({ enabled: true });
  });

  it("flags are listed by name, without what cannot be read", async () => {
    const { kv, flags } = await setUp();
    await flags.set("a", { enabled: true });
    await flags.set("b", { enabled: false, percentage: 5 });
    await kv.put("flag:c", "no JSON");

    expect((await flags.list()).map(({ name, flag }) => [name, flag.enabled, flag.percentage])).toEqual([
      ["a", true, undefined],
      ["b", false, 5],
    ]);
  });

  it("GET / lists flags to authorized callers only", async () => {
    const { flags, routes } = await setUp();
    await flags.set("f", { enabled: true, allowlist: ["ada"] });

    expect(await (await routes.request("/", { headers: admin })).json()).toMatchObject([
      { name: "f", flag: { enabled: true, allowlist: ["ada"] } },
    ]);
    expect((await routes.request("/")).status).toBe(403);
  });

  it("GET /:name?userId= answers {name, enabled}", async () => {
    const { flags, routes } = await setUp();
    await flags.set("f", { enabled: true, percentage: 0, allowlist: ["ada"] });

    expect(await (await routes.request("/f?userId=ada")).json()).toEqual({ name: "f", enabled: true });
    expect(await (await routes.request("/f?userId=bob")).json()).toEqual({ name: "f", enabled: false });
    expect(await (await routes.request("/missing")).json()).toEqual({ name: "missing", enabled: false });
  });

  it("PUT /:name stores and echoes, for authorized callers only", async () => {
    const { kv, routes } = await setUp();
    const put = (headers: Record<string, string>, flag: unknown) =>
      routes.request("/f", { method: "PUT", headers, body: JSON.stringify(flag) });

    expect((await put({}, { enabled: true })).status).toBe(403);
    expect(await (await put(admin, { enabled: true, percentage: 50 })).json()).toMatchObject({
      name: "f",
      enabled: true,
      percentage: 50,
    });
    expect(await stored(kv, "flag:f")).toMatchObject({ enabled: true, percentage: 50 });
    expect((await put(admin, { enabled: true, percentage: 150 })).status).toBe(422);
  });

  it("allowlists and buckets are per flag and user, in steps of a hundredth of a percent", async () => {
    const { flags } = await setUp();
    await flags.set("f", { enabled: true, percentage: 12.34, allowlist: ["ada"] });
    const reached = await Promise.all(users.map((user) => flags.isEnabled("f", user)));

    expect(reached).toEqual(users.map((user) => bucket("f", user) < 1234));
    expect(await flags.isEnabled("f", "ada")).toBe(true);
  });
});
