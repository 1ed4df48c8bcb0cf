import { existsSync } from "node:fs";
import { namespaceYaml } from "../../manifest/read-text.js";
import { tempDirs } from "../../support/temp-dir.js";
import { cli } from "../run-cli.js";

const dirs = tempDirs();

describe("cfkv validate", () => {
  it("says how much there is, and that nothing is wrong with it", async () => {
    expect(await cli(["validate", "examples/manifests"])).toEqual({
      code: 0,
      stdout: "13 documents in 10 files: no problems\n",
      stderr: "",
    });
  });

  it("finds a problem with a position in every invalid manifest there is", async () => {
    const { code, stdout } = await cli(["validate", "test/fixtures/manifests/invalid", "--json"]);
    const { valid, problems } = JSON.parse(stdout) as { valid: boolean; problems: Record<string, unknown>[] };
    expect([code, valid]).toEqual([1, false]);
    expect(problems.length).toBeGreaterThan(70);
    for (const problem of problems) {
      expect(Object.keys(problem)).toEqual([
        "severity",
        "code",
        "message",
        "file",
        "line",
        "column",
        "path",
        "document",
      ]);
      expect(problem["line"]).toBeGreaterThan(0);
      expect(problem["column"]).toBeGreaterThan(0);
    }
  });

  it("tells the same text and the same facts", async () => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: shop\nttlSeconds: 5m"));
    expect((await cli(["validate", "kv.yaml"], { cwd: dirs.path() })).stdout).toMatchInlineSnapshot(`
      "kv.yaml:7:15 error WRONG_TYPE spec.ttlSeconds: ttlSeconds must be a whole number, got '5m'
          7 |   ttlSeconds: 5m
            |               ^^

      1 document in 1 file: 1 error
      "
    `);
    expect(JSON.parse((await cli(["validate", "kv.yaml", "--json"], { cwd: dirs.path() })).stdout)).toEqual({
      valid: false,
      problems: [
        {
          severity: "error",
          code: "WRONG_TYPE",
          message: "ttlSeconds must be a whole number, got '5m'",
          file: "kv.yaml",
          line: 7,
          column: 15,
          path: "spec.ttlSeconds",
          document: 1,
        },
      ],
    });
  });

  it("is satisfied with warnings, which stand behind the errors", async () => {
    dirs.write("a.yaml", namespaceYaml("namespaceName: a", { after: "status: {}\n" }));
    const alone = await cli(["validate", "."], { cwd: dirs.path() });
    expect([alone.code, alone.stdout.split("\n").at(-2)]).toEqual([0, "1 document in 1 file: 1 warning"]);
    dirs.write("b.yaml", namespaceYaml("namespaceName: "));
    const both = await cli(["validate", "."], { cwd: dirs.path() });
    expect(both.stdout.match(/^\S+ (error|warning)|^.*: 1 .*$/gm)).toEqual([
      "b.yaml:6:3 error",
      "a.yaml:7:1 warning",
      "2 documents in 2 files: 1 error, 1 warning",
    ]);
    expect(both.code).toBe(1);
  });

  it("validates Workers by the constructs' own rules", async () => {
    const { code, stdout } = await cli(["validate", "test/fixtures/manifests/invalid/INVALID_PROPS.yaml"]);
    expect(code).toBe(1);
    expect(stdout).toContain("error INVALID_PROPS spec.environments.prod.worker.workerName");
  });

  it("takes overrides and Planton's own measure", async () => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: shop\nttlSeconds: 60"));
    const cwd = dirs.path();
    expect((await cli(["validate", "kv.yaml", "--set", "spec.ttlSeconds=30"], { cwd })).code).toBe(1);
    const lenient = await cli(["validate", "kv.yaml", "--set", "spec.ttlSeconds=30", "--compat", "planton"], { cwd });
    expect([lenient.code, lenient.stdout.split("\n").at(-2)]).toEqual([0, "1 document in 1 file: 1 warning"]);
  });

  it("uses colour on a terminal only, and not when it is unwanted", async () => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: "));
    const cwd = dirs.path();
    expect((await cli(["validate", "."], { cwd, terminal: true })).stdout).toContain("\u001b[31merror\u001b[39m");
    expect((await cli(["validate", "."], { cwd, terminal: true, env: { NO_COLOR: "1" } })).stdout).not.toContain(
      "\u001b",
    );
    expect((await cli(["validate", "."], { cwd })).stdout).not.toContain("\u001b");
  });

  it.each([
    [["validate"], "missing required argument 'paths'"],
    [["validate", "a.yaml", "--compat", "pulumi"], "Allowed choices are planton"],
    [["validate", "a.yaml", "--jsn"], "(did you mean '--json'?)"],
  ])("ends %j with exit code 2", async (argv, message) => {
    const { code, stderr } = await cli(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("cfkv schema", () => {
  it("prints the JSON schema of a kind, or of all", async () => {
    const one = await cli(["schema", "CloudflareKvNamespace"]);
    expect([one.code, JSON.parse(one.stdout)]).toEqual([
      0,
      expect.objectContaining({ title: "CloudflareKvNamespace" }),
    ]);
    const all = await cli(["schema"]);
    expect(JSON.parse(all.stdout)).toMatchObject({ title: "cfkv manifest" });
  });

  it("names the nearest kind to one that does not exist", async () => {
    const { code, stdout, stderr } = await cli(["schema", "CloudflareKVNamespaces"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("there is no kind 'CloudflareKVNamespaces' (did you mean 'CloudflareKvNamespace'?)");
  });
});

describe("cfkv synth with manifests", () => {
  const account = { CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef" };

  it("writes the assembly and shows its stacks", async () => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: shop-cache\nttlSeconds: 300"));
    const { code, stdout } = await cli(["synth", "kv.yaml"], { cwd: dirs.path(), env: account });
    expect([code, stdout]).toEqual([
      0,
      "kv\n  namespaces\n    shop-cache  keys expire after 5 min\n  outputs\n    namespace_id   (known after apply)\n    namespace_ids  (known after apply)\n",
    ]);
    expect(existsSync(dirs.path("cdktf.out/stacks/kv/cdk.tf.json"))).toBe(true);
  });

  it("writes nothing when anything is wrong, and tells all of it on stderr", async () => {
    dirs.write("a.yaml", namespaceYaml("namespaceName: shop-cache"));
    dirs.write("b.yaml", namespaceYaml("namespaceName: "));
    const { code, stdout, stderr } = await cli(["synth", "."], { cwd: dirs.path(), env: account });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^b\.yaml:6:3 error MISSING_FIELD [^]*\n\nnothing was written\n$/);
    expect(existsSync(dirs.path("cdktf.out"))).toBe(false);
  });

  it("says which variables to set for a credential of other names", async () => {
    const credential =
      "---\napiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata: {name: c}\nspec: {api_token: '${DEPLOY_TOKEN}'}\n";
    dirs.write("kv.yaml", namespaceYaml("namespaceName: shop-cache") + credential);
    const { stderr } = await cli(["synth", "kv.yaml"], { cwd: dirs.path(), env: account });
    expect(stderr).toContain("when applying, set CLOUDFLARE_API_TOKEN to the value of DEPLOY_TOKEN");
  });

  it.each([
    [["--set", "a=b"], "--set requires manifests, and none is named"],
    [["--split"], "--split requires manifests, and none is named"],
    [["kv.yaml", "--account-id", "nope"], "--account-id must be 32 lower-case hexadecimal digits, got 'nope'"],
    [["kv.yaml", "--stack", "a b"], "--stack must be letters, digits, '_' and '-', got 'a b'"],
    [["kv.yaml", "--stack", "a", "--split"], "--stack names one stack, and --split makes several"],
  ])("ends with %j in exit code 2", async (argv, message) => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: shop-cache"));
    const { code, stderr } = await cli(["synth", ...argv], { cwd: dirs.path(), env: account });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
