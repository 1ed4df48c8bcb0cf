import { readFileSync } from "node:fs";
import { namespaceLabel } from "../../src/assembly/index.js";
import { startEngine } from "../../src/local/engine.js";
import { dataCli } from "../support/data-cli.js";

// The real runtime starts with each command.
jest.setTimeout(60_000);

const on = dataCli();
const local = ["--local", "--stack", "edge-store-dev-bob"];

describe("the data of cfkv dev", () => {
  it("is seeded, read, listed and pruned without an account", async () => {
    const env = { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "" };
    on.write("more.json", JSON.stringify([{ key: "a/é", value: "AP8=", base64: true, metadata: { n: 1 } }]));

    const seeded = await on.run(["seed", ...local, "--verify"], { env });
    expect([seeded.code, seeded.stderr]).toEqual([
      0,
      expect.stringContaining(
        "target: 'edge-store-sessions-dev-bob', SESSIONS of stack edge-store-dev-bob, in the data of cfkv dev",
      ),
    ]);
    const pruned = await on.run(
      ["seed", "more.json", "-n", "SESSIONS", ...local, "--prune", "--yes", "--verify", "--json"],
      { env },
    );
    expect([pruned.code, JSON.parse(pruned.stdout)]).toEqual([
      0,
      [expect.objectContaining({ deleted: 1, verified: true })],
    ]);

    const list = await on.run(["kv", "list", "SESSIONS", ...local, "--json"], { env });
    expect(JSON.parse(list.stdout)).toEqual([
      { name: "a/é", metadata: { n: 1 }, expiration: expect.closeTo(Date.now() / 1000 + 86_400, -2) as number },
    ]);
    expect(on.server().requests).toEqual([]);
  });

  it("is what a Worker of the runtime finds", async () => {
    await on.run(["kv", "put", "CONFIG", "greeting", "hello", ...local]);
    const engine = await startEngine({ dataFolder: on.path(".cfkv", "data") });
    try {
      const id = namespaceLabel({ name: "edge-store-config-dev-bob", logicalId: "" });
      await engine.apply({ namespaces: [{ id }], workers: [] });
      expect(await (await engine.kv(id)).get("greeting")).toBe("hello");
    } finally {
      await engine.dispose();
    }
  });

  it("is exported, and copied from Cloudflare's", async () => {
    on.server().addNamespace("edge-store-config-prod", { app: "live", bytes: "x" });

    const copied = await on.run([
      "copy",
      "CONFIG",
      "--stack",
      "prod",
      "--to-stack",
      "edge-store-dev-bob",
      "--to-local",
      "--verify",
    ]);
    const exported = await on.run(["export", "CONFIG", ...local, "--to", "out.ndjson"]);

    expect([copied.code, exported.code]).toEqual([0, 0]);
    expect(readFileSync(on.path("out.ndjson"), "utf8")).toBe(
      '{"key":"app","value":"live"}\n{"key":"bytes","value":"x"}\n',
    );
  });
});
