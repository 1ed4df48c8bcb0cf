import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Emulator, startEmulator } from "../../../src/local/index.js";
import { synthManifests } from "../../../src/synth/index.js";
import { cli } from "../../cli/run-cli.js";
import { wrangler } from "../../clients/wrangler-steps.js";
import { ACCOUNT, api, callWorker, createNamespace, KV } from "../../local/emulator/emulator-client.js";
import { tempDirs } from "../../support/temp-dir.js";

const { path, write } = tempDirs();
let emulator: Emulator;
beforeEach(async () => (emulator = await startEmulator()));
afterEach(() => emulator.close());

const SOURCE = `export default {
  async fetch(request, env) { return new Response((await env.SESSIONS.get("a")) + " " + env.GREETING + " " + env.API_KEY); },
  scheduled() {},
};`;

/** Deploys a Worker with wrangler: a namespace with a key, a secret, a route, a domain and a schedule. */
async function deploy(): Promise<{ readonly namespace: string }> {
  const namespace = await createNamespace(emulator, "shop-SESSIONS");
  await api(emulator, "PUT", `${KV}/${namespace}/values/a`, { body: "kept" });
  write("src/index.ts", SOURCE);
  write(
    "wrangler.jsonc",
    JSON.stringify({
      name: "shop",
      main: "src/index.ts",
      account_id: ACCOUNT,
      compatibility_date: "2026-04-01",
      workers_dev: true,
      vars: { GREETING: "hello" },
      kv_namespaces: [{ binding: "SESSIONS", id: namespace }],
      routes: [
        { pattern: "example.com/shop/*", zone_name: "example.com" },
        { pattern: "shop.example.com", custom_domain: true },
      ],
      triggers: { crons: ["*/5 * * * *"] },
    }),
  );
  const bin = resolve("node_modules/wrangler/bin/wrangler.js");
  const place = { node: process.execPath, bin, folder: path(), baseUrl: emulator.baseUrl, account: ACCOUNT };
  for (const [args, input] of [
    [["deploy"], ""],
    [["secret", "put", "API_KEY"], "hunter2"],
  ] as const) {
    const { code, output } = await wrangler(place, args, input);
    if (code !== 0) throw new Error(output);
  }
  return { namespace };
}

const env = () => ({ CLOUDFLARE_BASE_URL: emulator.baseUrl, CLOUDFLARE_API_TOKEN: "t".repeat(40) });

describe("cfkv import wrangler --live", () => {
  it("has the titles, secrets' names and ids of what wrangler has deployed, so that everything is imported", async () => {
    const { namespace } = await deploy();
    const before = await callWorker(emulator, "shop.localhost");
    expect(before.body.toString()).toBe("kept hello hunter2");

    const imported = await cli(["import", "wrangler", "--live", "--to", "stack.yaml"], { cwd: path(), env: env() });
    expect(imported).toMatchObject({ code: 0, stderr: "" });
    const text = readFileSync(path("stack.yaml"), "utf8");
    expect(text).toContain("namespaceName: shop-SESSIONS");
    expect(text).toContain("API_KEY");
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("decide:");

    const set = synthManifests(path("out"), ["stack.yaml"], { cwd: path() });
    expect(set.problems).toEqual([]);
    const stack = stackOf("shop-prod");
    const managed = Object.entries(stack.resource).flatMap(([type, all]) =>
      Object.keys(all).map((id) => `${type}.${id}`),
    );
    expect(stack.import.map(({ to }) => to).sort()).toEqual(managed.sort());
    expect(stack.import.map(({ id }) => id)).toContain(`${ACCOUNT}/${namespace}`);
    expect(managed.map((one) => one.split(".")[0]).sort()).toEqual([
      "cloudflare_workers_cron_trigger",
      "cloudflare_workers_custom_domain",
      "cloudflare_workers_kv_namespace",
      "cloudflare_workers_route",
      "cloudflare_workers_script",
      "cloudflare_workers_script_subdomain",
    ]);
    expect((await callWorker(emulator, "shop.localhost")).body.toString()).toBe("kept hello hunter2");
  });

  it("says what does not exist at Cloudflare", async () => {
    const file = {
      name: "shop",
      main: "src/index.ts",
      account_id: ACCOUNT,
      kv_namespaces: [{ binding: "GONE", id: "f".repeat(32) }],
    };
    write("wrangler.json", JSON.stringify(file));
    const { stderr, stdout } = await cli(["import", "wrangler", "--live", "--to", "-"], { cwd: path(), env: env() });
    expect(stderr).toContain("decide: the account has no namespace with this id");
    expect(stdout).toContain("// the account has no Worker 'shop' yet: the first apply creates it");
    expect(stdout).not.toContain("adopt: true");
  });

  it("warns of an address that leads to another Worker", async () => {
    await deploy();
    const config = JSON.parse(readFileSync(path("wrangler.jsonc"), "utf8")) as object;
    write("wrangler.jsonc", JSON.stringify({ ...config, name: "other" }));
    const { stderr } = await cli(["import", "wrangler", "--live", "--to", "-"], { cwd: path(), env: env() });
    expect(stderr).toContain("decide: 'example.com/shop/*' leads to the Worker 'shop' now");
    expect(stderr).toContain("decide: 'shop.example.com' leads to the Worker 'shop' now");
  });

  it("needs a token that works", async () => {
    write("wrangler.toml", `name = "shop"\nmain = "a.ts"\naccount_id = "${ACCOUNT}"\n`);
    const { code, stderr } = await cli(["import", "wrangler", "--live"], { cwd: path() });
    expect(code).toBe(1);
    expect(stderr).toContain("error CLOUDFLARE_TOKEN_MISSING");
  });
});

interface Stack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly import: readonly { readonly to: string; readonly id: string }[];
}

function stackOf(name: string): Stack {
  return JSON.parse(readFileSync(join(path("out"), "stacks", name, "cdk.tf.json"), "utf8")) as Stack;
}
