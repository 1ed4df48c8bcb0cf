import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { addEngine, deployCli, MANIFEST } from "../../support/deploy-cli.js";
import { accountId } from "../../support/kv-api-target.js";

const { run, start, app, path, write, verbs, titles, server, contents } = deployCli();

/** Plans that were left behind: they may hold secrets. */
const plansLeft = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("cfkv-plan-"));

describe("cfkv apply", () => {
  it("deploys a manifest and prints its outputs", async () => {
    write("flags.yaml", MANIFEST);
    const { code, stdout, stderr } = await run(["apply", "flags.yaml", "--yes"]);

    const [id = ""] = server().namespaces.keys();
    expect([code, titles()]).toEqual([0, ["flags-prod"]]);
    expect(stdout).toBe(`Outputs:\n  namespace_id: "${id}"\n  namespace_ids: {"flags":"${id}"}\n`);
    expect(stderr).toMatch(
      /^flags: no environment, account 0123456789abcdef0123456789abcdef, at 127\.0\.0\.1:\d+, Terraform 1\.99\.0\n/,
    );
    expect(stderr).toContain("  namespaces\n    create   namespace 'flags-prod', empty\n  1 to create\n");
    expect(verbs()).toEqual(["init of flags", "plan of flags", "apply of flags", "output of flags"]);
    expect(plansLeft()).toEqual([]);
  });

  it("applies the manifests that were named last when none is named", async () => {
    write("flags.yaml", MANIFEST);
    await run(["apply", "flags.yaml", "--yes"]);
    write("flags.yaml", MANIFEST.replace("flags-prod", "toggles-prod").replace("spec:", "spec:"));
    const { code, stderr } = await run(["apply", "--yes"]);

    expect([code, titles()]).toEqual([0, ["toggles-prod"]]);
    expect(stderr).toContain("change   namespace 'flags-prod' is renamed to 'toggles-prod'; its id and its keys stay");
  });

  it("gives the engine the token that a credential refers to, and writes it nowhere", async () => {
    write("flags.yaml", MANIFEST);
    write(
      "credential.yaml",
      "apiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata:\n  name: deploy\nspec:\n  api_token: ${DEPLOY_TOKEN}\n",
    );
    const secret = "test-token";
    const { code, stdout, stderr } = await run(["apply", "flags.yaml", "credential.yaml", "--yes"], {
      env: { CLOUDFLARE_API_TOKEN: "", DEPLOY_TOKEN: secret },
    });

    expect([code, titles()]).toEqual([0, ["flags-prod"]]);
    expect(stdout + stderr).not.toContain(secret);
    const files = readdirSync(path(), { recursive: true, encoding: "utf8", withFileTypes: true });
    const telling = files.filter(
      (file) => file.isFile() && readFileSync(`${file.parentPath}/${file.name}`, "utf8").includes(secret),
    );
    expect(telling.map(({ name }) => name)).toEqual([]);
  });

  it("asks before it applies, and applies nothing without an answer", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev" } } });
    const piped = await run(["apply"]);
    const refused = await run(["apply"], { terminal: true, input: "no\n" });
    expect([piped.code, refused.code, titles()]).toEqual([1, 1, []]);
    expect(piped.stderr).toContain(
      "error NOT_CONFIRMED: confirmation required: apply this to shop-dev\n  help: run again with --yes\n",
    );

    const agreed = await run(["apply"], { terminal: true, input: "yes\n" });
    expect([agreed.code, titles()]).toEqual([0, ["shop-cache-dev"]]);
  });

  it("wants the name of a protected environment typed", async () => {
    app({ "shop-prod": { environment: "prod", protected: true, namespaces: { CACHE: "shop-cache-prod" } } });
    const habit = await run(["apply"], { terminal: true, input: "yes\n" });
    expect([habit.code, titles()]).toEqual([1, []]);
    expect(habit.stderr).toContain("apply this to shop-prod, which is protected? Type 'prod' to continue:");

    const meant = await run(["apply", "prod"], { terminal: true, input: "prod\n" });
    expect([meant.code, titles()]).toEqual([0, ["shop-cache-prod"]]);
  });

  it("asks nothing and applies nothing when there is nothing to change", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev" } } });
    await run(["apply", "--yes"]);
    const again = await run(["apply"]);

    expect(again.code).toBe(0);
    expect(again.stderr).toContain("nothing to change");
    expect(verbs().filter((verb) => verb === "apply of shop-dev")).toHaveLength(1);
  });

  it("refuses a plan that deletes what holds keys, whatever was confirmed", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev", OLD: "shop-old-dev" } } });
    await run(["apply", "--yes"]);
    const id = [...server().namespaces].find(([, { title }]) => title === "shop-old-dev")?.[0] ?? "";
    await run(["kv", "put", id, "user:1", "Ada"]);
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev" } } });
    touch("app.cjs");
    const { code, stderr } = await run(["apply", "--yes"]);

    expect([code, titles()]).toEqual([1, ["shop-cache-dev", "shop-old-dev"]]);
    expect(stderr).toContain("delete   namespace 'shop-old-dev' and all its keys (now 1 key)");
    expect(stderr).toContain('REFUSED: it holds keys; list it in deleted: ["shop-old-dev"] to allow its deletion');
    expect(stderr).toContain("error PLAN_REFUSED: 1 change is refused, so nothing of this plan is applied");
  });

  it("seeds after it has applied, and reads the files before", async () => {
    const stack = { environment: "dev", namespaces: { CONFIG: "shop-config-dev" }, seed: { CONFIG: "seed.json" } };
    app({ "shop-dev": stack });
    write("seed.json", '[{ "key": "" , "value": "nobody" }]');
    const wrong = await run(["apply", "--seed", "--yes"]);
    expect([wrong.code, titles()]).toEqual([1, []]);
    expect(wrong.stderr).toContain("seed.json: item 0: key must not be empty");

    write("seed.json", '[{ "key": "name", "value": "shop" }]');
    const { code, stderr } = await run(["apply", "--seed", "--yes"]);
    const [id = ""] = server().namespaces.keys();
    expect([code, contents(id)]).toEqual([0, { name: "shop" }]);
    expect(stderr).toContain("seeds\n    shop-config-dev: 1 entry from seed.json\n");
  });

  it("requests every Worker at the end with --smoke", async () => {
    const script = {
      account_id: accountId,
      script_name: "shop-dev",
      main_module: "worker.js",
      content: "export default {}",
    };
    app({ "shop-dev": { resource: { cloudflare_workers_script: { Worker: script } } } });
    const { code, stderr } = await run(["apply", "--yes", "--smoke"]);

    // The server of the tests refuses whatever has no token: anything but a server error is an answer.
    expect(stderr).toMatch(/ok http:\/\/shop-dev\.localhost:\d+\/ answers 403/);
    expect(code).toBe(0);
  });

  it("deploys what others need first, and says how to continue when it fails", async () => {
    app({
      "a-front": { namespaces: { A: "front" }, dependencies: ["b-back"] },
      "b-back": { namespaces: { B: "back" } },
    });
    const both = await run(["apply", "a-front", "b-back", "--yes"]);
    expect(both.code).toBe(0);
    expect(both.stdout).toMatch(/^Outputs of b-back:[^]*Outputs of a-front:/);
    expect(verbs().filter((verb) => verb.startsWith("apply"))).toEqual(["apply of b-back", "apply of a-front"]);

    app({
      "a-front": { namespaces: { A: "front", B: "back" }, dependencies: ["b-back"] },
      "b-back": { namespaces: { B: "back-2" } },
    });
    touch("app.cjs");
    // The front's namespace cannot be created while the emulator refuses it.
    const { code, stderr } = await run(["apply", "a-front", "b-back", "--yes"], {
      env: { STAND_IN_FAILS: "no such luck" },
    });
    expect(code).toBe(4);
    expect(stderr).toContain("error ENGINE_FAILED: Terraform could not apply stack 'b-back': no such luck");
    expect(stderr).toContain(
      "not applied, or only in part: a-front, b-back\nto continue, once the cause is removed, run: cfkv apply a-front b-back\n",
    );
  });

  it("works on several stacks at once with --parallel", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } }, "shop-eu": { namespaces: { A: "two" } } });
    const { code } = await run(["apply", "shop-dev", "shop-eu", "--parallel", "--yes"]);

    expect([code, titles()]).toEqual([0, ["one", "two"]]);
  });

  it("passes an interruption on to the engine once, and says how to continue", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev" } } });
    const running = start(["apply", "--yes"], { env: { STAND_IN_WAITS: "1" } });
    await running.says("working until interrupted");
    running.interrupt();
    const { code, stderr } = await running.result;

    expect(code).toBe(4);
    expect(stderr).toContain("interrupted: Terraform was asked to stop");
    expect(stderr).toContain("error ENGINE_INTERRUPTED: interrupted during the apply of stack 'shop-dev'");
    expect(stderr).toContain("to continue, run: cfkv apply shop-dev\n");
    expect(plansLeft()).toEqual([]);
  });

  it("prints everything as JSON with --json", async () => {
    app({ "shop-dev": { environment: "dev", namespaces: { CACHE: "shop-cache-dev" } } });
    const { stdout } = await run(["apply", "--yes", "--json"]);
    const [id = ""] = server().namespaces.keys();

    expect(JSON.parse(stdout)).toMatchObject({
      stacks: [
        {
          stack: "shop-dev",
          environment: "dev",
          protected: false,
          accounts: ["0123456789abcdef0123456789abcdef"],
          engine: "Terraform 1.99.0",
          allowed: true,
          applied: true,
          changes: [{ subject: "namespaces", action: "create", name: "shop-cache-dev" }],
          outputs: { namespace_ids: { value: { CACHE: id }, sensitive: false } },
        },
      ],
    });
  });

  it("shows neither a secret of the plan nor a sensitive output", async () => {
    const secret = "hunter2-in-the-plan";
    app({
      "shop-dev": {
        resource: { secret: { S: { text: secret } } },
        output: { key: { value: secret, sensitive: true } },
      },
    });
    const { code, stdout, stderr } = await run(["apply", "--yes"]);

    expect(code).toBe(0);
    expect(stdout).toContain("  key: <sensitive>\n");
    expect(stdout + stderr.replace(/^key = .*$/m, "")).not.toContain(secret);
  });

  it("synthesizes again when the app is newer than the assembly", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    await run(["apply", "--yes"]);
    app({ "shop-dev": { namespaces: { A: "one", B: "two" } } });
    touch("app.cjs");
    const { stderr } = await run(["apply", "--yes"]);

    expect(titles()).toEqual(["one", "two"]);
    expect(stderr).toContain("synthesizing: sources are newer than the assembly");
  });

  it("does not deploy what cfkv dev synthesized, for which missing names are a warning", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    await run(["dev", "--once"]);
    const { stderr } = await run(["apply", "--yes"]);

    expect(stderr).toContain("synthesizing: cfkv dev made it, which only warns of missing names");
  });
});

describe("what an apply needs", () => {
  it("is an engine, and says where to get one", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    const { code, stderr } = await run(["apply", "--yes"], { env: { PATH: path("nowhere") + ":" + nodeFolder() } });

    expect(code).toBe(1);
    expect(stderr).toContain("error ENGINE_MISSING: neither tofu nor terraform is on PATH\n  help: install OpenTofu");
  });

  it("is OpenTofu where both are installed, unless the stack was deployed with Terraform", async () => {
    addEngine(path("bin/tofu"), "OpenTofu");
    app({ "shop-dev": { namespaces: { A: "one" } }, "shop-eu": { namespaces: { A: "two" } } });
    expect((await run(["apply", "shop-dev", "--yes"])).stderr).toContain("OpenTofu 1.99.0");
    expect((await run(["apply", "shop-eu", "--yes", "--engine", "terraform"])).stderr).toContain(", Terraform 1.99.0");
    write("cdktf.out/stacks/shop-eu/.terraform.lock.hcl", 'provider "registry.terraform.io/cloudflare/cloudflare" {}');
    expect((await run(["plan", "shop-eu"])).stderr).toContain(", Terraform 1.99.0");
  });

  it("is a program that is Terraform, when one is named", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    const { code, stderr } = await run(["apply", "--engine", process.execPath, "--yes"]);

    expect(code).toBe(1);
    expect(stderr).toContain("error ENGINE_MISSING: node is neither OpenTofu nor Terraform");
  });

  it("is a token, before anything is started", async () => {
    app({ "shop-dev": { namespaces: { A: "one" } } });
    const { code, stderr } = await run(["apply", "--yes"], { env: { CLOUDFLARE_API_TOKEN: "" } });

    expect([code, verbs()]).toEqual([1, []]);
    expect(stderr).toContain("error CLOUDFLARE_TOKEN_MISSING: CLOUDFLARE_API_TOKEN is not set");
  });

  it("is a value of every variable", async () => {
    app({ "shop-dev": { variable: { api_key: { sensitive: true }, region: { default: "eu" } } } });
    const { code, stderr } = await run(["apply", "--yes"]);

    expect([code, verbs()]).toEqual([1, []]);
    expect(stderr).toContain("error VARIABLE_MISSING: a variable has no value: TF_VAR_api_key (of shop-dev)");
  });

  it("is a stack, where there are several", async () => {
    app({ "shop-dev": {}, "shop-eu": {} });
    const { code, stderr } = await run(["apply", "--yes"]);

    expect(code).toBe(2);
    expect(stderr).toContain(
      "error STACK_NOT_CHOSEN: several stacks could be meant\n  help: name some of: shop-dev, shop-eu; or an environment\n",
    );
  });
});

/** Makes a file newer than the assembly, whatever the resolution of the clock. */
function touch(name: string): void {
  const later = new Date(Date.now() + 5000);
  utimesSync(path(name), later, later);
  expect(existsSync(path(name))).toBe(true);
}

function nodeFolder(): string {
  return process.execPath.replace(/\/[^/]+$/, "");
}
