import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import type { CheckReport } from "../../../src/cli/report/check.js";
import type { DoctorReport } from "../../../src/cli/report/doctor-item.js";
import { ACCOUNT, api, createNamespace, KV, uploadWorker } from "../../local/emulator/emulator-client.js";
import { type LiveWorld, liveWorld } from "../../report/live-world.js";
import { cli } from "../run-cli.js";

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "cfkv-check-test-"));
let world: LiveWorld;
beforeAll(async () => {
  world = await liveWorld(join(folder, "cdktf.out"));
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const check = (...argv: string[]) => cli(["check", "--output", world.output, ...argv], { env: world.env });
const problems = async (...argv: string[]) => JSON.parse((await check("--json", ...argv)).stdout) as CheckReport;
const schemaOf = (name: string) => new Ajv().compile(JSON.parse(readFileSync(`schema/${name}.json`, "utf8")) as object);

describe("cfkv check", () => {
  it("prints what is wrong with stacks, with codes and what to do", async () => {
    const { code, stdout } = await check("prod");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "advice KEYS_UNDECLARED shop-prod: namespace 'shop-cache-prod' declares no patterns of its keys",
    );
    expect(stdout).toContain("  help: declare them: keys: {");
    expect(stdout).toMatch(/0 errors, 0 warnings, 1 piece of advice\n$/);
  });

  it("finds nothing to complain about where production is as declared", async () => {
    const { problems: found, notMeasured } = await problems("prod", "--live");
    expect(found.map(({ code }) => code)).toEqual(["KEYS_UNDECLARED"]);
    expect(notMeasured[0]).toContain("hot keys");
    expect((await check("prod", "--live", "--strict")).code).toBe(0);
  });

  it("finds drift, strays, and keys without an expiry or a pattern; warnings fail only with --strict", async () => {
    await world.put("shop-sessions-prod", "session:jane", "1");
    await world.put("shop-sessions-prod", "other/jane", "1", "?expiration_ttl=600");
    await createNamespace(world.emulator, "forgotten");
    const cache = world.ids["shop-cache-prod"] ?? "";
    await uploadWorker(world.emulator, "shop-prod", `export default { fetch: () => new Response("") };`, {
      bindings: [
        { type: "kv_namespace", name: "CACHE", namespace_id: world.ids["shop-flags-prod"] },
        { type: "kv_namespace", name: "EXTRA", namespace_id: cache },
      ],
    });
    const { problems: found, valid } = await problems("prod", "--live");
    expect(valid).toBe(true);
    expect(
      found.filter(({ code }) => code.startsWith("LIVE_")).map(({ code, message }) => `${code} ${message}`),
    ).toEqual([
      "LIVE_NO_EXPIRY 1 key of 'shop-sessions-prod' without an expiration; --show-keys shows one",
      "LIVE_KEY_PATTERN 1 key of 'shop-sessions-prod' outside its declared patterns; --show-keys shows one",
      "LIVE_BINDING KV binding 'CACHE' leads to another namespace (Worker 'shop-prod')",
      "LIVE_BINDING KV binding 'FLAGS' is declared and not deployed (Worker 'shop-prod')",
      "LIVE_BINDING KV binding 'SESSIONS' is declared and not deployed (Worker 'shop-prod')",
      "LIVE_BINDING KV binding 'EXTRA' is deployed and not declared (Worker 'shop-prod')",
      expect.stringContaining(`LIVE_UNDECLARED namespace 'forgotten'`) as string,
    ]);
    expect((await check("prod", "--live", "--strict")).code).toBe(1);
    const text = (await check("prod", "--live")).stdout;
    expect(text).not.toContain("jane");
    expect((await check("prod", "--live", "--show-keys")).stdout).toContain("such as 'other/jane'");
  });

  it("says what is not deployed", async () => {
    const codes = (await problems("dev", "--live")).problems.map(({ code }) => code);
    expect(codes.filter((code) => code === "LIVE_MISSING")).toHaveLength(3);
    expect(codes).toContain("LIVE_WORKER_MISSING");
  });

  it("knows a namespace by its id in the state, whatever its name became", async () => {
    const id = world.ids["shop-flags-prod"] ?? "";
    await api(world.emulator, "PUT", `${KV}/${id}`, { body: { title: "renamed-by-hand" } });
    const missing = (await problems("prod", "--live")).problems.map(({ code }) => code);
    expect(missing).toContain("LIVE_MISSING");
    const assembly = JSON.parse(readFileSync(join(world.output, "manifest.json"), "utf8")) as {
      stacks: Record<string, { workingDirectory: string }>;
    };
    const stack = JSON.parse(readFileSync(join(world.output, "stacks/shop-prod/cdk.tf.json"), "utf8")) as {
      terraform: { backend: { local: { path: string } } };
      resource: { cloudflare_workers_kv_namespace: Record<string, { title: string }> };
    };
    const directory = join(world.output, assembly.stacks["shop-prod"]?.workingDirectory ?? "");
    const [name] =
      Object.entries(stack.resource.cloudflare_workers_kv_namespace).find(
        ([, { title }]) => title === "shop-flags-prod",
      ) ?? [];
    const state = join(directory, stack.terraform.backend.local.path);
    mkdirSync(join(state, ".."), { recursive: true });
    const resource = { type: "cloudflare_workers_kv_namespace", name, instances: [{ attributes: { id } }] };
    writeFileSync(state, JSON.stringify({ resources: [resource] }));
    const { problems: found } = await problems("prod", "--live");
    rmSync(state);
    expect(found.map(({ code }) => code)).not.toContain("LIVE_MISSING");
    expect(found.find(({ code }) => code === "LIVE_TITLE")?.message).toBe(
      `namespace ${id} is named 'renamed-by-hand' at Cloudflare, 'shop-flags-prod' in the stack`,
    );
  });

  it("checks manifests without writing anything", async () => {
    const cwd = join(folder, "manifests");
    mkdirSync(cwd);
    const manifest = (spec: string) =>
      `apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: { name: shop }\nspec:\n  accountId: "${ACCOUNT}"\n${spec}`;
    writeFileSync(
      join(cwd, "shop.yaml"),
      manifest(
        "  namespaces: { CACHE: { workload: { direct: { readsPerMonth: 100, writesPerMonth: 100 } } } }\n  environments: { prod: {} }\n",
      ),
    );
    const { code, stdout, stderr } = await cli(["check", "./shop.yaml", "--json"], { cwd });
    expect([code, stderr]).toEqual([0, ""]);
    const found = (JSON.parse(stdout) as CheckReport).problems;
    expect(found.map((one) => one.code)).toEqual(
      expect.arrayContaining(["KV_NO_TTL", "KV_NO_DESCRIPTION", "WRITE_HEAVY"]),
    );
    expect(existsSync(join(cwd, "cfkv.lock.json"))).toBe(false);
    expect((await cli(["check", "./shop.yaml", "--strict"], { cwd })).code).toBe(1);
    writeFileSync(join(cwd, "broken.yaml"), manifest("  namespaces: 1\n"));
    const broken = await cli(["check", "./broken.yaml"], { cwd });
    expect([broken.code, broken.stderr.split("\n")[0]]).toEqual([
      1,
      "error INVALID_MANIFEST: the manifests have problems",
    ]);
  });

  it("prints JSON that its schema describes", async () => {
    const validate = schemaOf("check");
    expect([validate(await problems("--live")), validate.errors]).toEqual([true, null]);
  });
});

describe("cfkv doctor", () => {
  it("says of each thing whether it is there, what was found, and what mends it", async () => {
    const { code, stdout } = await cli(["doctor", "--json", "--output", world.output], {
      env: { ...world.env, PATH: "/nowhere" },
    });
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as DoctorReport;
    const validate = schemaOf("doctor");
    expect([validate(report), validate.errors]).toEqual([true, null]);
    const item = (name: string) => report.items.find((one) => one.item.startsWith(name));
    expect(item("Node.js")).toMatchObject({ ok: true, found: process.versions.node });
    expect(item("cdktf")).toMatchObject({ ok: true });
    expect(item("OpenTofu")).toMatchObject({ ok: false, mend: "see https://opentofu.org/docs/intro/install/" });
    expect(item("token and account")).toMatchObject({ ok: true });
    expect(item("token")).toBeDefined();
    expect(item("Account Analytics")).toMatchObject({ ok: true, found: "allowed" });
    expect(report.healthy).toBe(false);
    expect(stdout).not.toContain("test-token");
  });

  it("marks what is missing in text, with the command that mends it", async () => {
    const cwd = join(folder, "empty");
    mkdirSync(cwd);
    const { code, stdout } = await cli(["doctor"], { cwd, env: { PATH: "/nowhere" } });
    expect(code).toBe(0);
    const flat = stdout.replaceAll(/\n {2}/g, " ");
    expect(flat).toContain("○ cdktf or cdktn: not installed in this project; mend it: npm install cdktf constructs");
    expect(flat).toContain("○ token and account: CLOUDFLARE_API_TOKEN is not set; mend it: create a token");
    expect(flat).toContain("— .dev.vars ignored by git: there is no .dev.vars");
    expect(flat).toMatch(/○ stacks: there is no .*; mend it: cfkv synth/);
  });

  it("asks Cloudflare nothing with --offline, and prints ASCII signs with --ascii", async () => {
    const { code, stdout } = await cli(["doctor", "--offline", "--ascii", "--output", world.output], {
      env: { ...world.env, CLOUDFLARE_BASE_URL: "http://127.0.0.1:9" },
    });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/[○●—]/);
    expect(stdout).not.toContain("Workers KV Storage");
  });
});
