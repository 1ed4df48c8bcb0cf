import Ajv from "ajv";
import { readFileSync } from "node:fs";
import { App } from "cdktf";
import { EnvironmentSet } from "cdktf-cloudflare-kv";
import type { Estimate } from "../../../src/report/estimate/estimate.js";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

const ACCOUNT = "0".repeat(31) + "1";
const files = tempDirs();

describe("cfkv estimate", () => {
  it("prints what the seeds' medium example costs", async () => {
    const { code, stdout } = await cli(["estimate", "--reads", "100M/month", "--writes", "1M/month"]);
    expect(code).toBe(0);
    expect(stdout).toContain("total                        $55                           $45");
    expect(stdout).toContain("with it the bill is $50.");
    expect(stdout).toContain("First to end: the quota of reads");
  });

  it("prints JSON that its schema describes", async () => {
    const { stdout } = await cli(["estimate", "--reads", "1M", "--storage", "3GB", "--budget", "20", "--json"]);
    const validate = new Ajv({ meta: true }).compile(
      JSON.parse(readFileSync("schema/estimate.json", "utf8")) as object,
    );
    expect([validate(JSON.parse(stdout)), validate.errors]).toEqual([true, null]);
  });

  it("adds what deletes and lists cost", async () => {
    const amounts = ["--deletes", "3M/month", "--lists", "2M/month"];
    const { stdout } = await cli(["estimate", "--reads", "1M/month", ...amounts, "--json"]);
    const { parts } = JSON.parse(stdout) as Estimate;
    expect(parts).toEqual([expect.objectContaining({ reads: 1e6, deletes: 3e6, lists: 2e6 })]);
  });

  it("exits with 1 above the budget, and with 0 at it", async () => {
    const amounts = ["--reads", "100M/month", "--writes", "1M/month"];
    const above = await cli(["estimate", ...amounts, "--budget", "20"]);
    expect([above.code, above.stdout.includes("The bill of $50 exceeds the budget of $20.")]).toEqual([1, true]);
    expect((await cli(["estimate", ...amounts, "--budget", "50", "--json"])).code).toBe(0);
  });

  it("estimates the workloads of production, by class, with what other TTLs would cost", async () => {
    const output = synthesized();
    const { stdout } = await cli(["estimate", "--output", output, "--json"]);
    const { parts, whatIf, source } = JSON.parse(stdout) as Estimate;
    expect(source).toBe("workload");
    expect(parts.map(({ stack, namespace, class: user }) => [stack, namespace, user])).toEqual([
      ["shop-prod", "shop-cache-prod", "Cache"],
      ["shop-prod", "shop-sessions-prod", "SessionStore"],
    ]);
    expect(parts[0]).toMatchObject({ reads: 80 * 30 * 86_400 });
    expect(whatIf[0]).toMatchObject({ namespace: "shop-cache-prod", ttlSeconds: 300, swrSeconds: 600 });

    const text = await cli(["estimate", "dev", "--output", output]);
    expect(text.stdout).toContain("shop-cache-dev");
    expect(text.stdout).toContain("5 min (declared)");
    expect(Math.max(...text.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("names what is missing when nothing declares a workload", async () => {
    const { code, stderr } = await cli(["estimate", "--output", synthesized(false)]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "error USAGE: there is nothing to estimate: no namespace of these stacks declares a workload",
    );
  });

  it.each([
    [["--reads", "lots"], "--reads must be a number such as 200k or 10M"],
    [["--storage", "3"], "--storage must be a number with a unit, such as 500MB, 3GB or 2GiB, got '3'"],
    [["--reads", "1M", "--budget", "twenty"], "--budget must be US dollars such as 20, got 'twenty'"],
  ])("refuses %j", async (argv, message) => {
    const { code, stderr, stdout } = await cli(["estimate", ...argv]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it("draws with plain ASCII where it is asked to", async () => {
    const { stdout } = await cli(["estimate", "--reads", "1M", "--ascii"]);
    expect(stdout).toMatch(/^[\x20-\x7e\n]+$/);
  });
});

function synthesized(withWorkload = true): string {
  const output = files.path("cdktf.out");
  const app = new App({ outdir: output });
  const workload = {
    CACHE: { cache: { requestsPerSecond: 80, keys: 2000, swrSeconds: 600 } },
    SESSIONS: { sessions: { startedPerDay: 5000 } },
  };
  new EnvironmentSet(app, "shop", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: {
      CACHE: { ttlSeconds: 300, ...(withWorkload && { workload: workload.CACHE }) },
      SESSIONS: { ttlSeconds: 86_400, ...(withWorkload && { workload: workload.SESSIONS }) },
    },
    environments: { dev: {}, prod: {} },
  });
  app.synth();
  return output;
}
