import { chmodSync, cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { chooseStack, readAssembly } from "../../../src/assembly/index.js";
import { readEntries } from "../../../src/data/entries.js";
import { startDev, type DevServer, type DevUpdate } from "../../../src/local/dev/server.js";
import { tempDirs } from "../../support/temp-dir.js";

// Real runtimes and processes start here, on a machine that may be busy.
jest.setTimeout(30_000);

const dirs = tempDirs();
const SHOP = "test/fixtures/assembly/edge-store";
const CONFIG = "edge-store-config-dev-alice";
const SESSIONS = "edge-store-sessions-dev-alice";
const CONFIG_SEED = "stacks/edge-store-dev-alice/assets/ConfigSeed/9935369998F0A7CF1457CEFFFC4857E2/config.json";

describe("a dev server", () => {
  let server: DevServer | undefined;
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
  });

  async function start(options: { dataFolder?: string; reseed?: boolean; shop?: string } = {}): Promise<DevUpdate> {
    const { shop = SHOP, ...others } = options;
    server = await startDev({ port: 0, readSeeds: readEntries, ...others });
    return update(shop);
  }

  async function update(shop: string): Promise<DevUpdate> {
    const assembly = readAssembly(shop);
    return running().update(assembly, chooseStack(assembly, {}), new Map([["API_KEY", "k"]]));
  }

  function running(): DevServer {
    if (server === undefined) throw new Error("start() comes first");
    return server;
  }

  async function text(path: string, init?: RequestInit): Promise<string> {
    return (await fetch(running().url + path, init)).text();
  }

  it("runs a stack with its vars, secrets, seeds and managed entries", async () => {
    const { seeded, notes } = await start();
    expect(notes).toEqual([]);
    expect(seeded).toEqual([
      { namespace: SESSIONS, seeds: 1, managed: 0, changed: false },
      { namespace: CONFIG, seeds: 2, managed: 1, changed: false },
    ]);
    expect(JSON.parse(await text("/vars"))).toEqual({
      GREETING: "hello ${name}",
      LIMITS: { perMinute: 60 },
      hasKey: "k",
    });
    expect(JSON.parse(await text("/defaults"))).toHaveProperty("SESSIONS.ttlSeconds", 86400);
    expect(await text("/CONFIG/app")).toBe('{"maintenanceMode":false}');

    const store = running().engine.store(CONFIG);
    expect(await store.get("motd/${user}")).toEqual({
      body: new Uint8Array(Buffer.from("100%{ of ${name}")),
      metadata: { by: "terraform" },
    });
    expect(await store.get("logo")).toEqual({ body: new Uint8Array([0, 1, 2, 3]), metadata: { type: "image/png" } });
  });

  it("gives seeds without an expiry the namespace's TTL", async () => {
    const before = Math.floor(Date.now() / 1000);
    await start();
    const { keys } = await running().engine.store(SESSIONS).list();
    expect(keys.map(({ name }) => name)).toEqual(["demo"]);
    const expiration = keys[0]?.expiration ?? 0;
    expect(expiration - before).toBeGreaterThanOrEqual(86_400);
    expect(expiration - before).toBeLessThan(86_400 + 60);
    const config = await running().engine.store(CONFIG).list({ prefix: "app" });
    expect(config.keys).toEqual([{ name: "app" }]);
  });

  it("keeps data in a folder for its owner only, and seeds it once", async () => {
    const dataFolder = dirs.path("data");
    await start({ dataFolder });
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
    expect(readFileSync(`${dataFolder}/.gitignore`, "utf8")).toBe("*\n");
    await text("/CONFIG/app", { method: "PUT", body: "mine" });
    await running().dispose();

    expect((await start({ dataFolder })).seeded).toEqual([]);
    expect(await text("/CONFIG/app")).toBe("mine");
    await running().dispose();

    await start({ dataFolder, reseed: true });
    expect(await text("/CONFIG/app")).toBe('{"maintenanceMode":false}');
  });

  it("puts changed managed entries, and only tells of changed seeds", async () => {
    const shop = dirs.path("shop");
    cpSync(SHOP, shop, { recursive: true });
    const dataFolder = dirs.path("data");
    await start({ dataFolder, shop });
    edit(`${shop}/stacks/edge-store-dev-alice/cdk.tf.json`, "100%%{ of", "all of");
    edit(`${shop}/${CONFIG_SEED}`, "false", "true");
    const { seeded, changed } = await update(shop);
    expect(changed).toBe(true);
    expect(seeded).toEqual([{ namespace: CONFIG, seeds: 0, managed: 1, changed: true }]);
    expect(await text("/CONFIG/app")).toBe('{"maintenanceMode":false}');
    expect(await text("/CONFIG/motd/${user}".replace("/${user}", "%2F$%7Buser%7D"))).toBe("not found\n");
    const entry = await running().engine.store(CONFIG).get("motd/${user}");
    expect(Buffer.from(entry?.body ?? []).toString()).toBe("all of ${name}");
  });

  it("does not restart when nothing changed, and runs changed code on the same data", async () => {
    const shop = dirs.path("shop");
    cpSync(SHOP, shop, { recursive: true });
    await start({ shop });
    await text("/CONFIG/mine", { method: "PUT", body: "kept" });
    expect(await update(shop)).toMatchObject({ changed: false });
    edit(
      `${shop}/stacks/edge-store-dev-alice/assets/Api/9935369998F0A7CF1457CEFFFC4857E2/index.js`,
      '"edge-store\\n"',
      '"new\\n"',
    );
    expect(await update(shop)).toMatchObject({ changed: true, seeded: [] });
    expect(await text("/")).toBe("new\n");
    expect(await text("/CONFIG/mine")).toBe("kept");
  });

  it("keeps serving what ran when new code does not start", async () => {
    const shop = dirs.path("shop");
    cpSync(SHOP, shop, { recursive: true });
    await start({ shop });
    edit(
      `${shop}/stacks/edge-store-dev-alice/assets/Api/9935369998F0A7CF1457CEFFFC4857E2/index.js`,
      "export default",
      "export defalt",
    );
    await expect(update(shop)).rejects.toMatchObject({ code: "WORKER_NOT_STARTED" });
    expect(await text("/")).toBe("edge-store\n");
  });

  it("names a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startDev({ port, readSeeds: readEntries })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: `port ${port} of 127.0.0.1 is in use by another program`,
      hint: `stop the program that listens there, or use another port: --port ${port + 1}, or --port 0 for a free one`,
    });
    other.close();
  });

  it("makes a data folder private that was not", async () => {
    const dataFolder = dirs.path("data");
    dirs.write("data/.keep", "");
    chmodSync(dataFolder, 0o755);
    await start({ dataFolder });
    expect(statSync(dataFolder).mode & 0o777).toBe(0o700);
  });
});

function edit(file: string, from: string, to: string): void {
  const source = readFileSync(file, "utf8");
  if (!source.includes(from)) throw new Error(`'${from}' is not in ${file}`);
  writeFileSync(file, source.replace(from, to));
}
