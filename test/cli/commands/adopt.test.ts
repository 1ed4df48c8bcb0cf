import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Emulator, startEmulator } from "../../../src/local/index.js";
import { synthManifests } from "../../../src/synth/index.js";
import { wrangler } from "../../clients/wrangler-steps.js";
import { ACCOUNT, api, callWorker, createNamespace, KV } from "../../local/emulator/emulator-client.js";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

const { path, write } = tempDirs();
let emulator: Emulator;
beforeEach(async () => (emulator = await startEmulator()));
afterEach(() => emulator.close());

/** Two environments that wrangler has deployed, with namespaces, a key, a secret and addresses. */
async function deployed(): Promise<{ readonly prod: string; readonly staging: string }> {
  const [prod, staging] = [
    await createNamespace(emulator, "shop-SESSIONS"),
    await createNamespace(emulator, "shop-staging-SESSIONS"),
  ];
  await createNamespace(emulator, "shop-cache-prod");
  await createNamespace(emulator, "blog");
  await api(emulator, "PUT", `${KV}/${prod}/values/a`, { body: "kept" });
  write(
    "src/index.ts",
    'export default { async fetch(request, env) { return new Response((await env.SESSIONS.get("a")) + env.STAGE + env.API_KEY); }, scheduled() {} };',
  );
  const config = {
    name: "shop",
    main: "src/index.ts",
    account_id: ACCOUNT,
    compatibility_date: "2026-04-01",
    workers_dev: true,
    vars: { STAGE: "prod", LIMITS: { perMinute: 5 } },
    kv_namespaces: [{ binding: "SESSIONS", id: prod }],
    routes: [
      { pattern: "example.com/shop/*", zone_name: "example.com" },
      { pattern: "shop.example.com", custom_domain: true },
    ],
    triggers: { crons: ["*/5 * * * *"] },
    env: {
      staging: {
        workers_dev: true,
        routes: [],
        triggers: { crons: [] },
        vars: { STAGE: "staging" },
        kv_namespaces: [{ binding: "SESSIONS", id: staging }],
      },
    },
  };
  write("wrangler.jsonc", JSON.stringify(config));
  const bin = resolve("node_modules/wrangler/bin/wrangler.js");
  const place = { node: process.execPath, bin, folder: path(), baseUrl: emulator.baseUrl, account: ACCOUNT };
  for (const args of [
    ["deploy", "--env", ""],
    ["deploy", "--env", "staging"],
    ["secret", "put", "API_KEY", "--env", ""],
  ]) {
    const { code, output } = await wrangler(place, args, "hunter2");
    if (code !== 0) throw new Error(output);
  }
  return { prod, staging };
}

const adopted = (args: readonly string[] = []) =>
  cli(["adopt", "--account", ACCOUNT, ...args], {
    cwd: path(),
    env: { CLOUDFLARE_BASE_URL: emulator.baseUrl, CLOUDFLARE_API_TOKEN: "t".repeat(40) },
  });

describe("cfkv adopt", () => {
  it("writes a set in which everything that exists is imported, and touches nothing", async () => {
    const { prod } = await deployed();
    const { code, stdout, stderr } = await adopted(["--to", "stack.yaml"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "wrote stack.yaml\nwrote adopted/shop.js\nwrote adopted/shop-staging.js\n",
    });
    expect(stderr).toContain(
      "shop\n  prod: Worker shop, namespaces SESSIONS, CACHE, 2 addresses, crons\n  staging: Worker shop-staging, namespaces SESSIONS\n",
    );
    expect(stderr).toMatch(/unmanaged namespace 'blog' \([0-9a-f]{32}\): no app and environment are in its title/);
    expect(readFileSync(path("stack.yaml"), "utf8")).toContain("secrets stay as they are: API_KEY");

    const set = synthManifests(path("out"), ["stack.yaml"], { cwd: path() });
    expect(set.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    for (const [name, types] of Object.entries({
      "shop-prod": [
        "cron_trigger",
        "custom_domain",
        "kv_namespace",
        "kv_namespace",
        "route",
        "script",
        "script_subdomain",
      ],
      "shop-staging": ["kv_namespace", "script", "script_subdomain"],
    })) {
      const stack = stackOf(name);
      const managed = Object.entries(stack.resource).flatMap(([type, all]) =>
        Object.keys(all).map((id) => `${type}.${id}`),
      );
      expect(managed.map((one) => one.replace(/^cloudflare_workers_(\w+)\..*$/, "$1")).sort()).toEqual(types);
      expect(stack.import.map(({ to }) => to).sort()).toEqual(managed.sort());
    }
    expect(stackOf("shop-prod").import.map(({ id }) => id)).toContain(`${ACCOUNT}/${prod}`);
    expect((await callWorker(emulator, "shop.localhost")).body.toString()).toBe("keptprodhunter2");
  });

  it("takes only what matches, and shows it before anything is written", async () => {
    await deployed();
    const { code, stdout, stderr } = await adopted(["--match", "shop-staging*", "--dry-run"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("shop\n  staging: Worker shop-staging, namespaces SESSIONS\n");
    expect(stderr).toContain("unmanaged Worker 'shop': its name does not match 'shop-staging*'");
    expect(existsSync(path("main.ts"))).toBe(false);
  });

  it("never replaces a file, and says when there is nothing", async () => {
    expect(await adopted()).toMatchObject({ code: 0, stdout: "", stderr: "nothing is there to adopt\n" });
    write("main.ts", "mine");
    expect((await adopted()).stderr).toContain("error FILE_EXISTS");
    expect(readFileSync(path("main.ts"), "utf8")).toBe("mine");
  });
});

interface Stack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly import: readonly { readonly to: string; readonly id: string }[];
}

function stackOf(name: string): Stack {
  return JSON.parse(readFileSync(join(path("out"), "stacks", name, "cdk.tf.json"), "utf8")) as Stack;
}
