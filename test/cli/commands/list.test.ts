import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

const SHOP = "test/fixtures/assembly/edge-store";

const { path } = tempDirs();

describe("cfkv list", () => {
  it("shows every stack for people", async () => {
    const { code, stdout, stderr } = await cli(["list", "--output", SHOP]);
    expect([code, stderr]).toEqual([0, "warning edge-store-dev-alice/Sessions: sessions have no description\n"]);
    expect(stdout).toMatchInlineSnapshot(`
     "edge-store-dev-alice  dev of edge-store, developer alice
       namespaces
         SESSIONS  edge-store-sessions-dev-alice  keys expire after 24 h  1 seed file; signed-in users
         CONFIG    edge-store-config-dev-alice    keys do not expire      1 seed file; 1 managed entry
       workers
         edge-store-dev-alice  all at once  cron */5 * * * *
       outputs
         config_namespace_id  (known after apply)
         worker_name          edge-store-dev-alice
         worker_urls          []

     edge-store-dev-bob  dev of edge-store, developer bob
       namespaces
         SESSIONS  edge-store-sessions-dev-bob  keys expire after 24 h  1 seed file; signed-in users
         CONFIG    edge-store-config-dev-bob    keys do not expire      1 seed file; 1 managed entry
       workers
         edge-store-dev-bob  all at once  cron */5 * * * *
       outputs
         config_namespace_id  (known after apply)
         worker_name          edge-store-dev-bob
         worker_urls          []

     edge-store-prod  prod of edge-store, protected
       namespaces
         SESSIONS  edge-store-sessions-prod  keys expire after 24 h  1 seed file; signed-in users
         CONFIG    edge-store-config-prod    keys do not expire      1 seed file; 1 managed entry
       workers
         edge-store-prod  release v1 90 %, release v2 10 %  https://store.example.com/  https://example.com/store/*
       outputs
         config_namespace_id  (known after apply)
         worker_name          edge-store-prod
         worker_urls          ["https://store.example.com/","https://example.com/store/*"]
     "
    `);
  });

  it("shows one environment, or one stack", async () => {
    const dev = await cli(["list", "dev", "--output", SHOP]);
    expect(dev.stdout.match(/^edge-store\S+/gm)).toEqual(["edge-store-dev-alice", "edge-store-dev-bob"]);
    const prod = await cli(["list", "edge-store-prod", "--output", SHOP]);
    expect(prod.stdout.match(/^edge-store\S+/gm)).toEqual(["edge-store-prod"]);
  });

  it("names the stacks there are when the one asked for is unknown", async () => {
    const { code, stderr } = await cli(["list", "prd", "--output", SHOP]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      "error STACK_UNKNOWN: no stack is named 'prd' (did you mean 'prod'?)\n" +
        "  help: stacks: edge-store-dev-alice, edge-store-dev-bob, edge-store-prod\n",
    );
  });

  it("prints the same as JSON for programs", async () => {
    const { stdout } = await cli(["list", "prod", "--json", "--output", SHOP]);
    const { stacks } = JSON.parse(stdout) as { stacks: Record<string, unknown>[] };
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toMatchObject({
      name: "edge-store-prod",
      environment: "prod",
      protected: true,
      namespaces: [
        { name: "edge-store-sessions-prod", ttlSeconds: 86400, binding: "SESSIONS", managedEntries: 0 },
        { name: "edge-store-config-prod", ttlSeconds: 0, managedEntries: 1 },
      ],
      workers: [
        {
          name: "edge-store-prod",
          form: "versions",
          versions: [{ percentage: 90 }, { percentage: 10 }, { percentage: 0 }],
          urls: ["https://store.example.com/", "https://example.com/store/*"],
        },
      ],
    });
    expect(stdout).not.toContain(process.cwd());
  });

  it("shows control characters of an assembly as text, so that they do not reach the terminal", async () => {
    cpSync(SHOP, path("out"), { recursive: true });
    const change = (file: string, from: string, to: string) => {
      const text = readFileSync(join(path("out"), file), "utf8");
      expect(text).toContain(from);
      writeFileSync(join(path("out"), file), text.replaceAll(from, to));
    };
    change("stacks/edge-store-dev-bob/cdk.tf.json", '"signed-in users"', '"signed\\u001b[2Jin\\u009b1A"');
    change("manifest.json", "sessions have no description", "sessions\\u001b]0;x\\u0007\\nhave none");

    const { stdout, stderr } = await cli(["list", "--output", path("out")]);
    expect(stdout).toContain(String.raw`signed\u{1b}[2Jin\u{9b}1A`);
    expect(stderr).toContain(String.raw`sessions\u{1b}]0;x\u{7}` + "\nhave none\n");
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it("says how to get an assembly when there is none", async () => {
    const { code, stdout, stderr } = await cli(["list", "--output", "test/fixtures/none"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error ASSEMBLY_MISSING: there is no .*none\n {2}help: synthesize first: cfkv synth\n$/);
  });
});
