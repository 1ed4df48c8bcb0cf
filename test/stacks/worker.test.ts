import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { chooseStack, readAssembly } from "../../src/assembly/index.js";
import { readEntries } from "../../src/data/entries.js";
import { type DevServer, startDev } from "../../src/local/dev/server.js";
import { edgeStore } from "../../stacks/edge-store.js";

// A real runtime starts here, on a machine that may be busy.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "reference-worker-"));

describe("the reference Worker in the dev server", () => {
  let server: DevServer;
  beforeAll(async () => {
    const app = new App({ outdir: folder });
    edgeStore(app);
    app.synth();
    server = await startDev({ port: 0, readSeeds: readEntries });
    const assembly = readAssembly(folder);
    await server.update(assembly, chooseStack(assembly, {}), new Map());
  });
  afterAll(async () => {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const admin = { Authorization: "Bearer dev-admin-key" };
  const ask = async (method: string, where: string, headers: Record<string, string> = {}, body?: unknown) => {
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(server.url + where, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : (JSON.parse(text) as unknown),
    };
  };
  const logIn = async () => {
    const { status, headers, body } = await ask("POST", "/sessions", admin);
    expect(status).toBe(201);
    const Cookie = headers.get("Set-Cookie")?.split(";")[0] ?? "";
    return { Cookie, id: (body as { sessionId: string }).sessionId };
  };

  it("shows rights that another tab changed at once, and keeps the session", async () => {
    const { Cookie, id } = await logIn();
    const rights = async () => [
      (await ask("GET", "/sessions/current", { Cookie })).body,
      (await ask("GET", "/features", { Cookie })).status,
    ];
    expect(await rights()).toEqual([expect.objectContaining({ userId: "alice", roles: ["admin"] }), 200]);

    expect(await ask("PUT", `/sessions/${id}/roles`, admin, ["editor"])).toMatchObject({
      status: 200,
      body: { userId: "alice", roles: ["editor"] },
    });
    expect(await rights()).toEqual([expect.objectContaining({ userId: "alice", roles: ["editor"] }), 403]);

    await ask("PUT", `/sessions/${id}/roles`, admin, ["admin"]);
    expect(await rights()).toEqual([expect.objectContaining({ sessionId: id, roles: ["admin"] }), 200]);
  });

  it("lets nobody change rights without the right to, nor to what are no roles", async () => {
    const { Cookie, id } = await logIn();
    await ask("PUT", `/sessions/${id}/roles`, admin, []);

    expect(await ask("PUT", `/sessions/${id}/roles`, {}, ["admin"])).toMatchObject({
      status: 401,
      body: { code: "UNAUTHORIZED" },
    });
    expect(await ask("PUT", `/sessions/${id}/roles`, { Cookie }, ["admin"])).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    expect(await ask("PUT", `/sessions/${id}/roles`, admin, { admin: true })).toMatchObject({
      status: 400,
      body: { code: "BAD_BODY" },
    });
    expect((await ask("PUT", `/sessions/${"x".repeat(43)}/roles`, admin, [])).status).toBe(404);
    expect((await ask("GET", "/sessions/current", { Cookie })).body).toMatchObject({ roles: [] });
  });

  it("logs out, everywhere too", async () => {
    const [one, two] = [await logIn(), await logIn()];
    expect((await ask("DELETE", "/sessions/current", one)).status).toBe(204);
    expect((await ask("GET", "/sessions/current", one)).status).toBe(404);
    expect((await ask("DELETE", "/sessions?userId=alice", admin)).status).toBe(200);
    expect((await ask("GET", "/sessions/current", two)).status).toBe(404);
  });

  it("serves products from the cache until an admin invalidates them", async () => {
    const from = async () => (await ask("GET", "/products/1")).headers.get("X-Cache");
    expect([await from(), await from()]).toEqual(["MISS", "HIT"]);
    expect((await ask("DELETE", "/products/1/cache")).status).toBe(401);
    expect((await ask("DELETE", "/products/1/cache", admin)).body).toEqual({ invalidated: true });
    expect(await from()).toBe("MISS");
    expect((await ask("GET", "/products/none")).status).toBe(404);
  });

  it("evaluates flags for anyone and lets admins set them", async () => {
    const checkout = "/features/new-checkout";
    expect((await ask("GET", `${checkout}?userId=alice`)).body).toEqual({ name: "new-checkout", enabled: true });
    expect((await ask("PUT", checkout, {}, { enabled: false })).status).toBe(401);
    expect(await ask("PUT", checkout, admin, { enabled: true, percentage: 101 })).toMatchObject({
      status: 422,
      body: { code: "INVALID_VALUE" },
    });
    expect((await ask("PUT", checkout, admin, { enabled: false })).status).toBe(200);
    expect((await ask("GET", `${checkout}?userId=alice`)).body).toEqual({ name: "new-checkout", enabled: false });
  });

  it("answers 503 during maintenance, except where it can be ended", async () => {
    expect((await ask("PATCH", "/config", admin, { maintenanceMode: true })).status).toBe(200);
    expect(await ask("GET", "/products/1")).toMatchObject({ status: 503, body: { code: "MAINTENANCE" } });
    expect((await ask("GET", "/health")).status).toBe(200);
    expect((await ask("PATCH", "/config", {}, { maintenanceMode: false })).status).toBe(401);
    expect((await ask("PATCH", "/config", admin, { maintenanceMode: false })).body).toMatchObject({
      maintenanceMode: false,
      banner: "Free shipping this week",
    });
    expect((await ask("GET", "/products/1")).status).toBe(200);
  });
});
