import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadManifests, ManifestError, rehearse, synthManifests } from "../../src/synth/index.js";
import { codesOf, namespaceYaml, readText } from "../manifest/read-text.js";
import { testApp } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const accountId = "0123456789abcdef0123456789abcdef";

const named = (name: string): string =>
  namespaceYaml(`namespaceName: ${name}`, { metadata: `metadata: {name: "${name}"}` });

/** The environment of the tests may name an account. */
const { CLOUDFLARE_ACCOUNT_ID: outer } = process.env;
beforeEach(() => delete process.env["CLOUDFLARE_ACCOUNT_ID"]);
afterAll(() => {
  if (outer !== undefined) process.env["CLOUDFLARE_ACCOUNT_ID"] = outer;
});

function stacksOf(paths: string[], options: Parameters<typeof loadManifests>[2] = {}): string[] {
  return loadManifests(testApp(), paths, { accountId, ...options }).map(({ node }) => node.id);
}

describe("stacks of manifests", () => {
  it("are called like their files, or as the one there is should be called", () => {
    const file = dirs.write("kv prod.yaml", `${named("a")}---\n${named("b")}`);
    expect(stacksOf([file])).toEqual(["kv-prod"]);
    expect(stacksOf([file], { stack: "other" })).toEqual(["other"]);
  });

  it("are one for every document when they are split", () => {
    const file = dirs.write("kv.yaml", `${named("a")}---\n${named("My NS / x")}`);
    expect(stacksOf([file], { split: true })).toEqual(["a", "My-NS-x"]);
  });

  it("cannot all have the one name that is given", () => {
    dirs.write("a.yaml", named("a"));
    dirs.write("b.yaml", named("b"));
    expect(() => stacksOf([dirs.path()], { stack: "x" })).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: "a stack name requires exactly one stack, got 2",
      }) as Error,
    );
  });

  it("must differ in their names", () => {
    dirs.write("a/kv.yaml", named("a"));
    dirs.write("b/kv.yaml", named("b"));
    expect(() => stacksOf(["."], { cwd: dirs.path() })).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            code: "DUPLICATE_STACK",
            file: "b/kv.yaml",
            message:
              "the stack 'kv' already comes from a/kv.yaml: rename one of the two, or name this one with --stack",
          }),
        ],
      }) as Error,
    );
  });

  it("belong to one app, in which a namespace's name is taken once", () => {
    dirs.write("a.yaml", named("same"));
    dirs.write("b.yaml", named("same"));
    expect(() => stacksOf(["."], { cwd: dirs.path() })).toThrow(/error DUPLICATE_NAMESPACE_NAME .* taken by a\.yaml:1/);
  });
});

describe("the account", () => {
  const cwd = (): string => dirs.path();

  it("is that of the document, then of the options, then of the environment", () => {
    dirs.write("kv.yaml", named("a"));
    process.env["CLOUDFLARE_ACCOUNT_ID"] = accountId;
    expect(synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: cwd() }).isValid()).toBe(true);
    expect(readFileSync(dirs.path("out/stacks/kv/cdk.tf.json"), "utf8")).toContain(accountId);
  });

  it("is missed by every document that has none, and nothing is written", () => {
    dirs.write("a.yaml", named("a"));
    dirs.write(
      "b.yaml",
      "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: s}\nspec:\n  namespaces: {A: }\n  environments: {dev: }\n",
    );
    dirs.write(
      "c.yaml",
      "project_name: t\narchitecture_type: workers_kv\nresources:\n  - {id: w, type: cloudflare_worker, name: w, config: {main: c.yaml}}\n  - {id: k, type: cloudflare_kv, name: k, config: {binding: K}}\n",
    );
    const set = synthManifests(dirs.path("out"), ["."], { cwd: cwd() });
    expect(set.problems.map(({ file, code, message }) => `${file} ${code} ${message}`)).toEqual([
      "a.yaml MISSING_ACCOUNT_ID no account id is known: set CLOUDFLARE_ACCOUNT_ID, pass --account-id, or annotate the namespace with cdktf-cloudflare-kv/account-id",
      "b.yaml MISSING_ACCOUNT_ID no account id is known: set CLOUDFLARE_ACCOUNT_ID, pass --account-id, or set accountId under spec",
      "c.yaml MISSING_ACCOUNT_ID no account id is known: set CLOUDFLARE_ACCOUNT_ID, pass --account-id, or set account_id beside project_name",
    ]);
    expect(existsSync(dirs.path("out"))).toBe(false);
  });

  it("may be of the wrong form, which its construct tells", () => {
    dirs.write("kv.yaml", named("a"));
    const set = synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: cwd(), accountId: "nope" });
    expect(codesOf(set)).toEqual(["INVALID_PROPS spec"]);
    expect(existsSync(dirs.path("out"))).toBe(false);
  });
});

describe("manifests with problems", () => {
  it("make loadManifests throw all of them, with their positions", () => {
    dirs.write("a.yaml", namespaceYaml("namespaceName: a\nttlSeconds: 5"));
    dirs.write("b.yaml", "a: [");
    const load = (): unknown => loadManifests(testApp(), ".", { accountId, cwd: dirs.path() });
    expect(load).toThrow(ManifestError);
    expect(load).toThrow(expect.objectContaining({ code: "INVALID_MANIFEST" }) as Error);
    expect(load).toThrow(/a\.yaml:7:15 error TTL_TOO_SHORT[^]*b\.yaml:1:5 error YAML_SYNTAX/);
  });

  it("leave what was written before as it was", () => {
    dirs.write("kv.yaml", named("a"));
    synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: dirs.path(), accountId });
    const before = readFileSync(dirs.path("out/stacks/kv/cdk.tf.json"), "utf8");
    dirs.write("kv.yaml", `${named("b")}---\n${namespaceYaml("namespaceName: ")}`);
    expect(synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: dirs.path(), accountId }).isValid()).toBe(false);
    expect(readdirSync(dirs.path("out/stacks"))).toEqual(["kv"]);
    expect(readFileSync(dirs.path("out/stacks/kv/cdk.tf.json"), "utf8")).toBe(before);
  });

  it("whose Worker does not compile tell what esbuild says", () => {
    dirs.write("worker.ts", "export default {\n  fetch: (=> 1\n};\n");
    dirs.write(
      "t.yaml",
      "project_name: t\narchitecture_type: workers_kv\nresources:\n  - {id: w, type: cloudflare_worker, name: w, config: {main: worker.ts}}\n  - {id: k, type: cloudflare_kv, name: k, config: {binding: K}}\n",
    );
    const { problems } = synthManifests(dirs.path("out"), ["t.yaml"], { cwd: dirs.path(), accountId });
    expect(problems).toMatchObject([
      {
        code: "INVALID_PROPS",
        path: "resources[0].config.main",
        line: 4,
        message: expect.stringContaining("worker.ts:2:") as string,
      },
    ]);
  });

  it("may be taken as Planton takes them: a TTL too short for KV becomes the shortest there is", () => {
    dirs.write("kv.yaml", namespaceYaml("namespaceName: a\nttlSeconds: 5"));
    const set = synthManifests(dirs.path("out"), ["kv.yaml"], { cwd: dirs.path(), accountId, compat: "planton" });
    expect(codesOf(set)).toEqual(["warning TTL_TOO_SHORT spec.ttlSeconds"]);
    expect(readFileSync(dirs.path("out/stacks/kv/cdk.tf.json"), "utf8")).toContain('"ttlSeconds": 60');
  });
});

describe("what is written", () => {
  const home = process.cwd();
  afterEach(() => process.chdir(home));

  it("is the same, byte by byte, wherever it is written, and has no absolute path in it", () => {
    dirs.write("src/worker.ts", "export default { fetch: () => new Response() };\n");
    dirs.write(
      "t.yaml",
      "project_name: t\narchitecture_type: workers_kv\nresources:\n  - {id: w, type: cloudflare_worker, name: w, config: {main: src/worker.ts}}\n  - {id: k, type: cloudflare_kv, name: k, config: {binding: K}}\n",
    );
    process.chdir(dirs.path());
    const read = (out: string): string[] => {
      synthManifests(dirs.path(out), ["t.yaml"], { accountId });
      const files = readdirSync(dirs.path(out), { recursive: true, encoding: "utf8", withFileTypes: true });
      return files
        .filter((file) => file.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    };
    const first = read("one");
    expect(first.length).toBe(3);
    expect(read("deep")).toEqual(first);
    expect(first.join("")).not.toContain(dirs.path());
  });

  it("is nothing when a set is only rehearsed", () => {
    const set = readText(
      "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: s}\nspec:\n  namespaces: {A: }\n  worker: {code: nowhere.ts, crons: [x]}\n  environments: {dev: , prod: {worker: {tailConsumers: [A B]}}}\n",
    );
    rehearse(set);
    expect(codesOf(set)).toEqual([
      "warning ENTRY_NOT_FOUND spec.worker.code",
      "INVALID_PROPS spec.worker.crons",
      "INVALID_PROPS spec.environments.prod.worker.tailConsumers",
    ]);
  });
});
