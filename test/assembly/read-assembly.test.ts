import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readAssembly, readModule, type Assembly, type Stack } from "../../src/assembly/index.js";

const FIXTURES = "test/fixtures/assembly";

describe("an assembly of an environment set", () => {
  const assembly = readAssembly(`${FIXTURES}/edge-store`);
  const alice = stackOf(assembly, "edge-store-dev-alice");
  const prod = stackOf(assembly, "edge-store-prod");

  it("says which environment and developer each stack is for", () => {
    const found = assembly.stacks.map((stack) => [stack.app, stack.environment, stack.developer, stack.protected]);
    expect(found).toEqual([
      ["edge-store", "dev", "alice", false],
      ["edge-store", "dev", "bob", false],
      ["edge-store", "prod", undefined, true],
    ]);
    expect(alice.directory).toBe(resolve(FIXTURES, "edge-store/stacks/edge-store-dev-alice"));
  });

  it("has each stack in the folder of its file where the manifest does not say", () => {
    const directory = mkdtempSync(join(tmpdir(), "cfkv-assembly-"));
    try {
      cpSync(`${FIXTURES}/edge-store`, directory, { recursive: true });
      const manifest = join(directory, "manifest.json");
      writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll('"workingDirectory"', '"other"'));
      const folders = readAssembly(directory).stacks.map((stack) => stack.directory);
      expect(folders).toContain(join(directory, "stacks", "edge-store-prod"));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("gives namespaces what Terraform has no attribute for", () => {
    const [sessions] = alice.namespaces;
    expect(sessions).toEqual({
      stack: "edge-store-dev-alice",
      logicalId: "Sessions",
      keys: {},
      managed: true,
      name: "edge-store-sessions-dev-alice",
      accountId: "0123456789abcdef0123456789abcdef",
      ttlSeconds: 86400,
      description: "signed-in users",
      binding: "SESSIONS",
      protected: false,
      seedFiles: [join(alice.directory, "assets/SessionsSeed/9935369998F0A7CF1457CEFFFC4857E2/sessions.json")],
      entries: [],
      bindingNames: ["SESSIONS"],
    });
    expect(prod.namespaces.map((namespace) => namespace.protected)).toEqual([true, true]);
  });

  it("undoes Terraform's escapes in entries and vars", () => {
    expect(alice.namespaces[1]?.entries).toEqual([
      { logicalId: "Config_motd", key: "motd/${user}", value: "100%{ of ${name}", metadata: { by: "terraform" } },
    ]);
    expect(alice.workers[0]?.versions[0]?.bindings).toContainEqual({
      kind: "plain_text",
      name: "GREETING",
      text: "hello ${name}",
    });
  });

  it("reads a Worker that is deployed all at once as one version", () => {
    const [worker] = alice.workers;
    expect(worker).toMatchObject({
      form: "script",
      name: "edge-store-dev-alice",
      crons: ["*/5 * * * *"],
      routes: [],
      customDomains: [],
      workersDev: false,
    });
    const [version] = worker?.versions ?? [];
    expect(version).toMatchObject({
      percentage: 100,
      mainModule: "index.js",
      compatibilityDate: "2025-06-01",
      compatibilityFlags: ["nodejs_compat"],
    });
    expect(version?.bindings.map(({ kind, name }) => `${name}: ${kind}`)).toEqual([
      "API_KEY: secret_text",
      "CONFIG: kv_namespace",
      "GREETING: plain_text",
      "KV_DEFAULTS: plain_text",
      "LIMITS: json",
      "SESSIONS: kv_namespace",
    ]);
    expect(version?.bindings[0]).toEqual({ kind: "secret_text", name: "API_KEY", variable: "API_KEY" });
    expect(version?.bindings[4]).toEqual({ kind: "json", name: "LIMITS", json: { perMinute: 60 } });
  });

  it("binds the very namespace that the stack lists", () => {
    const binding = alice.workers[0]?.versions[0]?.bindings.find(({ name }) => name === "CONFIG");
    expect(binding).toHaveProperty("namespace", alice.namespaces[1]);
  });

  it("gives the versions of a gradual Worker their share of the traffic", () => {
    const [worker] = prod.workers;
    expect(worker?.form).toBe("versions");
    expect(worker?.versions.map(({ logicalId, percentage }) => [logicalId, percentage])).toEqual([
      ["Api_v1", 90],
      ["Api_v2", 10],
      ["Api_v0", 0],
    ]);
    expect(worker?.customDomains).toEqual(["store.example.com"]);
    expect(worker?.routes).toEqual(["example.com/store/*"]);
  });

  it("reads a module's bytes from its asset", () => {
    const [module] = prod.workers[0]?.versions[0]?.modules ?? [];
    expect(module?.contentType).toBe("application/javascript+module");
    const source = module === undefined ? "" : Buffer.from(readModule(module)).toString();
    expect(source.split("\n")[0]).toContain("globalThis.KV_DEFAULTS = ");
  });

  it("knows outputs that need no apply, and leaves out the others", () => {
    expect(prod.outputs).toEqual([
      { name: "config_namespace_id", sensitive: false },
      { name: "worker_name", sensitive: false, value: "edge-store-prod" },
      {
        name: "worker_urls",
        sensitive: false,
        value: ["https://store.example.com/", "https://example.com/store/*"],
      },
    ]);
  });

  it("lists variables and annotations", () => {
    expect(alice.variables).toEqual([
      {
        name: "API_KEY",
        sensitive: true,
        optional: false,
        description: "Secret API_KEY of Worker edge-store-dev-alice",
      },
    ]);
    expect(alice.annotations).toEqual([
      { level: "warning", message: "sessions have no description", constructPath: "edge-store-dev-alice/Sessions" },
    ]);
  });
});

describe("an assembly of hand-written stacks", () => {
  const assembly = readAssembly(`${FIXTURES}/hand-written`);
  const web = stackOf(assembly, "web");
  const bindings = web.workers[0]?.versions[0]?.bindings ?? [];

  it("needs no cfkv block", () => {
    expect(web.environment).toBeUndefined();
    expect(web.dependencies).toEqual(["net"]);
  });

  it("follows variables and locals", () => {
    expect(stackOf(assembly, "net").namespaces[0]?.name).toBe("test-web-shared");
    expect(bindings[1]).toEqual({ kind: "plain_text", name: "STAGE", text: "test" });
  });

  it("resolves a namespace of another stack to the one object", () => {
    const shared = stackOf(assembly, "net").namespaces[0];
    expect(bindings[3]).toHaveProperty("namespace", shared);
    expect(shared?.bindingNames).toEqual(["SHARED"]);
  });

  it("tells external namespaces by name or id", () => {
    expect(web.namespaces).toEqual([
      expect.objectContaining({ managed: false, logicalId: "Legacy", name: "legacy-cache", bindingNames: ["LEGACY"] }),
      expect.objectContaining({
        managed: false,
        namespaceId: "fedcba9876543210fedcba9876543210",
        bindingNames: ["OLD"],
      }),
    ]);
  });

  it("attaches databases, services, routes and workers.dev", () => {
    expect(bindings[0]).toEqual({ kind: "d1", name: "DB", database: web.databases[0] });
    expect(web.databases).toEqual([{ stack: "web", logicalId: "Db", managed: true, name: "web-db" }]);
    const gateway = web.workers[1];
    expect(gateway).toMatchObject({ name: "gateway", routes: ["example.com/*"], workersDev: true });
    expect(gateway?.versions[0]?.bindings).toEqual([{ kind: "service", name: "BACKEND", worker: "backend" }]);
  });

  it("undoes the escapes of code that stands in the stack", () => {
    const [module] = web.workers[1]?.versions[0]?.modules ?? [];
    expect(Buffer.from(module?.content ?? "").toString()).toContain("`gateway: ${await answer.text()}`");
  });

  it("says what only applying tells", () => {
    expect(web.unresolved).toEqual([
      { path: "cloudflare_workers_script.Backend.bindings[2].text", expression: "random_pet.region.id" },
    ]);
    expect(web.outputs.map(({ name, value }) => [name, value])).toEqual([
      ["legacy_id", undefined],
      ["hello", "hello ${you}"],
      ["urls", { gateway: "https://gateway.example.com" }],
    ]);
  });

  it("keeps bindings and resources of other kinds by their Cloudflare names", () => {
    expect(bindings[6]).toMatchObject({ kind: "other", name: "FILES", type: "r2_bucket" });
    expect(stackOf(assembly, "net").otherResources).toEqual(["aws_s3_bucket.Logs"]);
    expect(web.otherResources).toEqual(["random_pet.region"]);
  });
});

describe("hand-written stacks that were changed", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "assembly-"));
    cpSync(`${FIXTURES}/hand-written`, directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Reads stack `web` after a replacement in its file. */
  function changed(from: string, to: string): Stack {
    const file = join(directory, "stacks/web/cdk.tf.json");
    const text = readFileSync(file, "utf8");
    expect(text).toContain(from);
    writeFileSync(
      file,
      text.replace(from, () => to),
    );
    return stackOf(readAssembly(directory), "web");
  }

  it("say where static assets are, and how they are served", () => {
    const assets = { directory: "public", config: { run_worker_first: ["/api/*"] } };
    const web = changed('"script_name": "backend"', `"script_name": "backend", "assets": ${JSON.stringify(assets)}`);

    expect(web.workers[0]?.versions[0]).toMatchObject({
      assetsDirectory: join(directory, "stacks/web/public"),
      assetsConfig: { run_worker_first: ["/api/*"] },
    });
  });

  it("find another stack by cdktf's name for its state, wherever that is", () => {
    const web = changed('"path": "../../../terraform.net.tfstate"', '"path": "elsewhere.tfstate"');
    expect(web.workers[0]?.versions[0]?.bindings[3]).toHaveProperty("namespace.name", "test-web-shared");
  });

  it("find another stack by where its state is, whatever the state is called", () => {
    const file = join(directory, "stacks/web/cdk.tf.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("cross-stack-reference-input-net", "network"));
    const web = stackOf(readAssembly(directory), "web");
    expect(web.workers[0]?.versions[0]?.bindings[3]).toHaveProperty("namespace.name", "test-web-shared");
  });

  it("call a Worker's only module after its main module, its body part, or neither", () => {
    const moduleAfter = (from: string, to: string) => changed(from, to).workers[0]?.versions[0]?.modules[0];
    const main = '"main_module": "backend.js"';

    expect(moduleAfter(main, main)).toMatchObject({
      name: "backend.js",
      contentType: "application/javascript+module",
    });
    expect(moduleAfter(main, '"body_part": "body.js"')).toMatchObject({
      name: "body.js",
      contentType: "application/javascript",
    });
    expect(moduleAfter('"body_part": "body.js",', "")).toMatchObject({
      name: "script",
      contentType: "application/javascript",
    });
  });

  it("name a namespace that is read by its id", () => {
    const id = "0123456789abcdef0123456789abcdef";
    const block = JSON.stringify({ Looked: { account_id: "a", namespace_id: id } });
    changed(
      '"cloudflare_workers_kv_namespaces": {',
      `"cloudflare_workers_kv_namespace": ${block}, "cloudflare_workers_kv_namespaces": {`,
    );
    const web = changed(
      '"fedcba9876543210fedcba9876543210"',
      '"${data.cloudflare_workers_kv_namespace.Looked.namespace_id}"',
    );
    expect(web.namespaces[1]).toMatchObject({ logicalId: "Looked", namespaceId: id, accountId: "a" });
    expect(web.namespaces[0]).not.toHaveProperty("namespaceId");
  });
});

describe("what is no assembly", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "assembly-"));
    cpSync(`${FIXTURES}/edge-store`, directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const stackFile = (): string => join(directory, "stacks/edge-store-prod/cdk.tf.json");

  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(file, "utf8");
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  }

  it("a folder that is not there", () => {
    rmSync(directory, { recursive: true });
    expect(problem(directory)).toEqual([
      "ASSEMBLY_MISSING",
      `there is no ${directory}`,
      "synthesize first: cfkv synth",
    ]);
  });

  it("a folder of somebody else's", () => {
    rmSync(join(directory, "manifest.json"));
    const [code, message, hint] = problem(directory);
    expect(code).toBe("ASSEMBLY_FOREIGN");
    expect(message).toBe(`${directory} has no manifest.json: cdktf did not write this folder`);
    expect(hint).toContain("--output <folder>");
  });

  it("a manifest.json of another tool", () => {
    writeFileSync(join(directory, "manifest.json"), '{"name":"my web app","icons":[]}');
    expect(problem(directory)[0]).toBe("ASSEMBLY_FOREIGN");
  });

  it("a manifest that was cut off", () => {
    writeFileSync(join(directory, "manifest.json"), '{"stacks":{');
    expect(problem(directory)[0]).toBe("ASSEMBLY_BROKEN");
  });

  it("a manifest that names a stack whose file is missing", () => {
    rmSync(stackFile());
    const [code, message] = problem(directory);
    expect(code).toBe("ASSEMBLY_BROKEN");
    expect(message).toBe("the manifest names stacks/edge-store-prod/cdk.tf.json, which cannot be read");
  });

  it("a namespace without a title", () => {
    edit(stackFile(), '"title":', '"name":');
    const [code, message] = problem(directory);
    expect(code).toBe("ASSEMBLY_BROKEN");
    expect(message).toMatch(/ of stack 'edge-store-prod' must have a title, got none$/);
  });

  it("a stack file that was cut off", () => {
    writeFileSync(stackFile(), '{"resource":{');
    const [code, message] = problem(directory);
    expect(code).toBe("ASSEMBLY_BROKEN");
    expect(message).toMatch(/^stacks\/edge-store-prod\/cdk\.tf\.json is not valid JSON: /);
  });

  it("a stack synthesized as HCL", () => {
    edit(join(directory, "manifest.json"), "stacks/edge-store-prod/cdk.tf.json", "stacks/edge-store-prod/cdk.tf");
    expect(problem(directory)).toEqual([
      "ASSEMBLY_HCL",
      "stack 'edge-store-prod' is HCL (stacks/edge-store-prod/cdk.tf): only Terraform JSON can be read",
      "cfkv synth writes JSON; cdktf synth does without --hcl and SYNTH_HCL_OUTPUT=true; an app must not set hclOutput: true",
    ]);
  });

  it("a stack of a newer version of this package", () => {
    edit(stackFile(), '"version": 1', '"version": 2');
    const [code, message] = problem(directory);
    expect(code).toBe("ASSEMBLY_NEWER");
    expect(message).toBe(
      "stacks/edge-store-prod/cdk.tf.json was written by a newer cdktf-cloudflare-kv: its cfkv block must have version 1, got '2'",
    );
  });

  it("a cfkv block that makes no sense", () => {
    edit(stackFile(), '"ttlSeconds": 86400', '"ttlSeconds": "a day"');
    expect(problem(directory).slice(0, 2)).toEqual([
      "ASSEMBLY_BROKEN",
      "cfkv.namespaces.Sessions.ttlSeconds of stacks/edge-store-prod/cdk.tf.json must be a number, got '\"a day\"'",
    ]);
  });

  it("one whose assets are gone, once they are read", () => {
    rmSync(join(directory, "stacks/edge-store-prod/assets"), { recursive: true });
    const [module] = stackOf(readAssembly(directory), "edge-store-prod").workers[0]?.versions[0]?.modules ?? [];
    expect(module).toBeDefined();
    expect(() => module && readModule(module)).toThrow(/^the assembly names .*index\.js, which cannot be read$/);
  });
});

function stackOf(assembly: Assembly, name: string): Stack {
  const stack = assembly.stacks.find((candidate) => candidate.name === name);
  if (stack === undefined) throw new Error(`the fixture has no stack '${name}'`);
  return stack;
}

/** Code, message and hint of what reading the folder throws. */
function problem(directory: string): unknown[] {
  try {
    readAssembly(directory);
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    return [code, message, hint];
  }
  throw new Error("it was read without an error");
}
