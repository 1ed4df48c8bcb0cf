import { readFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv";
import type { UsageReport } from "../../../src/cli/report/usage.js";
import type { Estimate } from "../../../src/report/estimate/estimate.js";
import { api, KV } from "../../local/emulator/emulator-client.js";
import { type LiveWorld, liveWorld } from "../../report/live-world.js";
import { cli } from "../run-cli.js";

jest.setTimeout(120_000);

const TODAY = new Date().toISOString().slice(0, 10);
const folder = mkdtempSync(join(tmpdir(), "cfkv-usage-"));
let world: LiveWorld;
beforeAll(async () => {
  world = await liveWorld(join(folder, "cdktf.out"));
  await world.put("shop-sessions-prod", "session:a", "12345");
  await world.get("shop-sessions-prod", "session:a");
  await world.get("shop-sessions-prod", "session:missing");
  await world.callWorker();
  await world.callWorker();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const usage = (...argv: string[]) => cli(["usage", "--output", world.output, ...argv], { env: world.env });

describe("cfkv usage", () => {
  it("gives the operations of each namespace, those of Workers included, and zeros where there was no traffic", async () => {
    const { code, stdout } = await usage("prod", "--json");
    expect(code).toBe(0);
    const { accounts } = JSON.parse(stdout) as UsageReport;
    const [account] = accounts;
    expect(account).toMatchObject({ to: TODAY, sampled: true, plan: "free", total: { reads: 4, writes: 2 } });
    expect(account?.namespaces.map(({ name, stack, total }) => [name, stack, total.reads, total.writes])).toEqual([
      ["shop-cache-prod", "shop-prod", 2, 1],
      ["shop-flags-prod", "shop-prod", 0, 0],
      ["shop-sessions-prod", "shop-prod", 2, 1],
    ]);
    expect(account?.namespaces.map(({ storage }) => storage?.keys)).toEqual([1, 0, 1]);
    expect(account?.namespaces[0]?.days).toHaveLength(31);
    expect(account?.namespaces[2]?.latencyMs.reads?.p50).toBeGreaterThanOrEqual(0);
  });

  it("prints JSON that its schema describes", async () => {
    const { stdout } = await usage("--json", "--fail-over", "80");
    const schema = JSON.parse(readFileSync("schema/usage.json", "utf8")) as object;
    const validate = new Ajv().compile(schema);
    expect([validate(JSON.parse(stdout)), validate.errors]).toEqual([true, null]);
  });

  it("prints the same in 80 columns, and in plain ASCII where it is asked to", async () => {
    const { stdout } = await usage("prod");
    expect(stdout).toContain("QUOTAS OF WORKERS FREE");
    expect(stdout).toMatch(new RegExp(`reads +day: ${TODAY} +4 +100,000 +< 0\\.1 %`));
    expect(stdout).toMatch(/shop-sessions-prod +2 +1 +0 +0 +0/);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect((await usage("prod", "--ascii")).stdout).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it("shows namespaces that no stack declares with --all", async () => {
    await api(world.emulator, "POST", KV, { body: { title: "forgotten" } });
    const named = async (...argv: string[]) =>
      (JSON.parse((await usage("--json", ...argv)).stdout) as UsageReport).accounts[0]?.namespaces.map(
        ({ name }) => name,
      );
    expect(await named()).not.toContain("forgotten");
    expect(await named("--all")).toContain("forgotten");
  });

  it("asks for no more than two requests, whatever the number of days", async () => {
    const before = await requestsOf(() => usage("prod", "--days", "31"));
    expect(before).toEqual(["GET namespaces", "POST graphql"]);
  });

  it("exits with 1 when a quota is used by more than the share that is allowed", async () => {
    const pairs = Array.from({ length: 850 }, (_, at) => ({ key: `flag:${at}`, value: "{}" }));
    await api(world.emulator, "PUT", `${KV}/${world.ids["shop-flags-prod"] ?? ""}/bulk`, { body: pairs });
    const { code, stderr } = await usage("prod", "--fail-over", "80");
    expect(code).toBe(1);
    expect(stderr).toBe("over writes: 85.2 % of the quota are used\n");
    expect((await usage("prod", "--fail-over", "90")).code).toBe(0);
    expect((await usage("prod", "--fail-over", "80", "--plan", "paid")).code).toBe(0);
  });

  it.each([
    [["--days", "32"], "--days must be a whole number from 1 to 31, got '32'"],
    [["--fail-over", "much"], "--fail-over must be a number of percent such as 80, got 'much'"],
  ])("refuses %j", async (argv, message) => {
    const { code, stderr } = await usage(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it("says which permission is missing, for an error and for an account that it cannot see", async () => {
    for (const answer of [
      {
        data: null,
        errors: [{ message: "not authorized for that account", path: null, extensions: { code: "authz" } }],
      },
      { data: { viewer: { accounts: [] } }, errors: null },
    ]) {
      const server = await analyticsServer(answer);
      const env = { ...world.env, CLOUDFLARE_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
      const { code, stderr } = await cli(["usage", "--output", world.output], { env });
      server.close();
      expect(code).toBe(3);
      expect(stderr).toContain("error CLOUDFLARE_FORBIDDEN: cloudflare refused to read analytics");
      expect(stderr).toContain("allow 'Account Analytics: Read' on the account");
    }
  });
});

describe("cfkv estimate --from-usage", () => {
  it("takes what was measured for a month, counted from the first day with traffic", async () => {
    const { stdout } = await cli(["estimate", "prod", "--from-usage", "--json", "--output", world.output], {
      env: world.env,
    });
    const { source, parts, month } = JSON.parse(stdout) as Estimate;
    expect(source).toBe("usage");
    expect(parts.find(({ namespace }) => namespace === "shop-cache-prod")).toMatchObject({ reads: 60, writes: 30 });
    expect(month.reads).toBe(4 * 30);
  });
});

/** Which requests the emulator gets meanwhile. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const { port } = new URL(world.emulator.url);
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ""} ${(request.url ?? "").replace(/\?.*/, "").split("/").at(-1) ?? ""}`);
    void forward(request, response, port);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const direct = world.env["CLOUDFLARE_BASE_URL"] ?? "";
  world.env["CLOUDFLARE_BASE_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
  await work();
  world.env["CLOUDFLARE_BASE_URL"] = direct;
  server.closeAllConnections();
  server.close();
  return seen;
}

async function forward(
  request: Parameters<NonNullable<Parameters<typeof createServer>[1]>>[0],
  response: Parameters<NonNullable<Parameters<typeof createServer>[1]>>[1],
  port: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = await fetch(`http://127.0.0.1:${port}${request.url ?? ""}`, {
    method: request.method ?? "GET",
    headers: { authorization: "Bearer x", "content-type": "application/json" },
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
}

async function analyticsServer(answer: object): Promise<Server> {
  const server = createServer((request, response) => {
    const list = { success: true, errors: [], messages: [], result: [], result_info: { total_count: 0 } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.method === "POST" ? answer : list));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return server;
}
