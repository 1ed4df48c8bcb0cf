import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chooseStack, namespaceLabel, readAssembly } from "../../../src/assembly/index.js";
import { readEntries } from "../../../src/data/entries.js";
import { startDev } from "../../../src/local/dev/server.js";
import { temporaryParent } from "../../../src/local/emulator/temporary.js";
import { startEngine } from "../../../src/local/engine/engine.js";
import { ASSEMBLY, dataCli } from "../../support/data-cli.js";
import { eventually } from "../../support/workerd-processes.js";

// The real runtime starts with each command.
jest.setTimeout(60_000);

const on = dataCli(temporaryParent);
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

  it("is not seeded again by the first cfkv dev, over what was changed since", async () => {
    await on.run(["seed", ...local]);
    const { stdout } = await on.run(["kv", "list", "SESSIONS", ...local, "--json"]);
    const key = (JSON.parse(stdout) as { name: string }[])[0]?.name ?? "";
    await on.run(["kv", "put", "SESSIONS", key, "edited", ...local]);
    const assembly = readAssembly(ASSEMBLY);
    const server = await startDev({ port: 0, readSeeds: readEntries, dataFolder: on.path(".cfkv") });
    try {
      await server.update(assembly, chooseStack(assembly, { name: "edge-store-dev-bob" }), new Map());
    } finally {
      await server.dispose();
    }

    expect(await on.run(["kv", "get", "SESSIONS", key, ...local])).toMatchObject({ stdout: "edited" });
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

  it("keeps expirations after 2038 and after 2106, from the page's example and from kv put", async () => {
    const example = /```json\n(\[[^`]+\])\n```/.exec(readFileSync("docs/data.md", "utf8"))?.[1] ?? "";
    const entries = [
      ...(JSON.parse(example) as object[]),
      { key: "banner-2200", value: "Sale", expiration: 7_258_118_400 },
    ];
    on.write("far.json", JSON.stringify(entries));

    const seeded = await on.run(["seed", "far.json", "-n", "CONFIG", ...local, "--verify", "--json"]);
    const again = await on.run(["seed", "far.json", "-n", "CONFIG", ...local, "--only-changes", "--json"]);
    const put = await on.run(["kv", "put", "CONFIG", "banner-put", "Sale", "--expiration", "4102444800", ...local]);
    const list = await on.run(["kv", "list", "CONFIG", ...local, "--prefix", "banner", "--json"]);
    const got = await on.run(["kv", "get", "CONFIG", "banner", ...local, "--json"]);

    expect([seeded.code, again.code, put.code]).toEqual([0, 0, 0]);
    expect(JSON.parse(seeded.stdout)).toMatchObject([{ written: 5, verified: true }]);
    expect(JSON.parse(again.stdout)).toMatchObject([{ written: 0, unchanged: 5 }]);
    expect(JSON.parse(list.stdout)).toEqual([
      { name: "banner", expiration: 4_102_444_800 },
      { name: "banner-2200", expiration: 7_258_118_400 },
      { name: "banner-put", expiration: 4_102_444_800 },
    ]);
    expect(JSON.parse(got.stdout)).toMatchObject({ value: "Sale", expiration: 4_102_444_800 });
  });

  it("is whole after kill -9 in the middle of a seed, which --resume completes", async () => {
    const wanted = Array.from({ length: 30_000 }, (_, at) => ({ key: `k${at}`, value: `v${at}` }));
    on.write("many.ndjson", wanted.map((entry) => JSON.stringify(entry)).join("\n"));
    const child = startCli(["seed", "many.ndjson", "-n", "CONFIG", ...local]);
    const ended = once(child, "exit");
    await eventually(() => journals().some((text) => text.includes('"accepted"')));
    child.kill("SIGKILL");
    await ended;

    const before = await stored();
    const resumed = await on.run(["seed", "many.ndjson", "-n", "CONFIG", ...local, "--resume", "--json"]);

    expect([before.count % 5000, before.wrong]).toEqual([0, []]);
    expect(before.count).toBeGreaterThan(0);
    expect(before.count).toBeLessThan(wanted.length);
    const [{ written, resumed: earlier }] = JSON.parse(resumed.stdout) as [{ written: number; resumed: number }];
    expect([resumed.code, written + earlier]).toEqual([0, wanted.length]);
    expect(earlier).toBeLessThanOrEqual(before.count);
    expect(await stored()).toEqual({ count: wanted.length, wrong: [] });
  });

  it("is reached through cfkv dev while that runs, and not opened a second time", async () => {
    const assembly = readAssembly(ASSEMBLY);
    const server = await startDev({ port: 0, readSeeds: readEntries, dataFolder: on.path(".cfkv") });
    try {
      await server.update(assembly, chooseStack(assembly, { name: "edge-store-dev-bob" }), new Map());
      const store = server.engine.store("edge-store-config-dev-bob");
      const lines = Array.from({ length: 1500 }, (_, at) => JSON.stringify({ key: `k${at}`, value: `v${at}` }));
      on.write("many.ndjson", lines.join("\n"));

      const seeded = await on.run(["seed", "many.ndjson", "-n", "CONFIG", ...local, "--prune", "--yes", "--verify"]);
      expect([seeded.code, seeded.stderr]).toEqual([0, expect.stringContaining("1500 of 1500 entries written")]);
      expect(Buffer.from((await store.get("k1499"))?.body ?? []).toString()).toBe("v1499");

      await store.put("k1", "by the Worker");
      expect(await on.run(["kv", "get", "CONFIG", "k1", ...local])).toMatchObject({ stdout: "by the Worker" });
    } finally {
      await server.dispose();
    }
    expect(await on.run(["kv", "get", "CONFIG", "k2", ...local])).toMatchObject({ code: 0, stdout: "v2" });
  });

  it("is not touched while another process uses it alone", async () => {
    const engine = await startEngine({ dataFolder: on.path(".cfkv", "data"), owner: "another tool" });
    try {
      const { code, stderr } = await on.run(["kv", "put", "CONFIG", "a", "b", ...local]);

      expect(code).toBe(1);
      expect(stderr).toMatch(/error DATA_FOLDER_IN_USE: the data in .* is in use by another tool/);
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

/** The command line in a process of its own, which can be killed. */
function startCli(argv: readonly string[]): ChildProcess {
  const tsx = pathToFileURL(resolve("node_modules/tsx/dist/loader.mjs")).href;
  const args = ["--import", tsx, resolve("src/cli/bin.ts"), ...argv];
  return spawn(process.execPath, args, {
    cwd: on.path(),
    env: { ...process.env, CDKTF_OUTDIR: ASSEMBLY },
    stdio: "ignore",
  });
}

/** The records of seeds that are not complete. */
function journals(): string[] {
  const folder = on.path(".cfkv", "runs");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".journal"));
  return files.map((file) => readFileSync(join(folder, file), "utf8"));
}

/** How many keys CONFIG has, and what differs from `k<n>` = `v<n>` in a sample of them. */
async function stored(): Promise<{ count: number; wrong: string[] }> {
  const { stdout } = await on.run(["kv", "list", "CONFIG", ...local, "--json"]);
  const keys = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  const sample = keys.filter((_, at) => at % 50 === 0);
  const engine = await startEngine({ dataFolder: on.path(".cfkv", "data") });
  try {
    const id = namespaceLabel({ name: "edge-store-config-dev-bob", logicalId: "" });
    await engine.apply({ namespaces: [{ id }], workers: [] });
    const values = await engine.store(id).getAll(sample);
    return { count: keys.length, wrong: sample.filter((key, at) => values[at]?.value !== key.replace("k", "v")) };
  } finally {
    await engine.dispose();
  }
}
