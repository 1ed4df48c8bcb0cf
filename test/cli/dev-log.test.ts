import { join } from "node:path";
import { tempDirs } from "../support/temp-dir.js";
import { cli, startCli } from "./run-cli.js";

jest.setTimeout(30_000);

const dirs = tempDirs();
const OUTPUT = join(process.cwd(), "test/fixtures/assembly/edge-store");

describe("the log of cfkv dev", () => {
  it("is JSON where that is asked for", async () => {
    const args = ["dev", "--port", "0", "--ephemeral", "--output", OUTPUT, "--log", "json"];
    const running = startCli(args, { cwd: dirs.path() });
    await running.says(/ready in \d+ ms/);
    const url = /runs at (\S+)/.exec(running.stdout())?.[1] ?? "";
    await (await fetch(`${url}/?a=1`)).text();
    await running.says('"type":"request"');
    const line = running
      .stderr()
      .split("\n")
      .find((each) => each.includes('"type":"request"'));
    const logged: unknown = JSON.parse(line ?? "");
    expect(logged).toMatchObject({ method: "GET", url: `${url}/?a=1`, status: 200, kvOperations: 0 });
    running.interrupt();
    await running.result;
  });

  it("is a line for each request, with its KV operations", async () => {
    const args = ["dev", "--port", "0", "--ephemeral", "--output", OUTPUT];
    const running = startCli(args, { cwd: dirs.path() });
    await running.says(/ready in \d+ ms/);
    const url = /runs at (\S+)/.exec(running.stdout())?.[1] ?? "";
    await (await fetch(`${url}/?a=1`)).text();
    await running.says(/^\S+ GET \/\?a=1 200 \d+ ms, \d+ KV operations?$/m);
    running.interrupt();
    await running.result;
  });

  it("has two forms", async () => {
    const { code, stderr } = await cli(["dev", "--output", OUTPUT, "--log", "xml"], { cwd: dirs.path() });
    expect([code, stderr]).toEqual([2, expect.stringContaining("--log must be text or json, got 'xml'")]);
  });
});
