import { utimesSync } from "node:fs";
import { startEmulator, type Emulator } from "../../../src/local/emulator/emulator.js";
import { tempDirs } from "../../support/temp-dir.js";
import { cli, type CliOptions } from "../run-cli.js";

const dirs = tempDirs();
const ACCOUNT = "00000000000000000000000000000001";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({});
});
afterAll(() => emulator.close());

/** An app that names what belongs to a preview as an EnvironmentSet does. */
const APP = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  const out = process.env.CDKTF_OUTDIR;
  const preview = process.env.CFKV_PREVIEW;
  const stacks = {};
  const add = (name, developer, environment) => {
    const path = "stacks/" + name;
    stacks[name] = { name, synthesizedStackPath: path + "/cdk.tf.json", workingDirectory: path, dependencies: [], annotations: [] };
    const account_id = "${ACCOUNT}";
    mkdirSync(out + "/" + path, { recursive: true });
    writeFileSync(out + "/" + path + "/cdk.tf.json", JSON.stringify({
      "//": { cfkv: { version: 1, app: "shop", environment, developer, protected: false, namespaces: {}, workers: {} } },
      resource: {
        cloudflare_workers_kv_namespace: { CACHE: { account_id, title: NAME("shop-cache-" + environment, developer) } },
        cloudflare_workers_script: { W: { account_id, script_name: name, content: "", main_module: "w.js" } },
      },
    }));
  };
  const NAME = (first, developer) => (developer === undefined ? first : first + "-" + developer);
  mkdirSync(out, { recursive: true });
  add("shop-prod", undefined, "prod");
  if (preview) add("shop-preview-" + preview, preview, "preview");
  writeFileSync(out + "/manifest.json", JSON.stringify({ version: "0.21.0", stacks }));
`;

const run = (argv: readonly string[], options: CliOptions = {}) =>
  cli(argv, {
    cwd: dirs.path(),
    ...options,
    env: { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_BASE_URL: emulator.baseUrl },
  });

async function api(method: string, path: string, body: unknown): Promise<void> {
  const init = { method, headers: { authorization: "Bearer t" } };
  const response = await fetch(
    `${emulator.baseUrl}/accounts/${ACCOUNT}/${path}`,
    body instanceof FormData ? { ...init, body } : { ...init, body: JSON.stringify(body) },
  );
  expect([path, response.status]).toEqual([path, 200]);
}

const namespace = (title: string) => api("POST", "storage/kv/namespaces", { title });

async function worker(name: string): Promise<void> {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: "w.js" }));
  form.set("w.js", new File(["export default {}"], "w.js", { type: "application/javascript+module" }));
  await api("PUT", `workers/scripts/${name}`, form);
}

async function titles(): Promise<readonly string[]> {
  const { stdout } = await run(["kv", "namespace", "list", "--json"]);
  return (JSON.parse(stdout) as { name?: string; namespaceName?: string }[]).map(
    ({ name, namespaceName }) => name ?? namespaceName ?? "",
  );
}

describe("cfkv previews", () => {
  it("finds what belongs to previews, and deletes what is old, nothing else", async () => {
    dirs.write("cdktf.json", JSON.stringify({ app: "node app.cjs" }));
    dirs.write("app.cjs", APP);
    expect((await run(["previews", "list"])).stdout).toBe("there are no previews\n");

    await namespace("shop-cache-preview-pr-12");
    await worker("shop-preview-pr-12");
    await namespace("shop-cache-preview-pr-13");
    await namespace("shop-cache-prod");
    await namespace("other-cache-preview-pr-12");
    await worker("shop-prod");

    const listed = await run(["previews", "list"]);
    expect(listed.stdout).toMatch(
      /^shop-preview-pr-12 {2}1 Worker, 1 namespace {2}deployed \d{4}-\d\d-\d\d \d\d:\d\d UTC\nshop-preview-pr-13 {2}1 namespace {12}no Worker, so its age is unknown\n$/,
    );
    const young = await run(["previews", "prune", "--older-than", "7d", "--yes"]);
    expect([young.code, young.stdout]).toEqual([0, "0 previews deleted\n"]);

    const asked = await run(["previews", "prune", "--older-than", "0m"]);
    expect([asked.code, asked.stderr.includes("error NOT_CONFIRMED")]).toEqual([1, true]);

    const pruned = await run(["previews", "prune", "--older-than", "0m", "--yes"]);
    expect([pruned.code, pruned.stdout]).toEqual([0, "1 preview deleted\n"]);
    expect(pruned.stderr).toContain("kept: shop-preview-pr-13");
    expect(await titles()).toEqual(["other-cache-preview-pr-12", "shop-cache-preview-pr-13", "shop-cache-prod"]);
  });

  it("says what is missing when the app has no previews, or does not tell them apart", async () => {
    dirs.write("cdktf.json", JSON.stringify({ app: "node app.cjs" }));
    dirs.write("app.cjs", APP.replace("if (preview)", "if (false)"));
    const none = await run(["previews", "list"]);
    dirs.write("app.cjs", APP.replace('first + "-" + developer', "first"));
    utimesSync(dirs.path("app.cjs"), new Date(), new Date());
    const same = await run(["previews", "prune", "--older-than", "1d", "--yes"]);

    expect([none.code, same.code]).toEqual([1, 1]);
    expect(none.stderr).toContain("error PREVIEWS_UNKNOWN: the app has no environment of previews");
    expect(same.stderr).toContain("the name 'shop-cache-preview' does not tell previews apart");
  });

  it("refuses an age that is none", async () => {
    const { code, stderr } = await run(["previews", "prune", "--older-than", "a week"]);
    expect([code, stderr.includes("--older-than must be a number of minutes, hours or days, got 'a week'")]).toEqual([
      2,
      true,
    ]);
  });
});
