import { statSync } from "node:fs";
import { cli, type RunningCli, startCli } from "../run-cli.js";
import { tempDirs } from "../../support/temp-dir.js";

jest.setTimeout(60_000);

const dirs = tempDirs();

describe("cfkv emulator", () => {
  let running: RunningCli | undefined;
  afterEach(async () => {
    running?.interrupt();
    await running?.result;
    running = undefined;
  });

  it("says where it listens and how to use it, prints requests without tokens, and stops", async () => {
    running = startCli(["emulator", "--port", "0"], { cwd: dirs.path() });
    await running.says("Press Ctrl+C to stop.");
    const [, baseUrl = ""] = /Cloudflare's API: (\S+)/.exec(running.stdout()) ?? [];
    const response = await fetch(`${baseUrl}/accounts`, { headers: { authorization: "Bearer very-secret" } });

    expect(response.status).toBe(200);
    await running.says("200 GET /client/v4/accounts");
    expect(running.stdout()).toMatch(/Workers: +http:\/\/<worker>\.localhost:\d+/);
    expect(running.stderr()).toContain(`export CLOUDFLARE_API_BASE_URL=${baseUrl}`);
    expect(running.stderr()).not.toContain("very-secret");
    running.interrupt();
    expect((await running.result).code).toBe(0);
    await expect(fetch(baseUrl)).rejects.toThrow();
  });

  it("keeps everything in a private folder on request, and prints JSON", async () => {
    running = startCli(["emulator", "--port", "0", "--persist", "data", "--json", "--quiet"], { cwd: dirs.path() });
    await running.says("}");

    expect(JSON.parse(running.stdout())).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      baseUrl: expect.stringMatching(/\/client\/v4$/) as string,
    });
    expect(statSync(dirs.path("data")).mode & 0o777).toBe(0o700);
  });

  it("refuses invalid faults and invalid ports", async () => {
    const faults = await cli(["emulator", "--port", "0", "--faults", "stauts=500"], { cwd: dirs.path() });
    expect(faults.code).toBe(1);
    expect(faults.stderr).toContain("FAULTS_INVALID: invalid fault: unknown word 'stauts=500'");
    expect((await cli(["emulator", "--port", "many"], { cwd: dirs.path() })).code).toBe(2);
  });
});
